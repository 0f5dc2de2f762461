package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// The first screen of a small telephone answers what a reader asks: in force or
// not, since when, what changes, whom it concerns, and where the text is.
func TestFirstScreen(t *testing.T) {
	t.Parallel()
	d, browser := newDemo(t), newBrowser(t)
	for _, tag := range []string{"ru", "kk", "en"} {
		p := newTab(t, browser, d.url).scriptless().sized(320).open("/privacy/" + tag).status(200).fits()
		for _, answer := range []string{"p.status.in-force", ".callout.upcoming dl.brief > div:nth-child(2)", ".callout.upcoming a", `a.down[href="#text"]`} {
			if bottom := eval[float64](p, `document.querySelector(%s).getBoundingClientRect().bottom`, answer); bottom > 640 {
				t.Errorf("%s: %s ends %g below the top", tag, answer, bottom)
			}
		}
		p.follow(`.callout.upcoming a[href*="/compare/"]`).status(200).fits().shows("ins", "del")
		p.stayedHome()
	}
}

// With a script the contents follow, the search jumps, and the address of a clause
// is copied, by the keyboard alone.
func TestReadingByKeyboard(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	p := newTab(t, newBrowser(t), d.url).open("/privacy/ru")
	p.slash().do(typed("ПЕРСОНАЛЬНЫЕ  данные"))
	at := p.text(".find output")
	if !strings.HasPrefix(at, "1 из ") {
		t.Fatalf("the search says %q", at)
	}
	p.key(kb.Enter)
	if got, want := p.text(".find output"), "2"+at[1:]; got != want {
		t.Errorf("Enter leads to %q, not %q", got, want)
	}
	if got := p.path(); got != "/privacy/ru" {
		t.Errorf("the search left the page for %s", got)
	}
	p.key(kb.Escape)
	if p.count(".find output") > 0 {
		t.Error("Escape leaves the search open")
	}
	follows := `new Promise(done => { document.getElementById('p4').scrollIntoView({behavior: 'instant'}); const look = () => { const a = document.querySelector('.of-wide [aria-current]'); a?.textContent.startsWith('4.') ? done(a.textContent) : requestAnimationFrame(look) }; look() })`
	if got := eval[string](p, follows); !strings.HasPrefix(got, "4.") {
		t.Errorf("the contents are at %q", got)
	}
	eval[bool](p, `(navigator.clipboard.writeText = async s => { globalThis.copied = s }, document.getElementById('p4.1').focus(), true)`)
	p.key(kb.Tab).key(kb.Enter)
	if got := eval[string](p, `globalThis.copied ?? ''`); !strings.Contains(got, "/privacy/ru/clause/c-") {
		t.Errorf("copied %q", got)
	}
	p.stayedHome()
}

// The server finds what the script does, and without a script it marks it.
func TestSearchWithoutScript(t *testing.T) {
	t.Parallel()
	d, browser := newDemo(t), newBrowser(t)
	for tag, query := range map[string]string{"ru": "Персональны", "kk": "деректери", "en": "DATA"} {
		script := newTab(t, browser, d.url).open("/privacy/" + tag)
		script.slash().do(typed(query))
		said := script.text(".find output")
		plain := newTab(t, browser, d.url).scriptless().sized(320).open("/privacy/" + tag)
		plain.write("#q", query).load(keys(kb.Enter))
		plain.status(200).fits().shows(".found li a", ".text mark")
		n := eval[int](plain, `document.querySelectorAll('.text mark[id]').length`)
		if n == 0 || !strings.Contains(said, strconv.Itoa(n)) {
			t.Errorf("%s: the script says %q, the server marks %d", tag, said, n)
		}
		plain.click(".found li a").shows(".text mark:target")
	}
}

// slash goes to the search by its key, and selects what stands there: the protocol
// types the key even if the page wants it for itself.
func (p *tab) slash() *tab {
	p.t.Helper()
	p.key("/")
	if !eval[bool](p, `document.activeElement.id === 'q' && (document.activeElement.select(), true)`) {
		p.t.Fatalf("%s: / does not lead to the search", p.where())
	}
	return p
}
