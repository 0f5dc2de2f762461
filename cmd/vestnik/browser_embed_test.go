package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// hostPage is a page of somebody else that shows a text of ours by one line.
const hostPage = `<!doctype html><html lang="%s"><head><meta charset="utf-8"><title>Shop</title><script src="/watch.js"></script></head><body><h1>Shop</h1>
<div id="here"><a href="%[2]s/privacy/ru">Policy</a>
<script src="%[2]s/embed.js" %[3]s async></script></div>
<p id="after">Below</p></body></html>`

// watch collects what the page's scripts complain of.
const watch = `const problems = [];
addEventListener('error', e => { if (e.message) problems.push(e.message) });
addEventListener('unhandledrejection', e => problems.push(String(e.reason)));`

// shop is another site, with a policy of its own.
func shop(t *testing.T, policy, lang, root, attributes string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
		case "/watch.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, watch)
			return
		default:
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, hostPage, lang, root, attributes)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// inserted waits until the text stands on the page in a language.
const inserted = `new Promise(done => { const look = () => document.querySelector('#here > .vestnik-embed > article.vestnik[lang=' + %s + ']') ? done(true) : requestAnimationFrame(look); look(); })`

// asked are the addresses of others that the page spoke to.
func (p *tab) asked() (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, address := range p.requests {
		out = append(out, address)
	}
	slices.Sort(out)
	return out
}

func allowing(root string) string {
	return "default-src 'none'; script-src 'self' " + root + "; connect-src " + root + "; require-trusted-types-for 'script'; trusted-types vestnik"
}

// One line of script shows the text where it stands, under the other site's own
// policy, and leaves nothing in the browser.
func TestEmbeddedByOneLine(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	p := newTab(t, newBrowser(t), shop(t, allowing(d.url), "en", d.url, `data-document="privacy" data-language="kk"`))
	p.open("/#p1").status(200)
	eval[bool](p, inserted, "kk")
	p.shows("#here article h2", "#p1").reads("Shop", "Below")
	if p.count("#here > a") != 0 {
		t.Error("the link stands beside the text")
	}
	if got := eval[string](p, `document.querySelector('#here').lastElementChild.tagName + document.querySelector('.vestnik-embed').nextElementSibling.tagName`); got != "SCRIPTSCRIPT" {
		t.Errorf("the text does not stand where the line does: %s", got)
	}
	if got := p.asked(); !slices.Equal(got, []string{d.url + "/embed.js", d.url + "/embed/privacy/kk"}) {
		t.Errorf("the page asked %q", got)
	}
	if got := eval[string](p, `document.cookie + localStorage.length + sessionStorage.length`); got != "00" || len(p.cookies()) > 0 {
		t.Errorf("something is left: %q, cookies %q", got, p.cookies())
	}
	if eval[bool](p, `document.querySelector('#p1').getBoundingClientRect().top > innerHeight`) {
		t.Error("the anchor of the address was not found")
	}
}

// Without a language it follows the page's, also when that changes.
func TestEmbedFollowsTheLanguage(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	p := newTab(t, newBrowser(t), shop(t, allowing(d.url), "ru-KZ", d.url, `data-document="privacy"`))
	p.open("/")
	eval[bool](p, inserted, "ru")
	eval[bool](p, `(document.documentElement.lang = 'kk', true)`)
	eval[bool](p, inserted, "kk")
	eval[bool](p, `(document.documentElement.lang = 'de', true)`)
	eval[bool](p, inserted, "en") // what this browser prefers of those that there are
	if n := p.count(".vestnik-embed"); n != 1 {
		t.Errorf("the text stands there %d times", n)
	}
}

// Whatever fails, the other site's page stays as it was, and says nothing.
func TestEmbedFailsSilently(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	to, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	real := httputil.NewSingleHostReverseProxy(to)
	answers := map[string]http.HandlerFunc{
		"error": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "broken", http.StatusServiceUnavailable) },
		"page": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<html><script>document.title='ran'</script><h1>Log in</h1>")
		},
		"missing": http.NotFound,
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			fmt.Fprint(w, `<article class="vestnik">half`)
			panic(http.ErrAbortHandler)
		},
	}
	browser := newBrowser(t)
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			var failed atomic.Int64
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/embed.js" {
					real.ServeHTTP(w, r)
					return
				}
				failed.Add(1)
				w.Header().Set("Access-Control-Allow-Origin", "*")
				answer(w, r)
			}))
			t.Cleanup(s.Close)
			p := newTab(t, browser, shop(t, allowing(s.URL), "ru", s.URL, `data-document="privacy" data-language="ru"`))
			p.open("/")
			p.staysAsItWas(s.URL)
			if failed.Load() == 0 {
				t.Error("the text was never asked for")
			}
		})
	}
	t.Run("no server", func(t *testing.T) {
		gone := "http://" + freeAddr(t)
		p := newTab(t, browser, shop(t, allowing(gone), "ru", gone, `data-document="privacy"`))
		p.open("/")
		p.staysAsItWas(gone)
	})
	t.Run("not allowed", func(t *testing.T) {
		p := newTab(t, browser, shop(t, "default-src 'none'; script-src 'self' "+d.url, "ru", d.url, `data-document="privacy"`))
		p.open("/")
		p.staysAsItWas(d.url)
	})
	t.Run("no script", func(t *testing.T) {
		p := newTab(t, browser, shop(t, allowing(d.url), "ru", d.url, `data-document="privacy"`)).scriptless()
		p.open("/")
		p.shows("#here > a")
	})
}

// staysAsItWas asks once more for what the line asked for, so that its own answer
// has come by then.
func (p *tab) staysAsItWas(root string) {
	p.t.Helper()
	problems := eval[[]string](p, `(async () => {
		for (const path of ['/ru', '']) await fetch(%s + '/embed/privacy' + path).then(r => r.text()).catch(() => 0);
		await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
		return problems;
	})()`, root)
	p.shows("#here > a", "h1", "#after").reads("Policy")
	if len(problems) > 0 || p.count(".vestnik-embed") > 0 || eval[string](p, "document.title") != "Shop" {
		p.t.Errorf("the page changed, or complains: %q", problems)
	}
}

// Structured data are no script: the strict policy has nothing to refuse.
func TestStructuredDataNeedsNoPolicy(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	p := newTab(t, newBrowser(t), d.url)
	p.open("/privacy/ru").status(200)
	refused := eval[[]string](p, `new Promise(done => {
		new ReportingObserver(list => done(list.map(r => r.body.effectiveDirective)), {types: ['csp-violation'], buffered: true}).observe();
		document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}));
	})`)
	kind := eval[string](p, `JSON.parse(document.querySelector('script[type="application/ld+json"]').textContent)['@type']`)
	if !slices.Equal(refused, []string{"script-src-elem"}) || kind != "DigitalDocument" || strings.Contains(p.text("body"), "schema.org") {
		t.Errorf("refused are %q where one script was put in, the data are of a %s", refused, kind)
	}
}
