package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	cdptarget "github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// patience bounds one step in the browser.
const patience = 20 * time.Second

// newBrowser starts Debian's Chromium without a window, with a profile of its own.
// plainHost leads to this machine, and browsers do not trust it as they do loopback
// or TLS.
const plainHost = "vestnik.test"

func newBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing: install Debian's package chromium")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.Headless,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.WindowSize(1280, 900)}
	for _, f := range []string{"no-sandbox", "disable-gpu", "disable-quic", "disable-background-networking", "disable-component-update",
		"disable-sync", "disable-extensions", "disable-default-apps", "disable-dev-shm-usage", "hide-scrollbars", "disable-popup-blocking"} {
		options = append(options, chromedp.Flag(f, true))
	}
	options = append(options, chromedp.Flag("host-resolver-rules", "MAP "+plainHost+" 127.0.0.1"))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	return ctx
}

// tab is one window of somebody: cookies are not shared with other tabs, unless
// they are siblings.
type tab struct {
	t      *testing.T
	ctx    context.Context
	origin string // all that it may speak to, and where paths lead

	mu       sync.Mutex
	requests map[network.RequestID]string // to elsewhere, by address
	answers  map[string]int64             // of documents, by address
}

// newTab opens a window of a reader with no past.
func newTab(t *testing.T, browser context.Context, origin string) *tab {
	return openTab(t, browser, origin, chromedp.WithNewBrowserContext())
}

// stranger opens a window of somebody else.
func (p *tab) stranger() *tab { return newTab(p.t, p.ctx, p.origin) }

// sibling opens one more window of the same person.
func (p *tab) sibling() *tab {
	id := chromedp.FromContext(p.ctx).BrowserContextID
	return openTab(p.t, p.ctx, p.origin, chromedp.WithExistingBrowserContext(id))
}

func openTab(t *testing.T, parent context.Context, origin string, how chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, how)
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx, origin: origin, requests: map[network.RequestID]string{}, answers: map[string]int64{}}
	p.must(chromedp.Do(ctx))
	p.must(chromedp.Listen(ctx, p.observe))
	return p.sized(1280).scheme("light")
}

// observe notes what the page asks of whom.
func (p *tab) observe(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !p.ours(e.Request.URL) {
			p.requests[e.RequestID] = e.Request.URL
		}
	case *network.EventLoadingFailed:
		if e.BlockedReason == network.BlockedReasonCsp {
			delete(p.requests, e.RequestID) // it never left the browser
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			p.answers[e.Response.URL] = e.Response.Status
		}
	}
}

// ours tells whether an address is within the origin, or the icon of its host,
// which browsers ask for of their own accord.
func (p *tab) ours(address string) bool {
	return strings.HasPrefix(address, p.origin+"/") || strings.HasPrefix(address, "data:") ||
		strings.HasSuffix(address, "/favicon.ico") && strings.HasPrefix(p.origin+"/", strings.TrimSuffix(address, "favicon.ico"))
}

func (p *tab) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) do(steps ...step) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", p.where(), err)
	}
}

func (p *tab) sized(width int64) *tab {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, 900))
	return p
}

// scheme is light or dark. Nothing moves, so that nothing need be waited for.
func (p *tab) scheme(name string) *tab {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	p.must(err)
	return p
}

func (p *tab) scriptless() *tab {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	p.must(err)
	return p
}

// eval asks the page; the debugger may while the page's own scripts may not.
func eval[T any](p *tab, expression string, args ...any) T {
	p.t.Helper()
	for i, a := range args {
		b, err := json.Marshal(a)
		p.must(err)
		args[i] = string(b)
	}
	if len(args) > 0 {
		expression = fmt.Sprintf(expression, args...)
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (p *tab) where() string {
	at, _ := chromedp.Run(p.ctx, chromedp.Location())
	return at
}

// path is the address without the origin.
func (p *tab) path() string {
	at, _ := strings.CutPrefix(p.where(), p.origin)
	return at
}

// open types an address: a path of the origin, or a whole one.
func (p *tab) open(address string) *tab {
	p.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = p.origin + address
	}
	p.load(chromedp.Navigate(address))
	return p
}

// load acts and waits for the page that follows.
func (p *tab) load(act step) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, act); err != nil {
		p.t.Fatalf("after %s: %v", p.where(), err)
	}
}

// status demands how the page before us was answered.
func (p *tab) status(want int64) *tab {
	p.t.Helper()
	at, _, _ := strings.Cut(p.where(), "#")
	p.mu.Lock()
	defer p.mu.Unlock()
	if got := p.answers[at]; got != want {
		p.t.Fatalf("%s was answered with %d, not %d", at, got, want)
	}
	return p
}

// point finds where to press so that the first match which a person can see is
// hit: nothing may lie above it. The page is scrolled there first.
const point = `(() => {
	for (const e of document.querySelectorAll(%s)) {
		if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
		e.scrollIntoView({block: 'center', behavior: 'instant'});
		for (const r of e.getClientRects()) {
			const x = r.left + r.width/2, y = r.top + r.height/2, hit = document.elementFromPoint(x, y);
			if (hit && (e === hit || e.contains(hit))) return [x, y];
		}
	}
	return null;
})()`

func (p *tab) press(selector string) step {
	p.t.Helper()
	at := eval[[]float64](p, point, selector)
	if at == nil {
		p.t.Fatalf("%s shows nothing to press that is %s", p.where(), selector)
	}
	return chromedp.MouseClickXY(at[0], at[1])
}

// follow presses a visible link or button and waits for the page behind it.
func (p *tab) follow(selector string) *tab {
	p.t.Helper()
	p.load(p.press(selector))
	return p
}

// click presses what leads nowhere else.
func (p *tab) click(selector string) *tab {
	p.t.Helper()
	p.do(p.press(selector))
	return p
}

// write replaces what stands in an input by typing.
func (p *tab) write(selector, text string) *tab {
	p.t.Helper()
	p.click(selector)
	if !eval[bool](p, `document.activeElement.matches(%s)`, selector) {
		p.t.Fatalf("%s: pressing %s does not focus it", p.where(), selector)
	}
	eval[bool](p, `(document.activeElement.select?.(), true)`)
	p.do(typed(text))
	return p
}

// typed inserts text as an input method does.
func typed(text string) step {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

// choose picks an option as the keyboard would.
func (p *tab) choose(selector, value string) *tab {
	p.t.Helper()
	if !eval[bool](p, `(() => { const s = document.querySelector(%s); if (!s.checkVisibility()) return false; s.value = %s; return s.selectedIndex >= 0 })()`, selector, value) {
		p.t.Fatalf("%s: %s offers no %s", p.where(), selector, value)
	}
	return p
}

type step = chromedp.Action[chromedp.Void]

func keys(k string) step { return chromedp.KeyEvent(k) }

func (p *tab) key(k string) *tab {
	p.t.Helper()
	p.do(keys(k))
	return p
}

// text is what can be read in the first match.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return eval[string](p, `document.querySelector(%s)?.innerText ?? ''`, selector)
}

func (p *tab) value(selector string) string {
	p.t.Helper()
	return eval[string](p, `document.querySelector(%s).value`, selector)
}

// count is of what a person can see.
func (p *tab) count(selector string) int {
	p.t.Helper()
	return eval[int](p, `[...document.querySelectorAll(%s)].filter(e => e.checkVisibility()).length`, selector)
}

// shows demands visible matches of each selector.
func (p *tab) shows(selectors ...string) *tab {
	p.t.Helper()
	for _, s := range selectors {
		if p.count(s) == 0 {
			p.t.Errorf("%s does not show %s", p.where(), s)
		}
	}
	return p
}

// reads demands words that can be seen.
func (p *tab) reads(words ...string) *tab {
	p.t.Helper()
	all := strings.Join(strings.Fields(p.text("body")), " ")
	for _, w := range words {
		if !strings.Contains(all, w) {
			p.t.Errorf("%s does not say %q", p.where(), w)
		}
	}
	return p
}

func (p *tab) at(path string) *tab {
	p.t.Helper()
	if got := p.path(); got != path {
		p.t.Fatalf("at %s, not at %s", got, path)
	}
	return p
}

// fits demands that nothing sticks out of the window to the side.
func (p *tab) fits() *tab {
	p.t.Helper()
	if wide := eval[[]int](p, `[document.scrollingElement.scrollWidth, innerWidth]`); wide[0] > wide[1] {
		out := eval[[]string](p, `[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 120))`)
		p.t.Errorf("%s is %d wide in a window of %d: %q", p.where(), wide[0], wide[1], out)
	}
	return p
}

// stayedHome demands that nobody else was asked for anything.
func (p *tab) stayedHome() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.requests) > 0 {
		p.t.Errorf("pages asked %q", p.requests)
	}
}

// cookies are the names of all that this person's browser holds.
func (p *tab) cookies() (names []string) {
	p.t.Helper()
	id := chromedp.FromContext(p.ctx).BrowserContextID
	all, err := chromedp.CallBrowser(p.ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: id})
	p.must(err)
	for _, c := range all.Cookies {
		names = append(names, c.Name)
	}
	return names
}

// newWindow runs act and returns the tab that it opens.
func (p *tab) newWindow(act func()) *tab {
	p.t.Helper()
	before := p.windows()
	act()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < patience; <-tick.C {
		for id := range p.windows() {
			if !before[id] {
				other := openTab(p.t, p.ctx, p.origin, chromedp.WithTargetID(id))
				other.do(chromedp.WaitReady(chromedp.CSS("main")))
				return other
			}
		}
	}
	p.t.Fatalf("%s: no window opens", p.where())
	return nil
}

// windows are all that this person has open.
func (p *tab) windows() map[cdptarget.ID]bool {
	p.t.Helper()
	all, err := chromedp.Targets(p.ctx)
	p.must(err)
	out := map[cdptarget.ID]bool{}
	for _, one := range all {
		if one.Type == "page" && one.BrowserContextID == chromedp.FromContext(p.ctx).BrowserContextID {
			out[one.TargetID] = true
		}
	}
	return out
}
