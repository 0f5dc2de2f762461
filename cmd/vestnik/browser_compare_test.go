package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var updateTrees = flag.Bool("update-trees", false, "write the golden accessibility trees anew")

// compareSamples are texts of our own, each twice: with a clause changed, added and
// removed, rows that moved together, numbers that follow, and much that stayed.
var compareSamples = map[string][2]string{
	"en": {`# Rules of the library

1. Who may borrow books

1.1. Anyone who lives in the town may borrow books.

1.2. A card is given free of charge.

2. How long

2.1. A book may be kept for ten days.

2.2. A film may be kept for two days, see clause 2.1.

3. Places

| Place | Opens |
|---|---|
| Old town | at eight in the morning |
| Harbour | at nine in the morning |
| Station | at ten in the morning |

4. Who answers

4.1. The keeper of the library answers questions.
`, `# Rules of the library

1. Who may borrow books

1.1. Anyone who lives in the town may borrow books.

1.2. A card is given free of charge.

2. How long

2.1. A magazine may be kept for one week only.

2.2. A book may be kept for fifteen days.

2.3. A film may be kept for two days, see clause 2.2.

3. Places

| Place | Opens |
|---|---|
| Harbour | at nine in the morning |
| Station | at ten in the morning |
| Old town | at eight in the morning |
`},
	"ar": {`# قواعد المكتبة

1. من يستعير الكتب

1.1. يحق لكل ساكن في المدينة أن يستعير الكتب.

2. المدة

2.1. يبقى الكتاب عند القارئ عشرة أيام.

2.2. ترسل الأسئلة إلى صفحة Library Help في الموقع.

3. الأماكن

3.1. تفتح المكتبة القديمة في الصباح.
`, `# قواعد المكتبة

1. من يستعير الكتب

1.1. يحق لكل ساكن في المدينة أن يستعير الكتب.

2. المدة

2.1. يبقى الكتاب عند القارئ عشرين يوما.

2.2. ترسل الأسئلة إلى صفحة Library Desk في الموقع.

2.3. لا تؤخذ أجرة عن البطاقة.
`},
}

// newCompared serves the samples, and a text of a hundred clauses in which two
// changed.
func newCompared(t *testing.T) *program {
	p := newProgram(t)
	for tag, texts := range compareSamples {
		p.history("rules-"+tag, tag, texts)
	}
	var long [2]strings.Builder
	for n := range 100 {
		for i := range long {
			word := "one"
			if i == 1 && n%50 == 25 {
				word = "another"
			}
			fmt.Fprintf(&long[i], "%d. Clause with number %d tells of %s thing and no more.\n\n", n+1, n+1, word)
		}
	}
	p.history("long", "en", [2]string{long[0].String(), long[1].String()})
	p.command("open")
	p.start()
	return p
}

// history imports two versions of one text.
func (p *program) history(document, tag string, texts [2]string) {
	p.t.Helper()
	folder := p.t.TempDir()
	title, _, _ := strings.Cut(strings.TrimPrefix(texts[1], "# "), "\n")
	h := history{Titles: map[string]string{tag: title}, Prevailing: tag, Zone: "Asia/Almaty"}
	for i, text := range texts {
		name := fmt.Sprintf("%d.md", i+1)
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
		h.Versions = append(h.Versions, historyVersion{Number: i + 1, Effective: fmt.Sprintf("202%d-03-01", i+1), Texts: map[string]string{tag: name}})
	}
	b, err := json.Marshal(h)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "manifest.json"), b, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.command("import", "-document", document, folder)
}

func TestCompareInBrowser(t *testing.T) {
	t.Parallel()
	p, browser := newCompared(t), newBrowser(t)
	url := "http://" + p.addr
	t.Run("keys", func(t *testing.T) { newTab(t, browser, url).stepsThroughChanges() })
	t.Run("unfold", func(t *testing.T) { newTab(t, browser, url).unfoldsPieces() })
	t.Run("scriptless", func(t *testing.T) { newTab(t, browser, url).scriptless().unfoldsPages() })
	t.Run("narrow", func(t *testing.T) { newTab(t, browser, url).comparesNarrow() })
	t.Run("print", func(t *testing.T) { newTab(t, browser, url).printsRedline() })
	t.Run("told", func(t *testing.T) { newTab(t, browser, url).wasTold() })
	t.Run("trees", func(t *testing.T) { newTab(t, browser, url).hearsRedlines() })
}

const focused = `document.activeElement.textContent`

// stepsThroughChanges goes by keys and buttons; the focus and the line that is read
// out follow.
func (p *tab) stepsThroughChanges() {
	p.t.Helper()
	p.open("/rules-en/en/compare/1...2").status(200).shows(".steps button")
	all := eval[[]string](p, `[...document.querySelectorAll('.rl-head')].map(e => e.textContent)`)
	if len(all) < 4 || p.count(".jumps li a") != len(all) {
		p.t.Fatalf("%d changes, of which %d are listed", len(all), p.count(".jumps li a"))
	}
	said := func(i int) {
		p.t.Helper()
		if got := eval[string](p, focused); got != all[i] {
			p.t.Errorf("the focus is on %q, not on %q", got, all[i])
		}
		if got, want := p.text(".steps [role=status]"), fmt.Sprintf("Change %d of %d", i+1, len(all)); got != want {
			p.t.Errorf("read out is %q, not %q", got, want)
		}
	}
	p.key("n")
	said(0)
	p.key("j").key("n")
	said(2)
	p.key("p")
	said(1)
	p.key("k").key("k")
	said(0)
	for range len(all) + 2 {
		p.key("n")
	}
	said(len(all) - 1)
	p.click("[aria-keyshortcuts='p k']")
	p.open("/rules-en/en/compare/1...2?view=side").key("n")
	said(0)
	eval[bool](p, `(document.querySelector('#from').focus(), true)`)
	if p.key("n"); eval[string](p, `document.activeElement.id`) != "from" {
		p.t.Error("a key steps while something is chosen")
	}
	p.stayedHome()
}

const pieceLink = ".rl-piece .rl-count a"

// waits until the page says so.
func (p *tab) waits(condition string) {
	p.t.Helper()
	eval[bool](p, `new Promise(done => { const look = () => (`+condition+`) ? done(true) : requestAnimationFrame(look); look() })`)
}

// unfoldsPieces fetches what is folded, in its place.
func (p *tab) unfoldsPieces() {
	p.t.Helper()
	p.open("/long/en/compare/1...2?view=inline").status(200)
	if eval[bool](p, `document.documentElement.outerHTML.includes('number 3 tells')`) {
		p.t.Error("unchanged text is in the page before anyone asks")
	}
	p.click(pieceLink)
	p.waits(`document.querySelector('` + pieceLink + `').getAttribute('aria-expanded') === 'true'`)
	p.reads("number 3 tells").at("/long/en/compare/1...2?view=inline")
	if !eval[bool](p, `document.activeElement === document.querySelector('`+pieceLink+`')`) {
		p.t.Error("the focus is lost")
	}
	if got := p.click(pieceLink).count(".rl-piece .rl-cell"); got > 0 {
		p.t.Error("it does not fold again")
	}
	p.click(pieceLink).reads("number 3 tells").stayedHome()
}

// unfoldsPages does the same by links alone.
func (p *tab) unfoldsPages() {
	p.t.Helper()
	p.open("/long/en/compare/1...2?view=inline").follow(pieceLink).status(200).reads("number 3 tells")
	if p.count(".steps") > 0 {
		p.t.Error("buttons that do nothing are shown")
	}
	p.follow(".rl-piece:not(:has(.rl-cell)) a").reads("number 3 tells", "number 30 tells")
	p.follow(`.redline-bar a[href*="unfold=all"]`).reads("number 30 tells", "number 99 tells")
	p.follow(`.redline-bar a[href$="view=inline"]`)
	if p.count(".rl-piece .rl-cell") > 0 {
		p.t.Error("it does not fold again")
	}
}

// comparesNarrow demands that each view reads on the narrowest telephone.
func (p *tab) comparesNarrow() {
	p.t.Helper()
	for _, tag := range []string{"en", "ar"} {
		for _, view := range []string{"", "?view=inline", "?view=side"} {
			p.open("/rules-" + tag + "/" + tag + "/compare/1...2" + view).auditedEverywhere()
			p.sized(320)
			if view != "?view=inline" && !eval[bool](p, `(() => { const [a, b] = ['.rl-old', '.rl-new'].map(s => document.querySelector('.rl-alike > ' + s).getBoundingClientRect()); return a.bottom <= b.top + 1 && a.width > 200 })()`) {
				p.t.Errorf("%s: before and after do not stand below each other", p.path())
			}
			p.sized(1280)
		}
	}
	p.open("/rules-ar/ar/compare/1...2?view=side")
	if !eval[bool](p, `(() => { const cells = [...document.querySelectorAll('.rl-cell')].filter(e => e.checkVisibility()); return cells.length > 3 && cells.every(e => getComputedStyle(e).direction === 'rtl') && document.querySelector('.rl-head').dir === 'ltr' })()`) {
		p.t.Error("passages do not run from right to left, or our own words do")
	}
	if !eval[bool](p, `(() => { const [a, b] = ['.rl-old', '.rl-new'].map(s => document.querySelector('.rl-alike > ' + s).getBoundingClientRect()); return a.left > b.right - 1 })()`) {
		p.t.Error("from right to left, what was does not stand on the right")
	}
}

// printsRedline demands that paper needs no colour and names both texts.
func (p *tab) printsRedline() {
	p.t.Helper()
	p.open("/rules-en/en/compare/1...2")
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	p.must(err)
	digests := eval[[]string](p, `[...document.querySelectorAll('.foot-facts .digest')].map(e => e.textContent)`)
	p.reads("Version 1", "Version 2", "1 March 2021", "1 March 2022", p.origin+"/rules-en/en/compare/1...2").reads(digests...)
	if len(digests) != 2 || p.count(".steps, .views, .jumps, .chooser, nav") > 0 {
		p.t.Error("paper shows what one cannot press")
	}
	looks := eval[[]string](p, `['ins', 'del'].map(s => [...document.querySelectorAll('.redline ' + s)].find(e => e.checkVisibility())).map(e => { const s = getComputedStyle(e); return s.textDecorationLine + ' ' + s.color })`)
	if !slices.Equal(looks, []string{"underline rgb(0, 0, 0)", "line-through rgb(0, 0, 0)"}) {
		p.t.Errorf("in black and white edits look %q", looks)
	}
}

// wasTold follows the link of a mail.
func (p *tab) wasTold() {
	p.t.Helper()
	if p.open("/rules-en/en/compare/1...2").count("#told") > 0 {
		p.t.Error("who was told nothing is told so")
	}
	p.open("/rules-en/en/compare/1...2#told").reads("Everything that changed since the version you were last told of: Version 1.")
}

// hearsRedlines compares what a screen reader is given with what was reviewed.
func (p *tab) hearsRedlines() {
	p.t.Helper()
	for _, tag := range []string{"en", "ar"} {
		for _, view := range []string{"list", "inline", "side"} {
			p.open("/rules-" + tag + "/" + tag + "/compare/1...2?view=" + view)
			got := strings.ReplaceAll(p.tree(), p.origin, "http://host")
			file := filepath.Join("testdata", "browser", "compare-"+tag+"-"+view+".txt")
			if *updateTrees {
				p.must(os.WriteFile(file, []byte(got), 0o644))
				continue
			}
			want, err := os.ReadFile(file)
			p.must(err)
			if got != string(want) {
				p.t.Errorf("%s: what a screen reader is given has changed. Look at it, and run with -update-trees:\n%s", file, firstDifference(string(want), got))
			}
		}
	}
}

// firstDifference shows where two texts part.
func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	rest := func(s []string) string { return strings.Join(s[i:min(len(s), i+5)], "\n") }
	return fmt.Sprintf("line %d was\n%s\nand is\n%s", i+1, rest(a), rest(b))
}

// tree writes the main part as assistive technology is given it: a line each, with
// role, name and what else is said.
func (p *tab) tree() string {
	p.t.Helper()
	full, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	p.must(err)
	nodes := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range full.Nodes {
		nodes[n.NodeID] = n
	}
	var out strings.Builder
	var walk func(n *accessibility.Node, depth int, inside bool)
	walk = func(n *accessibility.Node, depth int, inside bool) {
		role := worth(n.Role)
		inside = inside || role == "main"
		if said := spoken(n, role); inside && said != "" {
			out.WriteString(strings.Repeat("  ", depth) + said + "\n")
			depth++
		}
		if slices.Contains(wholeRoles, role) {
			return
		}
		for _, id := range n.ChildIDs {
			if c := nodes[id]; c != nil {
				walk(c, depth, inside)
			}
		}
	}
	walk(full.Nodes[0], 0, false)
	return out.String()
}

// silentRoles only group.
var silentRoles = []string{"generic", "none", "InlineTextBox", "LineBreak", "ListMarker", "MenuListPopup", "LayoutTable", "DescriptionList"}

// wholeRoles have their words in their name.
var wholeRoles = []string{"StaticText", "link", "heading", "button", "option", "term", "LabelText", "DisclosureTriangle"}

// spoken is the line for a node, "" for one that is not heard.
func spoken(n *accessibility.Node, role string) string {
	if n.Ignored || slices.Contains(silentRoles, role) {
		return ""
	}
	name := strings.TrimSpace(worth(n.Name))
	if role == "LabelText" {
		return "" // its input has it as its name
	}
	if role == "StaticText" {
		return name
	}
	line := strings.TrimSpace("[" + role + "] " + name)
	for _, one := range n.Properties {
		switch one.Name {
		case "level", "expanded", "live":
			line += fmt.Sprintf(" (%s %s)", one.Name, worth(one.Value))
		}
	}
	return line
}

// worth is a value as a person would write it.
func worth(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var out any
	if json.Unmarshal(v.Value, &out) != nil || out == nil {
		return ""
	}
	return fmt.Sprint(out)
}
