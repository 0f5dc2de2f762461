package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// awkward is a text with what does not fit a telephone: a title, a word and an
// address without an end, a table of five columns, a line of code.
var awkward = "# " + strings.Repeat("Rules of the reading room and of everything beside it. ", 5) + `

1. Words

1.1. ` + strings.Repeat("Donaudampfschiffahrt", 5) + ` and https://example.kz/` + strings.Repeat("abcdef0123456789", 8) + `, see § 5 and clause 1.1 as of 24 December 2026.

| Recipient of what is kept | Country | Purpose of it | Legal ground | Term |
|---|---|---|---|---|
| The-Association-Of-Those-With-Very-Long-Names | Kazakhstan | Lending | Consent | Three years |

` + "```\nexample --flag value --another-flag another-value --third-flag third-value --fourth-flag\n```\n"

// newLook serves what newCompared does, and the awkward text in seven languages.
func newLook(t *testing.T) *program {
	p, folder := newCompared(t), t.TempDir()
	for _, tag := range []string{"en", "ru", "kk", "de", "fr", "tr", "uz"} {
		for n := range 2 {
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("000%d.%s.md", n+1, tag)), []byte(awkward+fmt.Sprintf("\n2. %d\n", n)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.command("import", "-document", "awkward", folder)
	return p
}

// TestLook looks at each kind of public page as a designer would: on a telephone,
// with large letters, without colours, on paper, from right to left, by keyboard.
func TestLook(t *testing.T) {
	t.Parallel()
	h, browser := newLook(t), newBrowser(t)
	look := func(name string, does func(*tab)) {
		t.Run(name, func(t *testing.T) { does(newTab(t, browser, "http://"+h.addr)) })
	}
	look("narrow", (*tab).fitsEverywhere)
	look("fingers", (*tab).suitsFingers)
	look("languages", (*tab).foldsLanguages)
	look("forced", (*tab).needsNoColours)
	look("paper", (*tab).printsText)
	look("rtl", (*tab).hangsNumbers)
	look("order", (*tab).stopsInOrder)
}

// kinds are one page of each kind.
var kinds = []string{"/", "/awkward/en", "/awkward/en/v/1", "/awkward/en?q=room", "/rules-en/en?q=nothing+of+this", "/awkward/en/versions", "/awkward/en/compare/1...2", "/rules-en/en/compare/1...2?view=inline",
	"/rules-ar/ar/compare/1...2?view=side", "/rules-ar/ar", "/register", "/why", "/verify", "/nothing"}

const enlarged = `(document.documentElement.style.fontSize = '200%', true)`

// torn are dates and numbers that stand in two lines, and cut what lies outside its
// box unseen.
const (
	torn = `[...document.querySelectorAll('main .nb')].filter(e => e.checkVisibility() && new Set([...e.getClientRects()].map(r => r.top)).size > 1).map(e => e.textContent)`
	cut  = `[...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && e.clientWidth > 1 && getComputedStyle(e).overflowX === 'hidden' && e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML.slice(0, 90))`
)

// fitsEverywhere demands that nothing sticks out or is cut at 320 px, nor with
// letters twice as large at 640.
func (p *tab) fitsEverywhere() {
	p.t.Helper()
	clause := eval[string](p.open("/rules-en/en"), `document.querySelector('a.share').pathname`)
	for _, path := range append(kinds, clause) {
		for _, width := range []int64{320, 640} {
			p.sized(width).open(path)
			if width == 640 {
				eval[bool](p, enlarged)
			}
			p.fits()
			for _, wrong := range eval[[]string](p, `[...`+torn+`, ...`+cut+`]`) {
				p.t.Errorf("%s at %d is torn or cut: %s", path, width, wrong)
			}
		}
	}
	if p.open("/awkward/en"); p.count("main .nb") < 3 {
		p.t.Error("nothing is kept in one line")
	}
}

// suitsFingers demands 44 px of what is pressed outside sentences.
func (p *tab) suitsFingers() {
	p.t.Helper()
	const small = `[...document.querySelectorAll('.mast a, .trail a, .standing :is(a, summary), .callout .row a, .buttons a, .guide summary, .guide input, .jumps a, .views a, .steps button, .redline .rl-count a, .stack a, .chooser :is(select, button), .foot a')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map(e => e.getBoundingClientRect().height + ' ' + e.outerHTML.slice(0, 90))`
	for _, path := range []string{"/rules-en/en", "/long/en/compare/1...2?view=inline", "/rules-en/en/versions", "/register"} {
		for _, wrong := range eval[[]string](p.sized(320).open(path), small) {
			p.t.Errorf("%s: too small for a finger: %s", path, wrong)
		}
	}
	const rowsOf = `[...document.querySelectorAll('.tools')].map(e => new Set([...e.querySelectorAll('a')].map(a => a.getBoundingClientRect().top)).size)`
	if rows := eval[[]int](p.sized(500).open("/register"), rowsOf); slices.Max(rows) != 1 {
		p.t.Errorf("the links of an event stand in %v rows", rows)
	}
}

// foldsLanguages finds all seven behind one word, without a script.
func (p *tab) foldsLanguages() {
	p.t.Helper()
	p.scriptless().sized(320).open("/awkward/de")
	if got := p.text(".tongues summary"); !strings.Contains(got, "Deutsch") || p.count(".tongues li") > 0 {
		p.t.Errorf("the languages are not folded behind %q", got)
	}
	p.click(".tongues summary").fits()
	if got := p.count(".tongues li"); got != 7 {
		p.t.Errorf("%d languages are offered", got)
	}
	p.follow(`.tongues a[lang="tr"]`).at("/awkward/tr")
}

// needsNoColours demands that where the system chooses all colours an insertion, a
// deletion, a status and a link of a change differ otherwise.
func (p *tab) needsNoColours() {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}}})
	p.must(err)
	for _, view := range []string{"list", "inline", "side"} {
		p.open("/rules-en/en/compare/1...2?view=" + view)
		got := eval[[]string](p, `['ins', 'del'].map(s => [...document.querySelectorAll('.redline ' + s)].find(e => e.checkVisibility())).map(e => { const s = getComputedStyle(e); return s.color + ': ' + s.textDecorationLine + ' ' + s.textDecorationStyle })`)
		a, b := strings.SplitN(got[0], ": ", 2), strings.SplitN(got[1], ": ", 2)
		if a[0] != b[0] || a[1] != "underline double" || b[1] != "line-through solid" {
			p.t.Errorf("%s: without colours edits look %q", view, got)
		}
	}
	p.open("/rules-en/en")
	if got := eval[[]string](p, `['.status', '.note', '.tag'].map(s => getComputedStyle(document.querySelector(s)).borderTopStyle)`); !slices.Equal(got, []string{"solid", "solid", "solid"}) {
		p.t.Errorf("without colours frames are %q", got)
	}
}

// printsText demands of paper what proves it, on each sheet, and no controls.
func (p *tab) printsText() {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	p.must(err)
	for path, says := range map[string][]string{
		"/rules-en/en":               {"Version 2", "1 March 2022"},
		"/rules-en/en/compare/1...2": {"Version 1", "1 March 2021", "Version 2", "1 March 2022"},
	} {
		p.open(path)
		digests := eval[[]string](p, `[...document.querySelectorAll('.foot-facts .digest')].map(e => e.textContent.slice(0, 16))`)
		foot := strings.Join(strings.Fields(p.text(".print-foot")), " ")
		for _, want := range append(append(says, "Rules of the library"), digests...) {
			if !strings.Contains(foot, want) {
				p.t.Errorf("%s: the foot of a sheet %q lacks %q", path, foot, want)
			}
		}
		if got := eval[string](p, `getComputedStyle(document.querySelector('.print-foot')).display`); got != "table-footer-group" || len(digests) == 0 {
			p.t.Errorf("%s: the foot is not repeated on each sheet, but %s", path, got)
		}
		if n := p.count("button, input, select, summary, nav, form, .share, .button"); n > 0 {
			p.t.Errorf("%s: %d controls are on paper", path, n)
		}
	}
}

// hangsNumbers demands that at desk width numbers of clauses stand before the text,
// on the side where its lines begin, and our own words run their own way.
func (p *tab) hangsNumbers() {
	p.t.Helper()
	const hangs = `(() => { const text = document.querySelector('.text').getBoundingClientRect(), numbers = [...document.querySelectorAll('.text .number')].map(e => e.getBoundingClientRect());
		return numbers.length > 2 && numbers.every(n => n.width > 0 && (%s ? n.left >= text.right - 1 : n.right <= text.left + 1)) })()`
	for path, rtl := range map[string]bool{"/rules-en/en": false, "/rules-ar/ar": true} {
		if !eval[bool](p.open(path), hangs, rtl) {
			p.t.Errorf("%s: numbers do not hang beside the text", path)
		}
	}
	p.open("/rules-ar/ar")
	got := eval[[]string](p, `['.text', 'h1', '.of-wide div', '.note dt', '.note dd'].map(s => s + ' ' + getComputedStyle(document.querySelector(s)).direction)`)
	if want := []string{".text rtl", "h1 rtl", ".of-wide div rtl", ".note dt ltr", ".note dd ltr"}; !slices.Equal(got, want) {
		p.t.Errorf("directions are %q, not %q", got, want)
	}
}

// stopsInOrder walks a comparison by keyboard: its parts come as they stand.
func (p *tab) stopsInOrder() {
	p.t.Helper()
	p.open("/rules-en/en/compare/1...2")
	p.everyStop()
	p.open("/rules-en/en/compare/1...2")
	var parts []string
	for range 200 {
		p.key(kb.Tab)
		at := eval[string](p, `document.activeElement === document.body ? '' : document.activeElement.closest('.skip, .mast, .trail, .sides, .jumps, .views, .redline-bar, .steps, .redline, .foot-facts, .foot')?.classList[0] ?? document.activeElement.outerHTML`)
		if at == "" {
			break
		}
		parts = append(parts, at)
	}
	want := []string{"skip", "mast", "trail", "sides", "jumps", "views", "redline-bar", "steps", "text", "foot-facts", "foot"}
	if got := slices.Compact(parts); !slices.Equal(got, want) {
		p.t.Errorf("the keyboard comes by %q, not %q", got, want)
	}
}
