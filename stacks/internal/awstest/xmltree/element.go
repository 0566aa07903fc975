// Package xmltree is XML as a tree that is read by path and amended.
package xmltree

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Element is an XML element: either a text or a list of elements. Namespaces and attributes don't matter
// in CloudFront's API and are dropped.
type Element struct {
	Name string
	Text string
	Kids []*Element
}

// New makes an element of elements; nil ones are left out.
func New(name string, kids ...*Element) *Element {
	n := &Element{Name: name}
	for _, kid := range kids {
		if kid != nil {
			n.Kids = append(n.Kids, kid)
		}
	}
	return n
}

// Leaf makes an element of text.
func Leaf(name, text string) *Element { return &Element{Name: name, Text: text} }

// Parse reads one element with everything below it.
func Parse(body []byte) (*Element, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	root := &Element{}
	stack := []*Element{root}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			kid := &Element{Name: token.Name.Local}
			top.Kids = append(top.Kids, kid)
			stack = append(stack, kid)
		case xml.EndElement:
			if len(top.Kids) > 0 {
				top.Text = "" // white space between elements
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.Text += string(token)
		}
	}
	if len(root.Kids) != 1 {
		return nil, errors.New("not one XML element")
	}
	return root.Kids[0], nil
}

// At returns the element at the path below n, or nil; it is safe on nil.
func (n *Element) At(path ...string) *Element {
	for _, name := range path {
		if n == nil {
			return nil
		}
		var next *Element
		for _, kid := range n.Kids {
			if kid.Name == name {
				next = kid
				break
			}
		}
		n = next
	}
	return n
}

// Get returns the text at the path below n, or "".
func (n *Element) Get(path ...string) string {
	if found := n.At(path...); found != nil {
		return found.Text
	}
	return ""
}

// List returns the elements of the Items list at the path below n.
func (n *Element) List(path ...string) []*Element {
	if items := n.At(append(path, "Items")...); items != nil {
		return items.Kids
	}
	return nil
}

// Find returns all elements of the name below n, at any depth.
func (n *Element) Find(name string) []*Element {
	var found []*Element
	for _, kid := range n.Kids {
		if kid.Name == name {
			found = append(found, kid)
		}
		found = append(found, kid.Find(name)...)
	}
	return found
}

// Set replaces the child of kid's name or adds it.
func (n *Element) Set(kid *Element) {
	for i, old := range n.Kids {
		if old.Name == kid.Name {
			n.Kids[i] = kid
			return
		}
	}
	n.Kids = append(n.Kids, kid)
}

// Complete adds copies of the given children that n lacks.
func (n *Element) Complete(defaults ...*Element) {
	for _, kid := range defaults {
		if n.At(kid.Name) == nil {
			n.Kids = append(n.Kids, kid.clone())
		}
	}
}

func (n *Element) clone() *Element {
	copied := &Element{Name: n.Name, Text: n.Text}
	for _, kid := range n.Kids {
		copied.Kids = append(copied.Kids, kid.clone())
	}
	return copied
}

// Render writes the element as a document in a namespace.
func (n *Element) Render(namespace string) []byte {
	var b strings.Builder
	b.WriteString(xml.Header)
	n.write(&b, ` xmlns="`+namespace+`"`)
	return []byte(b.String())
}

func (n *Element) write(b *strings.Builder, attributes string) {
	b.WriteString("<" + n.Name + attributes + ">")
	_ = xml.EscapeText(b, []byte(n.Text)) // a strings.Builder never fails
	for _, kid := range n.Kids {
		kid.write(b, "")
	}
	b.WriteString("</" + n.Name + ">")
}
