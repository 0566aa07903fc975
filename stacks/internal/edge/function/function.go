// Package function runs CloudFront functions of JavaScript runtime 2.0 on viewer requests, as the CloudFront Developer Guide says
// CloudFront does. The pages it follows are named where they are followed.
package function

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// MaxSize is the most bytes that a function's code may have (CloudFront Developer Guide, Quotas, CloudFront Functions: 10 KB,
// not adjustable).
const MaxSize = 10 * 1024

// Program is a function's code, ready to run; it is safe for concurrent use.
type Program struct {
	name      string
	limit     time.Duration
	code      *goja.Program // a function that runs the top level, and returns the handler
	module    string        // what the code calls the module cloudfront; "" if it doesn't import it
	constants map[string]string
	runs      sync.Pool // of *run
}

// Error is a function's failure, which CloudFront answers with the status.
type Error struct {
	Function string
	Status   int
	Message  string
}

func (e *Error) Error() string {
	return fmt.Sprintf("function %s: %s (CloudFront answers %d)", e.Function, e.Message, e.Status)
}

// importLine is the one import that there is; the guide wants it in the first line (Helper methods for key value stores).
var importLine = regexp.MustCompile(`(?m)^import ([A-Za-z_$][\w$]*) from (?:'cloudfront'|"cloudfront");?[ \t]*$`)

// Compile reads a function's code. It refuses what CloudFront would refuse: too much of it, and syntax that the runtime doesn't have.
func Compile(name, code string) (*Program, error) {
	p := &Program{name: name, limit: timeLimit, constants: map[string]string{}}
	if err := p.compile(code); err != nil {
		return nil, fmt.Errorf("function %s: %w", name, err)
	}
	return p, nil
}

func (p *Program) compile(code string) error {
	if len(code) > MaxSize {
		return fmt.Errorf("must have at most %d bytes, has %d", MaxSize, len(code))
	}
	// goja has no modules: the import becomes spaces, so that places in messages stay, and its binding a global.
	if at := importLine.FindStringSubmatchIndex(code); at != nil {
		p.module = code[at[2]:at[3]]
		code = code[:at[0]] + strings.Repeat(" ", at[1]-at[0]) + code[at[1]:]
	}
	program, err := goja.Parse(p.name, code)
	if err != nil {
		return err
	}
	if err := checkSyntax(program); err != nil {
		return err
	}
	p.readConstants(program)
	// Functions are in strict mode (JavaScript runtime 2.0 features for CloudFront Functions, Core features).
	whole := "(function () {" + code + "\nreturn typeof handler === 'function' ? handler : undefined; })"
	if p.code, err = goja.Compile(p.name, whole, true); err != nil {
		return err
	}
	first, err := p.newRun()
	if err != nil {
		return err
	}
	p.runs.Put(first)
	p.runs.New = func() any {
		another, err := p.newRun()
		if err != nil {
			panic(err) // the first one worked
		}
		return another
	}
	return nil
}

// Constant is the value of a top-level const that is a text or a number, or "".
func (p *Program) Constant(name string) string { return p.constants[name] }

func (p *Program) readConstants(program *ast.Program) {
	for _, statement := range program.Body {
		declaration, is := statement.(*ast.LexicalDeclaration)
		if !is || declaration.Token != token.CONST {
			continue
		}
		for _, binding := range declaration.List {
			name, is := binding.Target.(*ast.Identifier)
			if !is {
				continue
			}
			switch value := binding.Initializer.(type) {
			case *ast.StringLiteral:
				p.constants[name.Name.String()] = value.Value.String()
			case *ast.NumberLiteral:
				p.constants[name.Name.String()] = fmt.Sprint(value.Value)
			}
		}
	}
}
