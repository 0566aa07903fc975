package awstest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// node is an XML element: either a text or a list of elements. Namespaces and
// attributes do not matter in CloudFront's API and are dropped.
type node struct {
	name string
	text string
	kids []*node
}

// el makes an element of elements; nil ones are left out.
func el(name string, kids ...*node) *node {
	n := &node{name: name}
	for _, kid := range kids {
		if kid != nil {
			n.kids = append(n.kids, kid)
		}
	}
	return n
}

// leaf makes an element of text.
func leaf(name, text string) *node { return &node{name: name, text: text} }

// parseXML reads one element with everything below it.
func parseXML(body []byte) (*node, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	root := &node{}
	stack := []*node{root}
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
			kid := &node{name: token.Name.Local}
			top.kids = append(top.kids, kid)
			stack = append(stack, kid)
		case xml.EndElement:
			if len(top.kids) > 0 {
				top.text = "" // white space between elements
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(token)
		}
	}
	if len(root.kids) != 1 {
		return nil, errors.New("not one XML element")
	}
	return root.kids[0], nil
}

// at returns the element at the path below n, or nil; it is safe on nil.
func (n *node) at(path ...string) *node {
	for _, name := range path {
		if n == nil {
			return nil
		}
		var next *node
		for _, kid := range n.kids {
			if kid.name == name {
				next = kid
				break
			}
		}
		n = next
	}
	return n
}

// get returns the text at the path below n, or "".
func (n *node) get(path ...string) string {
	if found := n.at(path...); found != nil {
		return found.text
	}
	return ""
}

// list returns the elements of the Items list at the path below n.
func (n *node) list(path ...string) []*node {
	if items := n.at(append(path, "Items")...); items != nil {
		return items.kids
	}
	return nil
}

// find returns all elements of the name below n, at any depth.
func (n *node) find(name string) []*node {
	var found []*node
	for _, kid := range n.kids {
		if kid.name == name {
			found = append(found, kid)
		}
		found = append(found, kid.find(name)...)
	}
	return found
}

// set replaces the child of kid's name or adds it.
func (n *node) set(kid *node) {
	for i, old := range n.kids {
		if old.name == kid.name {
			n.kids[i] = kid
			return
		}
	}
	n.kids = append(n.kids, kid)
}

// complete adds copies of the given children that n lacks.
func (n *node) complete(defaults ...*node) {
	for _, kid := range defaults {
		if n.at(kid.name) == nil {
			n.kids = append(n.kids, kid.clone())
		}
	}
}

func (n *node) clone() *node {
	copied := &node{name: n.name, text: n.text}
	for _, kid := range n.kids {
		copied.kids = append(copied.kids, kid.clone())
	}
	return copied
}

// render writes the element as a document in CloudFront's namespace.
func (n *node) render() []byte {
	var b strings.Builder
	b.WriteString(xml.Header)
	n.write(&b, ` xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"`)
	return []byte(b.String())
}

func (n *node) write(b *strings.Builder, attributes string) {
	b.WriteString("<" + n.name + attributes + ">")
	_ = xml.EscapeText(b, []byte(n.text)) // a strings.Builder never fails
	for _, kid := range n.kids {
		kid.write(b, "")
	}
	b.WriteString("</" + n.name + ">")
}
