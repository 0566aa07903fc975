package function

import "github.com/dop251/goja/ast"

func checkSyntax(_ *ast.Program) error { return nil }
