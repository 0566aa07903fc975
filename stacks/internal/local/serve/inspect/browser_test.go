package inspect

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/local/browsertest"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

const (
	rowCount   = `document.querySelectorAll("#rows tr:not([hidden])").length`
	rowText    = `(document.activeElement.closest("tr")?.innerText ?? "no row").replaceAll(/\s+/g, " ").replace(/^\S+ /, "")`
	panelText  = `document.querySelector("#panel").innerText`
	panelTitle = `(document.querySelector("#panel h2")?.innerText ?? "")`
	routeTexts = `[...document.querySelectorAll("#routes li")].map(li => li.innerText.replaceAll("\n", " ")).join("; ")`
)

// TestPage is a person at the page.
func TestPage(t *testing.T) {
	p, complaints := browsertest.Open(t)
	d := edgetest.Distribution(t)
	i := New(Options{Environment: "dev", Edge: "http://localhost:8080"})
	server := httptest.NewServer(i.Handler())
	defer server.Close()
	defer server.CloseClientConnections()

	p.Run(chromedp.Navigate(server.URL))
	p.Sees("live", `document.querySelector("#connection").innerText`)
	p.Sees("curl -i http://localhost:8080/", `document.querySelector("#example").innerText`)
	p.Sees(0, rowCount)

	// A row for each request, and the rate of its route.
	const secret = "sk-abcdefghijklmnopqrstuvwxyz0123456789"
	header := http.Header{"Authorization": {"Bearer " + secret}, "Cookie": {"session=" + secret}}
	i.Observe(ended(missed(t, d, "early", "/v1/models", nil))) // has no beginning
	first := missed(t, d, "first", "/v1/models?limit=5&api_key="+secret, header)
	i.Observe(first)
	p.Sees("open", `document.querySelector("#rows .badge.open").innerText`)
	p.Sees(true, `Number(document.querySelector("#rows [data-begin]").innerText) > 500`) // grows
	i.Observe(ended(first))
	p.Sees(0, `document.querySelectorAll("#rows .badge.open").length`)
	p.Sees("/v1/models* 0% 0 of 1", routeTexts)
	second := answered(t, d, "second", "GET", "/v1/models?limit=5", header, exchange.Hit)
	i.Observe(second)
	i.Observe(ended(second))
	p.Sees("/v1/models* 50% 1 of 2", routeTexts)
	p.Sees(true, `document.querySelector("#routes .line").getAttribute("d").startsWith("M")`)

	// A path that is a script is text.
	evil := answered(t, d, "evil", "GET", `/<img src=x onerror="document.title='run'">?<script>document.title='run'</script>`, http.Header{"X-A": {"<script>document.title='run'</script>"}}, exchange.Miss)
	evil.Why = "<img src=x onerror=\"document.title='run'\">"
	i.Observe(evil)
	i.Observe(ended(evil))
	p.Sees(3, rowCount)

	// The keyboard moves, opens, goes on and closes.
	p.Press("j")
	p.Sees(`200 GET /%3Cimg%20src=x%20onerror=%22document.title=%27run%27%22%3E?<script>document.title='run'</script> * not cached 42`, rowText)
	p.Press(kb.Enter)
	p.Sees(true, panelText+`.includes("<img src=x onerror=\"document.title='run'\">")`)
	p.Sees("dev: requests at the edge", "document.title")
	p.Sees(0, `document.querySelectorAll("#panel img, #panel script, #rows img, #rows script").length`)
	p.Press("j", "j")
	p.Sees("GET /v1/models?limit=5&api_key=sk-ab…(39 characters)", panelTitle)
	for _, want := range []string{
		"Goes to api as https://inference.example.com/v1/models?limit=5", "not /v1/embeddings*", "Stored: the origin says nothing", "for 60 s, without asking the origin",
		"http://localhost:8000/v1/models?limit=5", "Bearer sk-ab…(39 characters)", "session=sk-ab…(39 characters)", "fails over to api-failover",
	} {
		p.Sees(true, panelText+fmt.Sprintf(`.includes(%q)`, want))
	}
	p.Sees(false, `document.documentElement.outerHTML.includes("`+secret[:6]+`")`)
	p.Press(kb.Escape)
	p.Sees(true, `document.querySelector("#panel").hidden`)
	p.Sees("200 GET /v1/models?limit=5&api_key=sk-ab…(39 characters) /v1/models* Miss 42", rowText)
	p.Press(kb.ArrowUp, kb.ArrowUp, kb.ArrowUp)
	p.Sees(true, rowText+`.includes("GET /%3Cimg")`)

	// The filter.
	p.Press("/")
	p.Sees("filter", "document.activeElement.id")
	p.Press("h", "i", "t", " ", "2", "0", "0")
	p.Sees("hit 200", `document.activeElement.value`)
	p.Sees(1, rowCount)
	p.Press(kb.Enter)
	p.Sees("200 GET /v1/models?limit=5 /v1/models* Hit 42", rowText)
	p.Press("/", kb.Escape)
	p.Sees(3, rowCount)

	// In a narrow window the panel covers the list.
	p.Run(chromedp.EmulateViewport(390, 780))
	p.Press(kb.Escape, kb.Enter)
	p.Sees(true, panelTitle+`.startsWith("GET /v1/models")`)
	p.Sees("true panel-title", `document.querySelector("#list").inert + " " + document.activeElement.id`)
	p.Press(kb.Escape)
	p.Sees(false, `document.querySelector("#list").inert`)
	p.Run(chromedp.EmulateViewport(1280, 800))
	p.Sees("200 GET /v1/models?limit=5 /v1/models* Hit 42", rowText)

	// What was missed while the connection was down comes when it is back.
	server.CloseClientConnections()
	third := answered(t, d, "third", "POST", "/v1/chat", nil, exchange.Miss)
	i.Observe(third)
	p.Sees(4, rowCount)
	p.Sees("/v1/models* 50% 1 of 2; * – 2, none cacheable", routeTexts)

	// An open one that is looked at ends.
	p.Run(chromedp.Click("#rows tr:first-child td.result"))
	p.Sees(true, panelText+`.includes(" ms so far")`)
	i.Observe(ended(third))
	p.Sees(true, panelText+`.includes("\n42 ms\n")`)
	p.Press(kb.Escape)

	// A POST looks nothing up, whatever X-Cache says.
	p.Sees("not cached", `document.querySelector("#rows td.result").innerText`)
	p.Sees(false, `document.querySelector("#requests").innerText.includes("Caller")`)

	// Who called has a column, and is found.
	known := answered(t, edgetest.Callers(t), "known", "POST", "/v1/chat", nil, exchange.Miss)
	known.Decision = edgetest.Callers(t).Decide(edge.Request{Method: "POST", URL: "/v1/chat", Caller: "alice", Canary: true})
	i.Observe(known)
	i.Observe(ended(known))
	p.Press("/", "a", "l", "i", "c", "e")
	p.Sees(1, rowCount)
	p.Press(kb.Enter)
	p.Sees("200 POST /v1/chat * · canary alice not cached 42", rowText)
	p.Press(kb.Enter)
	p.Sees(true, panelText+`.includes("alice, at 127.0.0.1:50001")`)
	p.Press(kb.Escape)
	p.Run(chromedp.EmulateViewport(390, 780))
	p.Sees("none table-cell", `["route", "caller"].map(name => getComputedStyle(document.querySelector("#rows tr:not([hidden]) td." + name)).display).join(" ")`)
	for _, cell := range []string{"caller", "result"} {
		p.Sees(true, fmt.Sprintf(`(cell => cell.scrollWidth <= cell.clientWidth)(document.querySelector("#rows tr:not([hidden]) td.%s"))`, cell))
	}
	p.Run(chromedp.EmulateViewport(1280, 800))
	p.Press("/", kb.Escape)
	p.Sees("5 requests", `document.querySelector("#count").innerText`)

	// The newest are first, and no more are kept than on the server.
	for n := range capacity {
		i.Observe(answered(t, d, fmt.Sprint(n), "GET", fmt.Sprintf("/v1/chat?n=%d", n), nil, exchange.Miss))
	}
	p.Sees("/v1/chat?n=299", `document.querySelector("#rows tr:first-child .url").innerText`)
	p.Sees("/v1/chat?n=0", `document.querySelector("#rows tr:last-child .url").innerText`)
	p.Sees(capacity, rowCount)
	p.Sees("last 300", `document.querySelector("#count").innerText`)
	p.Press("2", "9", "9") // the filter has the focus still
	p.Sees("1 of the last 300", `document.querySelector("#count").innerText`)
	p.Press(kb.Escape)

	// Clearing empties the server's memory too.
	open := answered(t, d, "open", "GET", "/v1/models", nil, exchange.Hit)
	i.Observe(open)
	p.Run(chromedp.Click("#clear"))
	p.Sees(0, rowCount)
	p.Sees("", routeTexts)
	i.Observe(ended(open))
	p.Run(chromedp.Reload())
	p.Sees("live", `document.querySelector("#connection").innerText`)
	p.Sees(false, `document.querySelector("#empty").hidden`)

	for _, complaint := range complaints() {
		require.Regexp(t, "net::ERR_.*/events$", complaint) // the connection that was cut
	}
}
