// Package browsertest opens pages in a real browser, as people see them.
package browsertest

import (
	"context"
	"fmt"
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
	dir, err := os.MkdirTemp("", "test-browser-")
	require.NoError(t, err)
	t.Cleanup(func() {
		require.Eventually(t, func() bool { return os.RemoveAll(dir) == nil }, time.Minute, 50*time.Millisecond)
	})
	return dir
}

// Open opens a tab in a browser without a window, and collects what the page complains about. Without a browser the test
// skips, or fails where one is required.
func Open(t *testing.T) (tab Tab, complaints func() []string) {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(needBrowser(t)), chromedp.UserDataDir(userData(t)), chromedp.WindowSize(1280, 800),
		chromedp.NoSandbox, // root has no sandbox, and only our own page is opened
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	ctx, cancel := chromedp.NewContext(allocator)
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
	return Tab{t, ctx}, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return heard
	}
}

// Tab is what a person sees and does.
type Tab struct {
	*testing.T
	ctx context.Context
}

// Run runs actions.
func (p Tab) Run(actions ...chromedp.Action) {
	p.Helper()
	require.NoError(p, chromedp.Run(p.ctx, actions...))
}

// Press sends keys to whatever has the focus.
func (p Tab) Press(keys ...string) {
	p.Helper()
	for _, name := range keys {
		key := kb.Keys[[]rune(name)[0]]
		event := input.DispatchKeyEvent(input.KeyDown).WithKey(key.Key).WithCode(key.Code).WithText(key.Text).WithWindowsVirtualKeyCode(key.Windows)
		p.Run(event, input.DispatchKeyEvent(input.KeyUp).WithKey(key.Key).WithCode(key.Code).WithWindowsVirtualKeyCode(key.Windows))
	}
}

// Sees waits until an expression of JavaScript has a value.
func (p Tab) Sees(want any, expression string) {
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
