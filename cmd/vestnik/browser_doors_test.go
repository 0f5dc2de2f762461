package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// A page runs no script and fetches nothing that is not its own, even if
// somebody gets markup into it.
func TestPagesRunNothing(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	p := newTab(t, newBrowser(t), d.url)
	p.open(d.invited("anna@example.kz")).follow("main form button").at("/desk/")
	for _, path := range []string{"/privacy/ru", "/desk/", "/desk/documents/privacy/draft", "/nothing", "/desk/mailbox/1"} {
		p.open(path)
		got := eval[[]string](p, inject)
		want := []string{"img-src", "script-src-attr", "script-src-elem", "style-src-elem"}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s refuses %q, not %q", path, got, want)
		}
	}
	p.stayedHome()
}

// inject puts into the page what must not come to life and returns the
// directives that refused it, or what came to life.
const inject = `new Promise(done => {
	const seen = new Set();
	document.addEventListener('securitypolicyviolation', e => seen.add(e.effectiveDirective));
	const script = document.createElement('script');
	script.textContent = 'window.ran = true';
	const style = document.createElement('style');
	style.textContent = 'body { display: none }';
	const image = document.createElement('img');
	image.setAttribute('onerror', 'window.ran = true');
	document.body.append(script, style, image);
	image.src = 'https://elsewhere.example/pixel.gif';
	setTimeout(() => done(window.ran ? ['ran'] : [...seen].sort()), 50);
})`

// framed are the addresses that were loaded into frames, in whatever process.
func (p *tab) framed() (out []string) {
	p.t.Helper()
	tree, err := chromedp.Call(p.ctx, page.GetFrameTree, cdp.Empty{})
	p.must(err)
	for _, f := range tree.FrameTree.ChildFrames {
		if f.Frame.UnreachableURL == "" {
			out = append(out, f.Frame.URL)
		}
	}
	all, err := chromedp.Targets(p.ctx)
	p.must(err)
	for _, one := range all {
		if one.Type != "iframe" || one.BrowserContextID != chromedp.FromContext(p.ctx).BrowserContextID {
			continue
		}
		if at := eval[string](p.inside(one.TargetID), `location.href`); !strings.HasPrefix(at, "chrome-error:") {
			out = append(out, at)
		}
	}
	return out
}

// Another site can neither send our forms nor put our pages into a frame,
// whether it shares our cookies or not.
func TestForeignSites(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	p := newTab(t, newBrowser(t), d.url)
	p.open(d.invited("anna@example.kz")).follow("main form button").at("/desk/")
	before := d.command("settings", "organisation")
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<form method=post action="%s/desk/settings"><input name=organisation value=Stolen><button>go</button></form><iframe src="%s/desk/"></iframe>`, d.url, d.url)
	}))
	t.Cleanup(foreign.Close)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(foreign.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for name, host := range map[string]string{"same site, other origin": "127.0.0.1", "other site": "localhost"} {
		p.open("http://" + net.JoinHostPort(host, port) + "/")
		if framed := p.framed(); len(framed) > 0 {
			t.Errorf("%s: in a frame stands %q", name, framed)
		}
		p.follow("form button").status(403)
		if after := d.command("settings", "organisation"); after != before {
			t.Fatalf("%s: the organisation is %q", name, after)
		}
	}
	p.open("/desk/").status(200).at("/desk/") // the session was there all the time
}
