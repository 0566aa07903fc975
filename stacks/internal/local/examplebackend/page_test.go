package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/local/browsertest"
)

func none(context.Context) {}

func TestHandler(t *testing.T) {
	for _, r := range []struct{ request, kind, want string }{
		{"GET /", "text/html; charset=utf-8", "<!doctype html>"},
		{"GET /index.html", "text/html; charset=utf-8", "<!doctype html>"},
		{"GET /chat.js", "text/javascript; charset=utf-8", "Authorization"},
		{"GET /chat.css", "text/css; charset=utf-8", "color-scheme"},
		{"GET /icon.svg", "image/svg+xml", "<svg"},
		{"GET /api/index.html", "text/html; charset=utf-8", "<!doctype html>"},
		{"GET /api/v1/", "application/json", "Unknown request URL"},
		{"GET /api/v1/models", "application/json", `"id":"echo"`},
		{"POST /", "application/json", "Unknown request URL: POST /"},
		{"GET /main.go", "application/json", "Unknown request URL"},
		{"GET /page", "application/json", "Unknown request URL: GET /page"},
	} {
		method, target, _ := strings.Cut(r.request, " ")
		answer := httptest.NewRecorder()
		request := httptest.NewRequest(method, "/", nil)
		request.URL.Path = target
		handler(none).ServeHTTP(answer, request)
		require.Equal(t, r.kind, answer.Header().Get("Content-Type"), r.request)
		require.Contains(t, answer.Body.String(), r.want, r.request)
		require.Equal(t, !strings.Contains(r.kind, "json"), answer.Header().Get("Content-Security-Policy") == "default-src 'self'", r.request)
	}
}

// api is the example, which refuses, or lets its words come one by one.
type api struct {
	handler http.Handler
	words   chan struct{} // each lets one come; nil: all come
	refuse  atomic.Value  // of http.HandlerFunc; what answers a chat instead
	bodies  chan string   // of chats
	keys    chan string   // of chats
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/chat/completions" {
		body, _ := io.ReadAll(r.Body) // a wrong one is seen
		a.bodies <- string(body)
		a.keys <- r.Header.Get("Authorization")
		if refuse := a.refuse.Load().(http.HandlerFunc); refuse != nil {
			refuse(w, r)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	a.handler.ServeHTTP(w, r)
}

func (a *api) answers(f http.HandlerFunc) { a.refuse.Store(f) }

// says answers with an error as the edge does.
func says(status int, retryAfter, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error": {"message": %q, "type": "invalid_request_error", "param": null, "code": null}}`, message)
	}
}

// streams answers with parts of a stream. If it is to be cut off, that is when it is told so.
func streams(cut <-chan struct{}, parts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, part := range parts {
			fmt.Fprint(w, part)
			_ = http.NewResponseController(w).Flush() // the caller may have left
		}
		if cut != nil {
			<-cut
			panic(http.ErrAbortHandler)
		}
	}
}

const (
	spoken  = `[...document.querySelectorAll("#log article")].map(a => a.innerText.replaceAll(/\s+/g, " ").trim()).join("; ")`
	reason  = `document.querySelector("#problem").hidden ? "" : document.querySelector("#reason").innerText`
	focused = `document.activeElement.id`
	// lowContrast lists texts of less than 4.5:1 (WCAG 2.2, 1.4.3).
	lowContrast = `(() => {
		const parse = (text) => text.match(/[\d.]+/g).map(Number);
		const light = (text) => {
			const [r, g, b] = parse(text).map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
			return 0.2126 * r + 0.7152 * g + 0.0722 * b;
		};
		const behind = (e) => {
			for (; e; e = e.parentElement) {
				const colour = getComputedStyle(e).backgroundColor;
				if ((parse(colour)[3] ?? 1) > 0) return colour;
			}
			return "rgb(255, 255, 255)";
		};
		return [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() &&
			(e.value || [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))).filter((e) => {
			const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
			return (a + 0.05) / (b + 0.05) < 4.5;
		}).map((e) => e.id || e.tagName).join(" ");
	})()`
	// small lists what is too small to hit with a finger, and too wide is whether the page moves sideways.
	small   = `[...document.querySelectorAll("button, input, textarea")].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44).map((e) => e.id).join(" ")`
	tooWide = `document.documentElement.scrollWidth > innerWidth || document.querySelector("#log").scrollWidth > document.querySelector("#log").clientWidth`
)

// TestPage is a person at the page.
func TestPage(t *testing.T) {
	p, complaints := browsertest.Open(t)
	a := &api{words: make(chan struct{}, 100), bodies: make(chan string, 100), keys: make(chan string, 100)}
	a.answers(nil)
	a.handler = handler(func(ctx context.Context) {
		select {
		case <-a.words:
		case <-ctx.Done():
		}
	})
	server := httptest.NewServer(a)
	defer server.Close()
	defer server.CloseClientConnections()
	let := func(words int) {
		for range words {
			a.words <- struct{}{}
		}
	}
	p.Run(chromedp.Navigate(server.URL))
	p.Sees("text", focused)
	p.Sees("echo", `[...document.querySelectorAll("#models option")].map(o => o.value).join()`)

	// An answer comes word by word, is busy until it is whole, and is text, whatever it says.
	p.Press(strings.Split("hi <img src=x onerror=document.title='run'> <b>you</b>", "")...)
	p.Press(kb.Enter)
	p.Sees("You hi <img src=x onerror=document.title='run'> <b>you</b>", spoken)
	let(1)
	p.Sees("You hi <img src=x onerror=document.title='run'> <b>you</b>; Model hi", spoken)
	p.Sees("true 1", `document.querySelector("article.assistant").getAttribute("aria-busy") + " " + document.getAnimations().length`)
	p.Sees("true false", `document.querySelector("#send").hidden + " " + document.querySelector("#stop").hidden`)
	let(4)
	p.Sees("You hi <img src=x onerror=document.title='run'> <b>you</b>; Model hi <img src=x onerror=document.title='run'> <b>you</b>", spoken)
	p.Sees(nil, `document.querySelector("article.assistant").getAttribute("aria-busy")`)
	p.Sees("Chat 0", `document.title + " " + document.querySelectorAll("#log img, #log b").length`)
	require.JSONEq(t, `{"model": "echo", "stream": true, "messages": [{"role": "user", "content": "hi <img src=x onerror=document.title='run'> <b>you</b>"}]}`, <-a.bodies)
	require.Empty(t, <-a.keys)

	// Shift+Enter starts a line; the conversation goes along.
	p.Run(chromedp.Evaluate(`document.querySelector("#clear").click()`, nil))
	p.Sees("", spoken)
	p.Sees("text", focused)
	p.Press("a")
	p.Run(chromedp.KeyEvent("\r", chromedp.KeyModifiers(8)))
	p.Press("b")
	p.Sees("a\nb", `document.querySelector("#text").value`)
	let(2)
	p.Press(kb.Enter)
	p.Sees("You a b; Model a b", spoken)
	<-a.bodies
	<-a.keys
	p.Press("c", kb.Enter)
	let(1)
	p.Sees("You a b; Model a b; You c; Model c", spoken)
	require.JSONEq(t, `{"model": "echo", "stream": true, "messages": [{"role": "user", "content": "a\nb"}, {"role": "assistant", "content": "a b"}, {"role": "user", "content": "c"}]}`, <-a.bodies)
	<-a.keys

	// It is there after a reload.
	p.Run(chromedp.Reload())
	p.Sees("You a b; Model a b; You c; Model c", spoken)
	p.Sees("text", focused)

	// Escape stops, and what came stays; so does the button.
	for _, stop := range []func(){
		func() { p.Press(kb.Escape) },
		func() { p.Run(chromedp.Click("#stop")) },
	} {
		p.Run(chromedp.Evaluate(`document.querySelector("#clear").click()`, nil))
		p.Press(strings.Split("one two", "")...)
		p.Press(kb.Enter)
		let(1)
		p.Sees("You one two; Model one", spoken)
		stop()
		p.Sees("You one two; Model one (stopped)", spoken)
		p.Sees("false true", `document.querySelector("#send").hidden + " " + document.querySelector("#stop").hidden`)
		p.Sees("text", focused)
		p.Sees("", reason)
		<-a.bodies
		<-a.keys
	}

	// Errors of the edge.
	p.Run(chromedp.Evaluate(`document.querySelector("#clear").click()`, nil))
	a.answers(says(http.StatusTooManyRequests, "12", "Too many requests."))
	p.Press("x", kb.Enter)
	p.Sees("That was too much at a time. Too many requests. Try again in 12 s.", reason)
	a.answers(says(http.StatusServiceUnavailable, "300", "Paused for maintenance."))
	p.Run(chromedp.Click("#again"))
	p.Sees("The API is paused or overloaded. Paused for maintenance. Try again in 5 minutes.", reason)
	p.Sees("text", focused)
	a.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	p.Run(chromedp.Click("#again"))
	p.Sees("The API answered with status 502.", reason)
	cut := make(chan struct{})
	a.answers(streams(cut, "data: {\"choices\": [{\"delta\": {\"content\": \"half\"}}]}\n\n"))
	p.Run(chromedp.Click("#again"))
	p.Sees("You x; Model half", spoken)
	close(cut)
	p.Sees("The answer was cut off.", reason)
	p.Sees("You x; Model half (not all of it)", spoken)
	a.answers(streams(nil, "data: {\"choi", "ces\": [{\"delta\": {\"content\": \"ü", "!\"}}]}\r", "\n\r\n", "data: {\"error\": {\"message\": \"out of memory\"}}\n\n"))
	p.Run(chromedp.Click("#again"))
	p.Sees("out of memory", reason)
	p.Sees("You x; Model ü! (not all of it)", spoken)
	a.answers(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"choices": [{"message": {"content": "at once"}}]}`)
	})
	p.Run(chromedp.Click("#again"))
	p.Sees("You x; Model at once", spoken)
	p.Sees("", reason)
	for range 6 {
		<-a.bodies
		require.Empty(t, <-a.keys)
	}

	// A key is asked for, kept in the tab alone, and sent.
	a.answers(says(http.StatusUnauthorized, "", "Send an API key in the header Authorization: Bearer KEY"))
	p.Press("y", kb.Enter)
	p.Sees("The API wants a key, or doesn't know this one. Send an API key in the header Authorization: Bearer KEY", reason)
	p.Sees("key", focused)
	require.Empty(t, <-a.keys)
	<-a.bodies
	for _, scheme := range []string{"light", "dark"} {
		p.Run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
		p.Sees(map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 28)"}[scheme], `getComputedStyle(document.body).backgroundColor`)
		p.Sees("", lowContrast)
	}
	a.answers(nil)
	p.Press("k", "e", "y")
	let(1)
	p.Press(kb.Enter)
	p.Sees("You x; Model at once; You y; Model y", spoken)
	require.Equal(t, "Bearer key", <-a.keys)
	<-a.bodies
	p.Sees("key 0  ", `sessionStorage.getItem("key") + " " + localStorage.length + " " + document.cookie + " " + document.querySelector("#key").value`)

	// On a phone, also with long words and without motion, in the order of the page.
	p.Run(chromedp.EmulateViewport(320, 568))
	p.Run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}))
	p.Press(strings.Split(strings.Repeat("w", 80)+" end", "")...)
	p.Press(kb.Enter)
	let(1)
	p.Sees(true, spoken+`.endsWith("; Model `+strings.Repeat("w", 80)+`")`)
	p.Sees(0, `document.getAnimations().length`)
	let(1)
	p.Sees(true, spoken+`.endsWith(" end")`)
	p.Sees(false, tooWide)
	p.Sees("", small)
	p.Run(chromedp.Focus("#model"))
	for _, want := range []string{"clear", "log", "text", "send"} {
		p.Press(kb.Tab)
		p.Sees(want, focused)
	}
	p.Sees("", `[...document.querySelectorAll("input, textarea")].filter((e) => e.labels.length === 0).map((e) => e.id).join(" ")`)

	for _, complaint := range complaints() {
		require.Regexp(t, `status of (401|429|502|503)|net::ERR_INCOMPLETE_CHUNKED_ENCODING`, complaint)
	}
}

// TestPageWithoutAPI says so.
func TestPageWithoutAPI(t *testing.T) {
	p, _ := browsertest.Open(t)
	server := httptest.NewServer(handler(none))
	p.Run(chromedp.Navigate(server.URL))
	p.Sees("text", focused)
	server.CloseClientConnections()
	server.Close()
	p.Press("x", kb.Enter)
	p.Sees("The API can't be reached.", reason)
	p.Sees("You x", spoken)
}
