package function

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

func TestSyntax(t *testing.T) {
	for _, c := range []struct{ code, wants string }{
		{"const {a} = b;", "destructuring"},
		{"const [a] = b;", "destructuring"},
		{"function f({a}) {}", "destructuring"},
		{"class A {}", "class"},
		{"f(...a);", "spread"},
		{"const a = [...b];", "spread"},
		{"const a = {...b};", "spread"},
		{"a?.b;", "?."},
		{"a ?? b;", "??"},
		{"a ??= b;", "??="},
		{"a ||= b;", "||="},
		{"for (const a of b) {}", "for-of"},
		{"const a = {b};", "a property without its value"},
		{"const a = {b() {}};", "a method or a computed name in an object"},
		{"const a = {[b]: 1};", "a method or a computed name in an object"},
		{"try { a(); } catch { b(); }", "catch without a binding"},
		{"function f(a = 1) {}", "a parameter's default"},
		{"function* f() {}", "a generator"},
		{"const f = () => { async function g() {} };", "an async closure"},
		{"const f = async () => 1;", "an async closure"},
		{"f(async function () {});", "an async closure"},
		{"async function f() { g(await h()); }", "await in arguments, objects and arrays"},
		{"async function f() { return {a: await h()}; }", "await in arguments, objects and arrays"},
		{"tag`a`;", "a template's tag"},
		{"const a = 1n;", "a BigInt"},
		{"const a = /a/u;", "a regular expression's flag u"},
		{"const a = new Map();", "Map"},
		{"\n\nfunction f() {\n  if (a) { return new Set(); }\n}", "line 4: Set"},
	} {
		_, err := Compile("f", c.code)
		require.ErrorContains(t, err, c.wants+" isn't in JavaScript runtime 2.0", c.code)
	}
}

func TestSyntaxOfTheRuntime(t *testing.T) {
	for _, code := range []string{
		"import cf from 'cloudfront';\nconst kvs = cf.kvs();",
		`import cf from "cloudfront"`,
		"let a = 1; const b = 2 ** 3; var c = `a ${`b ${a}`}`;",
		"const f = (a, ...rest) => a; function g(a, ...rest) { return rest; }",
		"async function f() { const a = await g(); if (!(await h())) { throw new Error('a'); } return `${await g()}`; }",
		"for (var a in b) { continue; } do {} while (0); l: for (;;) { break l; }",
		"const a = {b: 1, 'c': 2, get d() { return 1; }};",
		"const a = /(?<n>a)/gimy; const n = 1_000;",
		"try { a(); } catch (e) { b(); } finally { c(); }",
	} {
		_, err := Compile("f", code)
		require.NoError(t, err, code)
	}
}

func TestCompileRefuses(t *testing.T) {
	_, err := Compile("f", strings.Repeat("a", cloudfront.MaxFunctionBytes+1))
	require.EqualError(t, err, "function f: must have at most 10240 bytes, has 10241")
	for _, code := range []string{"function (", "import fs from 'fs';", "await 1;", "with (a) {}", "const a = 1; const a = 2;"} {
		_, err := Compile("f", code)
		require.Error(t, err, code)
	}
}
