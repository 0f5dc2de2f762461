package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// A reader follows what can be seen, without script, on a phone and at a desk.
func TestReader(t *testing.T) {
	t.Parallel()
	d, browser := newDemo(t), newBrowser(t)
	for _, width := range []int64{320, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) { newTab(t, browser, d.url).scriptless().sized(width).readerWalks() })
	}
}

// readerWalks walks through the story of the demo.
func (p *tab) readerWalks() {
	p.t.Helper()
	p.open("/?lang=ru").status(200).fits()
	p.follow("main h2 a").status(200).fits().at("/privacy/ru").shows("h1", "p.status.in-force", ".callout.upcoming a", "dl.facts time")
	p.follow("header a[hreflang=kk]").at("/privacy/kk").shows("html[lang=kk] h1[lang=kk]")
	p.readerCompares()
	p.readerSharesClause()
	p.readerAsksForDay()
	p.readerChecks()
	p.stayedHome()
	if got := p.cookies(); len(got) > 0 {
		p.t.Errorf("a reader got cookies %q", got)
	}
}

func (p *tab) readerCompares() {
	p.t.Helper()
	p.follow(`.callout.upcoming a[href*="/compare/"]`).status(200).fits().at("/privacy/kk/compare/1...2").shows(".redline ins", ".redline del", ".rl-head")
	if said := p.text(".rl-changed .rl-head"); len(strings.TrimSpace(said)) == 0 {
		p.t.Error("what kind of change it is, only colours say")
	}
	p.follow(`a[href$="view=side"]`).fits().shows(".redline-side .rl-new")
	p.choose(`select[name=from]`, "2").choose(`select[name=to]`, "1").follow(".chooser button").at("/privacy/kk/compare/2...1?view=side").shows(".redline del")
	p.follow(`.trail a[href="/privacy/kk"]`)
}

// readerSharesClause copies the link of a clause, and somebody else opens it.
func (p *tab) readerSharesClause() {
	p.t.Helper()
	number := p.text("#p6\\.1")
	if p.count(".share") > 0 {
		p.t.Error("links to share stand everywhere")
	}
	p.click("#p6\\.1")
	link := p.where()
	p.shows(".share").fits()
	other := p.stranger().sized(320).open(link).status(200).fits()
	if got := eval[string](other, `(document.querySelector(':target .number') ?? {}).innerText ?? ''`); got != number {
		p.t.Errorf("%s opens clause %q, not %q", link, got, number)
	}
	if top := eval[float64](other, `document.querySelector(':target').getBoundingClientRect().top`); top < 0 || top > 800 {
		p.t.Errorf("%s opens with the clause at %g", link, top)
	}
	id := clauseID.FindString(link)
	other.follow(".share").at("/privacy/kk/clause/"+id).status(200).fits().shows("h1", "table tbody tr")
	other.follow("p.buttons a.button").at("/privacy/kk#" + id)
	other.stayedHome()
}

var clauseID = regexp.MustCompile(`c-[a-z2-7]{8}`)

func (p *tab) readerAsksForDay() {
	p.t.Helper()
	p.follow(`header a[href$="/privacy/ru"]`).click("#date").do(day("2024", "02", "29")...)
	p.follow("form[action$='/on'] button").status(404).fits()
	p.open("/privacy/ru").click("#date").do(day("2024", "03", "01")...)
	p.follow("form[action$='/on'] button").status(200).fits().at("/privacy/ru/on/2024-03-01").shows(".callout.past")
}

// readerChecks goes by the register to how all of it can be checked.
func (p *tab) readerChecks() {
	p.t.Helper()
	p.follow(`.versions a[href="/privacy/register"]`).status(200).fits().shows("#e1", "#e2", `#e2 a[href*="/compare/"]`, `a[href="/log/proof/2"]`)
	p.follow("footer a").status(200).fits().shows("pre").reads("vestnik verify")
}

// day types a date into an input, in the order in which the browser shows it.
func day(year, month, day string) (steps []step) {
	return []step{keys(month), keys(day), keys(year)}
}

// The keyboard alone reaches everything, and it can be seen where it is.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	p := newTab(t, newBrowser(t), d.url).scriptless()
	p.open("/privacy/ru").key(kb.Tab)
	if !eval[bool](p, `document.activeElement.matches('.skip') && document.activeElement.getBoundingClientRect().top >= 0`) {
		t.Fatal("the first stop does not show the way past the navigation")
	}
	p.key(kb.Enter).at("/privacy/ru#main")
	p.key(kb.Tab)
	if !eval[bool](p, `document.querySelector('main').contains(document.activeElement)`) {
		t.Error("after it the keyboard is not in the text")
	}
	p.open("/privacy/ru")
	p.everyStop()
	p.tabTo(`.callout.upcoming a[href*="/compare/"]`)
	p.load(keys(kb.Enter))
	p.at("/privacy/ru/compare/1...2")
	p.tabTo(".redline .rl-count a")
	p.load(keys(kb.Enter))
	p.shows(".rl-piece .rl-cell")
}

// everyStop walks through the page once: each stop is drawn, and none is left
// out.
func (p *tab) everyStop() {
	p.t.Helper()
	const stops = `[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')].filter(e => e.checkVisibility()).length`
	const here = `(() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
		if (e === document.body) return 'end';
		if (e.matches('input[type=date]')) return 'date';
		if (s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 2) return 'no ring on ' + e.outerHTML.slice(0, 80);
		if (r.bottom <= 0 || r.top >= innerHeight || r.width === 0) return 'out of sight: ' + e.outerHTML.slice(0, 80);
		return ''; })()`
	want, got := eval[int](p, stops), 0
	for dates := 0; got <= want; {
		p.key(kb.Tab)
		at := eval[string](p, here)
		if at == "end" {
			break
		}
		if at == "date" {
			if dates++; dates > 1 {
				continue // its parts and its button are stops of their own
			}
			at = ""
		}
		if got++; at != "" {
			p.t.Errorf("%s: %s", p.where(), at)
		}
	}
	if got != want {
		p.t.Errorf("%s: the keyboard stops at %d of %d places", p.where(), got, want)
	}
}

func (p *tab) tabTo(selector string) {
	p.t.Helper()
	for range 300 {
		if eval[bool](p, `document.activeElement.matches(%s)`, selector) {
			return
		}
		p.key(kb.Tab)
	}
	p.t.Fatalf("%s: the keyboard never comes to %s", p.where(), selector)
}
