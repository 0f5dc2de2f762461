package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axeRun asks axe-core for all that it holds against a page. A mail within a page
// is looked at on its own.
const axeRun = `axe.run(document, {iframes: false, resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}).then(r =>
	r.violations.flatMap(v => v.nodes.slice(0, 5).map(n => v.id + ': ' + n.target.join(' ') + ': ' + n.html.replace(/\s+/g, ' ').slice(0, 160) + ' (' + [...n.any, ...n.all, ...n.none].map(c => c.message).join('; ') + ')')))`

// axeContrast asks for what a scheme alone can spoil.
const axeContrast = `axe.run(document, {iframes: false, resultTypes: ['violations'], runOnly: ['color-contrast']}).then(r =>
	r.violations.flatMap(v => v.nodes.slice(0, 5).map(n => n.target.join(' ') + ': ' + n.any.map(c => c.message).join('; '))))`

const axeUnfold = `for (const d of document.querySelectorAll('details:not([name])')) d.open = true`

// axe is a window whose pages axe-core looks at.
type axe struct {
	*tab
	script string
	seen   int
	box    *tab            // of the mailbox
	used   map[string]bool // links of mails
	forms  map[string]bool // of addresses that a crawl looked at
}

func newAxe(t *testing.T, p *tab) *axe {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", "axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core is missing: run npm ci in cmd/vestnik/testdata/axe, as make test does: %v", err)
	}
	return &axe{tab: p, script: string(script), box: p.stranger(), used: map[string]bool{}, forms: map[string]bool{}}
}

// looks reports what bars people from the page before us: on a phone as it comes,
// and on a desk, in the dark, with all of it unfolded; of the other two pairs the
// colours. The debugger brings axe-core in, since the page's policy lets in no
// script.
func (a *axe) looks() {
	a.t.Helper()
	a.seen++
	a.scheme("light").sized(320)
	eval[any](a.tab, a.script+";0")
	a.finds("light, narrow", axeRun)
	a.scheme("dark")
	a.finds("dark, narrow", axeContrast)
	if strings.HasPrefix(a.where(), a.origin) {
		a.endures()
	}
	a.sized(1280)
	eval[any](a.tab, axeUnfold)
	a.finds("dark, wide", axeRun)
	a.scheme("light")
	a.finds("light, wide", axeContrast)
}

// looksOnce leaves out what an earlier crawl has seen.
func (a *axe) looksOnce() {
	a.t.Helper()
	if form := tonguelessForm(a.path()); !a.forms[form] {
		a.forms[form] = true
		a.looks()
	}
}

// tonguelessForm is the form of an address in whatever language: what bars people
// is in the template. That pages hold together in each is tested elsewhere.
func tonguelessForm(path string) string { return formOf(tongued.ReplaceAllString(path, "$1-")) }

var tongued = regexp.MustCompile(`([/=])(ru|kk|en)\b`)

func (a *axe) finds(scheme, run string) {
	a.t.Helper()
	for _, wrong := range eval[[]string](a.tab, run) {
		a.t.Errorf("%s, %s: %s", secretForm.ReplaceAllString(a.path(), "…"), scheme, wrong)
	}
}

var secretForm = regexp.MustCompile(`[A-Za-z0-9_-]{43}`)

// goes opens an address that is answered so, and looks.
func (a *axe) goes(status int64, addresses ...string) {
	a.t.Helper()
	for _, at := range addresses {
		a.open(at).status(status)
		a.looks()
	}
}

const send = "main form:not([role=search]) .buttons button"

// sends presses the button of the page's form and looks at what follows.
func (a *axe) sends(status int64) {
	a.t.Helper()
	a.follow(send).status(status)
	a.looks()
}

// axe-core finds nothing against any page, in any state, nor against any mail; each
// page endures a phone, large letters and the colours of its reader.
func TestAxe(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.terms()
	p := newTab(t, newBrowser(t), d.url)
	a := newAxe(t, p)
	t.Run("public", func(t *testing.T) { a.during(t, a.public) })
	t.Run("door", func(t *testing.T) { a.during(t, a.door) })
	t.Run("keyboard", func(t *testing.T) { a.during(t, a.keys) })
	t.Run("desk", func(t *testing.T) { a.during(t, func() { a.desk(d) }) })
	t.Run("mails", func(t *testing.T) { a.during(t, a.mails) })
	t.Logf("%d pages", a.seen)
}

// terms are a document with versions past, in force and withdrawn.
func (d *running) terms() {
	d.t.Helper()
	text := func(days string) map[string]string {
		return map[string]string{"ru": "# Условия\n\n1. Срок\n\n1.1. " + days + " дней.\n", "kk": "# Шарттар\n\n1. Мерзім\n\n1.1. " + days + " күн.\n"}
	}
	c := socketClient(folder(d.dir))
	call := func(path string, body any) {
		d.t.Helper()
		if err := c.callKeyed(d.t.Context(), "POST", "/documents/terms"+path, path, body, nil); err != nil {
			d.t.Fatal(err)
		}
	}
	call("/import", history{Prevailing: "ru", Zone: "Asia/Almaty", Versions: []historyVersion{
		{Number: 1, Effective: "2020-03-01", Published: "2020-02-15", Texts: text("Десять")}, {Number: 2, Effective: "2021-03-01", Published: "2021-02-15", Texts: text("Двадцать")}}})
	slots := note{What: "Срок.", Whom: "Всех.", Means: "Дольше."}
	call("/versions", publication{Class: "notice", Reason: "Срок.", Texts: text("Тридцать"), Notes: map[string]note{"ru": slots, "kk": slots}})
	call("/versions/3/withdraw", map[string]string{"reason": "Ошибка."})
}

func (a *axe) public() {
	a.t.Helper()
	a.visits("/?lang=ru", 200, 1, tonguelessForm, a.looksOnce)
	a.goes(200, "/?lang=kk", "/terms/ru", "/terms/kk/v/1", "/terms/ru/v/3", "/terms/kk/v/3", "/privacy/en/v/2", "/terms/ru/compare/1...2?view=list",
		"/privacy/kk/compare/1...2?view=inline", "/privacy/ru/compare/1...2?view=side", "/privacy/kk?q=дерек", "/privacy/ru?q=данн", "/privacy/ru?q=нетничего",
		"/why?lang=kk", "/verify?lang=kk", "/verify?lang=en", "/register?lang=kk")
	a.goes(404, "/nothing?lang=kk", "/privacy/ru/v/99")
}

// link waits for a new mail to somebody with a link of a form.
func (a *axe) link(to string, form *regexp.Regexp) (link string) {
	a.t.Helper()
	ok := until(patience, func() bool {
		a.box.open("/desk/mailbox")
		for _, at := range eval[[]string](a.box, `[...document.querySelectorAll('main tbody tr')].filter(r => r.innerText.includes(%s)).map(r => r.querySelector('a').pathname)`, to) {
			link = form.FindString(a.box.open(at + "?view=text").text("pre"))
			if link != "" && !a.used[link] {
				return true
			}
		}
		return false
	})
	if !ok {
		a.t.Fatalf("no mail to %s has a link of the form %s", to, form)
	}
	a.used[link] = true
	return link
}

func (a *axe) during(t *testing.T, walk func()) {
	before := a.tab.t
	a.tab.t, a.box.t = t, t
	defer func() { a.tab.t, a.box.t = before, before }()
	walk()
}

func (a *axe) door() {
	a.t.Helper()
	a.acts(a.link("aigerim@example.kz", personalForm), "kk")
	orlova := a.link("s.orlova@example.org", personalForm)
	a.acts(orlova, "ru")
	a.leaves(orlova, "s.orlova@example.org", "orlova@example.kz")
}

// acts shows what one registered user can do.
func (a *axe) acts(me, lang string) {
	a.t.Helper()
	a.goes(200, me+"?lang="+lang)
	for _, act := range []string{"language", "not-mine", "export", "name", "erase", "object"} {
		a.goes(200, me+"/"+act+"?lang="+lang)
	}
	a.write("#value", "1.1.")
	a.sends(200)
}

// leaves walks through the door to the end: the address moves, and all is erased.
func (a *axe) leaves(me, from, to string) {
	a.t.Helper()
	a.open(me).follow(`main a[href*="/mail/"]`)
	a.looks()
	a.open(me+"/address").write("#value", "nowhere")
	a.sends(422)
	a.write("#value", to)
	a.sends(200)
	for _, at := range []string{from, to} {
		a.goes(200, a.link(at, freshForm))
		a.sends(200)
	}
	a.open(me + "/export").follow(send)
	a.open(a.link(to, freshForm))
	a.sends(200)
	a.open(me + "/erase").follow(send)
	fresh := a.link(to, freshForm)
	a.goes(200, me, fresh)
	a.sends(200)
	a.goes(200, fresh) // it says what it did
	never := strings.Repeat("A", 43)
	a.goes(404, "/me/act/"+never, "/me/"+never+"?lang=kk")
}

func (a *axe) desk(d *running) {
	a.t.Helper()
	a.goes(200, "/desk/sign-in?lang=kk")
	a.open(d.invited("-lang", "ru", "anna@example.kz"))
	a.looks()
	a.follow(send)
	a.looks()
	a.open("/desk/requests").follow("main tbody a")
	a.sends(422)
	a.click("input[value=refused]").click("input[value=retention]").write("#words", "Закон обязывает.")
	a.sends(200)
	a.open("/desk/documents/terms/draft").write("#source-ru", "# Условия\n\n1. Срок\n\n1.1. Пять дней.\n")
	a.sends(200)
	a.visits("/desk/", 60, 1, func(path string) string {
		if !strings.HasPrefix(path, "/desk/") {
			return "seen by the public"
		}
		return formOf(path)
	}, a.looksOnce)
}

// mails are one of each subject.
func (a *axe) mails() {
	a.t.Helper()
	a.open("/desk/mailbox")
	a.looks()
	seen := map[string]bool{}
	for _, m := range eval[[][2]string](a.tab, `[...document.querySelectorAll('main tbody a')].map(a => [a.pathname, a.innerText])`) {
		subject := varying.ReplaceAllString(m[1], "N")
		if seen[subject] {
			continue
		}
		seen[subject] = true
		// where it is shown nothing runs, so it is written into an empty page
		answer, err := http.Get(a.origin + m[0] + "/html")
		a.must(err)
		html, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		a.must(err)
		a.do(chromedp.Navigate("about:blank"))
		eval[any](a.tab, `(document.open(), document.write(%s), document.close())`, string(html))
		a.looks()
	}
}
