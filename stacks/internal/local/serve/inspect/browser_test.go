package inspect

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// needBrowser returns the path of Chromium or Chrome.
func needBrowser(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	for _, name := range []string{"google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const what = "neither google-chrome nor chromium is on the PATH: install one (https://www.chromium.org/getting-involved/download-chromium)"
	if os.Getenv("ACCELERATOR_BROWSER") == "required" {
		t.Fatal(what)
	}
	t.Skip(what)
	return ""
}

// userData is a folder for a browser, whose processes may still write into it for a moment when it has ended.
func userData(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "inspect-browser-")
	require.NoError(t, err)
	t.Cleanup(func() {
		require.Eventually(t, func() bool { return os.RemoveAll(dir) == nil }, time.Minute, 50*time.Millisecond)
	})
	return dir
}

// browser opens a tab in a browser without a window, and collects what the page complains about.
func browser(t *testing.T) (ctx context.Context, complaints func() []string) {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(needBrowser(t)), chromedp.UserDataDir(userData(t)), chromedp.WindowSize(1280, 800),
		chromedp.NoSandbox, // root has no sandbox, and only our own page is opened
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute) // only a hang takes as long
	t.Cleanup(cancel)
	var mu sync.Mutex
	var heard []string
	chromedp.ListenTarget(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			heard = append(heard, e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			heard = append(heard, e.Entry.Text+" "+e.Entry.URL)
		}
	})
	require.NoError(t, chromedp.Run(ctx, log.Enable(), runtime.Enable()))
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return heard
	}
}

// tab is what a person sees and does.
type tab struct {
	*testing.T
	ctx context.Context
}

func (p tab) run(actions ...chromedp.Action) {
	p.Helper()
	require.NoError(p, chromedp.Run(p.ctx, actions...))
}

// press sends keys to whatever has the focus.
func (p tab) press(keys ...string) {
	p.Helper()
	for _, name := range keys {
		key := kb.Keys[[]rune(name)[0]]
		event := input.DispatchKeyEvent(input.KeyDown).WithKey(key.Key).WithCode(key.Code).WithText(key.Text).WithWindowsVirtualKeyCode(key.Windows)
		p.run(event, input.DispatchKeyEvent(input.KeyUp).WithKey(key.Key).WithCode(key.Code).WithWindowsVirtualKeyCode(key.Windows))
	}
}

// sees waits until an expression of JavaScript has a value.
func (p tab) sees(want any, expression string) {
	p.Helper()
	var got any
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		got = nil
		if err := chromedp.Run(p.ctx, chromedp.Evaluate(expression, &got)); err != nil {
			got = err // what it looks at isn't there yet
		}
		if fmt.Sprint(got) == fmt.Sprint(want) {
			return
		}
	}
	require.Equal(p, want, got, expression)
}

const (
	rowCount   = `document.querySelectorAll("#rows tr:not([hidden])").length`
	rowText    = `(document.activeElement.closest("tr")?.innerText ?? "no row").replaceAll(/\s+/g, " ").replace(/^\S+ /, "")`
	panelText  = `document.querySelector("#panel").innerText`
	panelTitle = `(document.querySelector("#panel h2")?.innerText ?? "")`
	routeTexts = `[...document.querySelectorAll("#routes li")].map(li => li.innerText.replaceAll("\n", " ")).join("; ")`
)

// TestPage is a person at the page.
func TestPage(t *testing.T) {
	ctx, complaints := browser(t)
	p, d := tab{t, ctx}, edgetest.Distribution(t)
	i := New(Options{Environment: "dev", Edge: "http://localhost:8080"})
	server := httptest.NewServer(i.Handler())
	defer server.Close()
	defer server.CloseClientConnections()

	p.run(chromedp.Navigate(server.URL))
	p.sees("live", `document.querySelector("#connection").innerText`)
	p.sees("curl -i http://localhost:8080/", `document.querySelector("#example").innerText`)
	p.sees(0, rowCount)

	// A row for each request, and the rate of its route.
	const secret = "sk-abcdefghijklmnopqrstuvwxyz0123456789"
	header := http.Header{"Authorization": {"Bearer " + secret}, "Cookie": {"session=" + secret}}
	i.Observe(ended(missed(t, d, "early", "/v1/models", nil))) // has no beginning
	first := missed(t, d, "first", "/v1/models?limit=5&api_key="+secret, header)
	i.Observe(first)
	p.sees("open", `document.querySelector("#rows .badge.open").innerText`)
	p.sees(true, `Number(document.querySelector("#rows [data-begin]").innerText) > 500`) // grows
	i.Observe(ended(first))
	p.sees(0, `document.querySelectorAll("#rows .badge.open").length`)
	p.sees("/v1/models* 0% 0 of 1", routeTexts)
	second := answered(t, d, "second", "GET", "/v1/models?limit=5", header, exchange.Hit)
	i.Observe(second)
	i.Observe(ended(second))
	p.sees("/v1/models* 50% 1 of 2", routeTexts)
	p.sees(true, `document.querySelector("#routes .line").getAttribute("d").startsWith("M")`)

	// A path that is a script is text.
	evil := answered(t, d, "evil", "GET", `/<img src=x onerror="document.title='run'">?<script>document.title='run'</script>`, http.Header{"X-A": {"<script>document.title='run'</script>"}}, exchange.Miss)
	evil.Why = "<img src=x onerror=\"document.title='run'\">"
	i.Observe(evil)
	i.Observe(ended(evil))
	p.sees(3, rowCount)

	// The keyboard moves, opens, goes on and closes.
	p.press("j")
	p.sees(`200 GET /%3Cimg%20src=x%20onerror=%22document.title=%27run%27%22%3E?<script>document.title='run'</script> * not cached 42`, rowText)
	p.press(kb.Enter)
	p.sees(true, panelText+`.includes("<img src=x onerror=\"document.title='run'\">")`)
	p.sees("dev: requests at the edge", "document.title")
	p.sees(0, `document.querySelectorAll("#panel img, #panel script, #rows img, #rows script").length`)
	p.press("j", "j")
	p.sees("GET /v1/models?limit=5&api_key=sk-ab…(39 characters)", panelTitle)
	for _, want := range []string{
		"Goes to api as https://inference.example.com/v1/models?limit=5", "not /v1/embeddings*", "Stored: the origin says nothing", "for 60 s, without asking the origin",
		"http://localhost:8000/v1/models?limit=5", "Bearer sk-ab…(39 characters)", "session=sk-ab…(39 characters)", "fails over to api-failover",
	} {
		p.sees(true, panelText+fmt.Sprintf(`.includes(%q)`, want))
	}
	p.sees(false, `document.documentElement.outerHTML.includes("`+secret[:6]+`")`)
	p.press(kb.Escape)
	p.sees(true, `document.querySelector("#panel").hidden`)
	p.sees("200 GET /v1/models?limit=5&api_key=sk-ab…(39 characters) /v1/models* Miss 42", rowText)
	p.press(kb.ArrowUp, kb.ArrowUp, kb.ArrowUp)
	p.sees(true, rowText+`.includes("GET /%3Cimg")`)

	// The filter.
	p.press("/")
	p.sees("filter", "document.activeElement.id")
	p.press("h", "i", "t", " ", "2", "0", "0")
	p.sees("hit 200", `document.activeElement.value`)
	p.sees(1, rowCount)
	p.press(kb.Enter)
	p.sees("200 GET /v1/models?limit=5 /v1/models* Hit 42", rowText)
	p.press("/", kb.Escape)
	p.sees(3, rowCount)

	// In a narrow window the panel covers the list.
	p.run(chromedp.EmulateViewport(390, 780))
	p.press(kb.Escape, kb.Enter)
	p.sees(true, panelTitle+`.startsWith("GET /v1/models")`)
	p.sees("true panel-title", `document.querySelector("#list").inert + " " + document.activeElement.id`)
	p.press(kb.Escape)
	p.sees(false, `document.querySelector("#list").inert`)
	p.run(chromedp.EmulateViewport(1280, 800))
	p.sees("200 GET /v1/models?limit=5 /v1/models* Hit 42", rowText)

	// What was missed while the connection was down comes when it is back.
	server.CloseClientConnections()
	third := answered(t, d, "third", "POST", "/v1/chat", nil, exchange.Miss)
	i.Observe(third)
	p.sees(4, rowCount)
	p.sees("/v1/models* 50% 1 of 2; * – 2, none cacheable", routeTexts)

	// An open one that is looked at ends.
	p.run(chromedp.Click("#rows tr:first-child td.result"))
	p.sees(true, panelText+`.includes(" ms so far")`)
	i.Observe(ended(third))
	p.sees(true, panelText+`.includes("\n42 ms\n")`)
	p.press(kb.Escape)

	// A POST looks nothing up, whatever X-Cache says.
	p.sees("not cached", `document.querySelector("#rows td.result").innerText`)
	p.sees(false, `document.querySelector("#requests").innerText.includes("Caller")`)

	// Who called has a column, and is found.
	known := answered(t, edgetest.Callers(t), "known", "POST", "/v1/chat", nil, exchange.Miss)
	known.Decision = edgetest.Callers(t).Decide(edge.Request{Method: "POST", URL: "/v1/chat", Caller: "alice", Canary: true})
	i.Observe(known)
	i.Observe(ended(known))
	p.press("/", "a", "l", "i", "c", "e")
	p.sees(1, rowCount)
	p.press(kb.Enter)
	p.sees("200 POST /v1/chat * · canary alice not cached 42", rowText)
	p.press(kb.Enter)
	p.sees(true, panelText+`.includes("alice, at 127.0.0.1:50001")`)
	p.press(kb.Escape)
	p.run(chromedp.EmulateViewport(390, 780))
	p.sees("none table-cell", `["route", "caller"].map(name => getComputedStyle(document.querySelector("#rows tr:not([hidden]) td." + name)).display).join(" ")`)
	for _, cell := range []string{"caller", "result"} {
		p.sees(true, fmt.Sprintf(`(cell => cell.scrollWidth <= cell.clientWidth)(document.querySelector("#rows tr:not([hidden]) td.%s"))`, cell))
	}
	p.run(chromedp.EmulateViewport(1280, 800))
	p.press("/", kb.Escape)
	p.sees("5 requests", `document.querySelector("#count").innerText`)

	// The newest are first, and no more are kept than on the server.
	for n := range capacity {
		i.Observe(answered(t, d, fmt.Sprint(n), "GET", fmt.Sprintf("/v1/chat?n=%d", n), nil, exchange.Miss))
	}
	p.sees("/v1/chat?n=299", `document.querySelector("#rows tr:first-child .url").innerText`)
	p.sees("/v1/chat?n=0", `document.querySelector("#rows tr:last-child .url").innerText`)
	p.sees(capacity, rowCount)
	p.sees("last 300", `document.querySelector("#count").innerText`)
	p.press("2", "9", "9") // the filter has the focus still
	p.sees("1 of the last 300", `document.querySelector("#count").innerText`)
	p.press(kb.Escape)

	// Clearing empties the server's memory too.
	open := answered(t, d, "open", "GET", "/v1/models", nil, exchange.Hit)
	i.Observe(open)
	p.run(chromedp.Click("#clear"))
	p.sees(0, rowCount)
	p.sees("", routeTexts)
	i.Observe(ended(open))
	p.run(chromedp.Reload())
	p.sees("live", `document.querySelector("#connection").innerText`)
	p.sees(false, `document.querySelector("#empty").hidden`)

	for _, complaint := range complaints() {
		require.Regexp(t, "net::ERR_.*/events$", complaint) // the connection that was cut
	}
}
