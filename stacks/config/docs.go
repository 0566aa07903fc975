package config

import (
	"embed"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strings"
	"sync"
)

// The documentation of the types is written once, as Go comments, and read from there for editors and the README.
//
//go:embed *.go
var sources embed.FS

// comments returns the documentation by type, and by type and field: "API", "API.httpsPort".
var comments = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	files, err := fs.Glob(sources, "*.go")
	if err != nil {
		panic(err)
	}
	for _, name := range files {
		text, err := sources.ReadFile(name)
		if err != nil {
			panic(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
		if err != nil {
			panic(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			decl, ok := n.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				return true
			}
			spec := decl.Specs[0].(*ast.TypeSpec)
			found[spec.Name.Name] = sentence(decl.Doc)
			if fields, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range fields.Fields.List {
					if f.Tag != nil {
						found[spec.Name.Name+"."+jsonName(f.Tag.Value)] = sentence(f.Doc)
					}
				}
			}
			return true
		})
	}
	return found
})

// sentence joins the lines of a comment.
func sentence(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }

// jsonName returns the name that a struct tag gives a field.
func jsonName(tag string) string {
	_, rest, _ := strings.Cut(tag, `json:"`)
	name, _, _ := strings.Cut(rest, `"`)
	name, _, _ = strings.Cut(name, ",")
	return name
}
