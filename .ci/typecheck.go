// Command typecheck type-checks the program and its tests for other systems than this one. Compiling them with all that
// they import would take minutes for each.
package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"os"

	"golang.org/x/tools/go/packages"
)

func main() {
	failed := 0
	for _, system := range os.Args[1:] {
		loaded, err := packages.Load(&packages.Config{
			Mode:  packages.LoadAllSyntax,
			Env:   append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
			Tests: true,
			ParseFile: func(fset *token.FileSet, name string, text []byte) (*ast.File, error) {
				return parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
			},
		}, "./...")
		if err != nil {
			log.Fatalf("%s: %v", system, err)
		}
		failed += packages.PrintErrors(loaded)
	}
	if failed > 0 {
		os.Exit(1)
	}
}
