package main

import (
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// endures demands of a page on a phone that nothing sticks out to the side, not even
// where letters are twice as large, and that whatever can be pressed or filled in
// has an edge where the reader's colours replace ours.
func (p *tab) endures() {
	p.t.Helper()
	p.fits()
	eval[any](p, `document.documentElement.style.fontSize = '200%'`)
	p.sized(640).fits()
	eval[any](p, `document.documentElement.style.fontSize = ''`)
	p.sized(320)
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}}})
	p.must(err)
	for _, flat := range eval[[]string](p, edgeless) {
		p.t.Errorf("%s: in forced colours there is no edge around %s", secretForm.ReplaceAllString(p.path(), "…"), flat)
	}
	p.scheme("dark")
}

// edgeless is what only a ground of our own sets apart.
const edgeless = `[...document.querySelectorAll('button:not(.plain-button), .button, input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, .tag, .status, .callout, .field.wrong')].filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 1).filter(e => {
	const s = getComputedStyle(e), page = getComputedStyle(document.documentElement).backgroundColor;
	return !['Left', 'Right'].some(side => s['border' + side + 'Style'] !== 'none' && parseFloat(s['border' + side + 'Width']) >= 1 && s['border' + side + 'Color'] !== page);
}).map(e => e.outerHTML.slice(0, 120))`

// keys walk through the door without a mouse: to a form, past its refusal, to the
// receipt and back.
func (a *axe) keys() {
	a.t.Helper()
	p := a.stranger().scriptless().sized(320)
	p.open(a.link("daniyar@example.kz", personalForm)).status(200).everyStop()
	p.open(p.path())
	p.tabTo(`main a[href$="/correct"]`)
	p.load(keys(kb.Enter))
	p.status(200).everyStop()
	p.open(p.path())
	p.tabTo(send)
	p.load(keys(kb.Enter))
	p.status(422)
	p.tabTo(`#problem a`)
	p.key(kb.Enter)
	if !eval[bool](p, `document.activeElement.matches('#value') || location.hash === '#value'`) {
		p.t.Error("the refusal does not lead to its field")
	}
	p.tabTo("#value")
	p.do(typed("Мекенжайым қате жазылған."))
	p.tabTo(send)
	p.load(keys(kb.Enter))
	p.status(200).shows(".code.large")
	if !strings.Contains(p.path(), "/receipt/") {
		p.t.Errorf("the keyboard comes to %s", secretForm.ReplaceAllString(p.path(), "…"))
	}
	p.everyStop()
	p.open(p.path()).tabTo("main .trail a")
	p.load(keys(kb.Enter))
	p.status(200).reads("Жауап беру мерзімі")
}
