package function

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// Objects that goja has, and that aren't in the runtime's list (JavaScript runtime 2.0 features for CloudFront
// Functions).
var absent = []string{
	"AggregateError", "BigInt", "BigInt64Array", "BigUint64Array", "FinalizationRegistry", "Map", "Proxy", "Reflect",
	"Set", "WeakMap", "WeakRef", "WeakSet",
}

// checkSyntax refuses what goja understands and the runtime's list doesn't have: CloudFront's refusal would come at
// deploy or, worse, with the first request. It is as strict as the list, which the runtime itself may not be
// everywhere.
func checkSyntax(program *ast.Program) error {
	c := checker{file: program}
	for _, statement := range program.Body {
		c.walk(reflect.ValueOf(statement), place{})
	}
	return c.err
}

type checker struct {
	file *ast.Program
	err  error // the first
}

// place is what stands around a node.
type place struct{ function, literal bool }

// walk visits every node; goja's syntax tree has no walker of its own.
func (c *checker) walk(v reflect.Value, at place) {
	switch v.Kind() {
	case reflect.Interface:
		c.walk(v.Elem(), at)
	case reflect.Slice:
		for i := range v.Len() {
			c.walk(v.Index(i), at)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if node, is := v.Interface().(ast.Node); is {
			c.check(node, at)
			at = at.inside(node)
		}
		c.walk(v.Elem(), at)
	case reflect.Struct:
		for i := range v.NumField() {
			// The list of a function's variables repeats what is in its body.
			if v.Type().Field(i).Name != "DeclarationList" {
				c.walk(v.Field(i), at)
			}
		}
	}
}

func (p place) inside(node ast.Node) place {
	switch node.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
		return place{function: true}
	case *ast.CallExpression, *ast.NewExpression, *ast.ObjectLiteral, *ast.ArrayLiteral:
		p.literal = true
	}
	return p
}

func (c *checker) check(node ast.Node, at place) {
	if what := unsupported(node, at); what != "" && c.err == nil {
		position := c.file.File.Position(int(node.Idx0()) - c.file.File.Base())
		c.err = fmt.Errorf("line %d: %s isn't in JavaScript runtime 2.0 of CloudFront Functions", position.Line, what)
	}
}

// unsupported names what a node is, if the runtime doesn't have it.
func unsupported(node ast.Node, at place) string {
	switch n := node.(type) {
	case *ast.ClassLiteral, *ast.ClassDeclaration:
		return "class"
	case *ast.ObjectPattern, *ast.ArrayPattern:
		return "destructuring"
	case *ast.SpreadElement:
		return "spread"
	case *ast.OptionalChain:
		return "?."
	case *ast.ForOfStatement:
		return "for-of"
	case *ast.PropertyShort:
		return "a property without its value"
	case *ast.MetaProperty:
		return "new.target"
	case *ast.Identifier:
		if slices.Contains(absent, n.Name.String()) {
			return n.Name.String()
		}
	case *ast.PropertyKeyed:
		if n.Computed || n.Kind == ast.PropertyKindMethod {
			return "a method or a computed name in an object"
		}
	case *ast.CatchStatement:
		if n.Parameter == nil {
			return "catch without a binding"
		}
	case *ast.ParameterList:
		if slices.ContainsFunc(n.List, func(b *ast.Binding) bool { return b.Initializer != nil }) {
			return "a parameter's default"
		}
	case *ast.FunctionLiteral:
		return unsupportedFunction(n.Async, n.Generator, at)
	case *ast.ArrowFunctionLiteral:
		return unsupportedFunction(n.Async, false, place{function: true})
	case *ast.AwaitExpression:
		// njs, which the runtime comes from, refuses it (github.com/nginx/njs/issues/419); the guide's "async
		// arguments".
		if at.literal {
			return "await in arguments, objects and arrays"
		}
	default:
		return unsupportedOperator(node)
	}
	return ""
}

// Only functions of the file itself can be async: "async arguments and closures are not supported" (the same page).
func unsupportedFunction(async, generator bool, at place) string {
	switch {
	case generator:
		return "a generator"
	case async && (at.function || at.literal):
		return "an async closure"
	default:
		return ""
	}
}

func unsupportedOperator(node ast.Node) string {
	switch n := node.(type) {
	case *ast.BinaryExpression:
		if n.Operator == token.COALESCE {
			return "??"
		}
	case *ast.AssignExpression:
		if slices.Contains([]token.Token{token.COALESCE, token.LOGICAL_AND, token.LOGICAL_OR}, n.Operator) {
			return n.Operator.String() + "="
		}
	case *ast.TemplateLiteral:
		if n.Tag != nil {
			return "a template's tag"
		}
	case *ast.NumberLiteral:
		if _, is := n.Value.(*big.Int); is {
			return "a BigInt"
		}
	case *ast.RegExpLiteral:
		if strings.Trim(n.Flags, "gimy") != "" {
			return "a regular expression's flag " + n.Flags
		}
	}
	return ""
}
