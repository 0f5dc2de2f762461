package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// house is a service that is open to the public, with people to tell and two who
// work at the desk, one in Russian, one in Kazakh.
type house struct {
	t          *testing.T
	anna, bota *tab
}

const told = 3

// newHouse invites the two by command and opens a window for each.
func newHouse(t *testing.T, at string, command func(...string) string) *house {
	t.Helper()
	browser := newBrowser(t)
	enter := func(lang, address string) *tab {
		link := strings.TrimSpace(command("staff", "invite", "-roles", everyRole, "-lang", lang, address))
		w := newTab(t, browser, at)
		w.open(link).status(200)
		w.stranger().open(link).status(200) // a scanner of mail looks, and presses nothing
		w.follow("main form button").at("/desk/").status(200).shows("html[lang=" + lang + "]")
		w.open(link).status(404).open("/desk/")
		return w
	}
	return &house{t, enter("ru", "anna@example.kz"), enter("kk", "bota@example.kz")}
}

// A document is written, reviewed and published at the desk, twice told of, once
// in Russian and once in Kazakh, by two people who check each other.
func TestPublisher(t *testing.T) {
	t.Parallel()
	relay := newRecorder(t)
	p := newProgram(t, "-smtp", "smtp://"+relay.addr, "-from", "a@example.kz")
	p.command("settings", "hold=15m", "languages=ru,kk,en")
	p.start()
	p.command("open")
	p.command("recipients", "import", writePeople(t, told))
	newHouse(t, "http://"+p.addr, p.command).publishes()
}

func (h *house) publishes() {
	h.t.Helper()
	h.anna.createsDocument()
	h.anna.writes("Десять дней.", "Он күн.", "Ten days.")
	h.anna.click("input[name=class][value=no]").write("#reason", "Первая редакция.").saves(1)
	h.bota.approves(h.anna)
	h.bota.publishes(1).at("/desk/documents/terms?published=1")
	h.tells(h.anna, h.bota, 2)
	h.bota.open("/desk/settings").write("#hold", "0").follow("main form button").shows(".callout.good")
	h.tells(h.bota, h.anna, 3)
	p := newTab(h.t, h.anna.ctx, h.anna.origin).open("/terms/kk").status(200).shows(".callout.upcoming")
	if got := p.count(`.versions tbody tr`); got != 3 {
		h.t.Errorf("readers see %d versions", got)
	}
}

func (p *tab) createsDocument() {
	p.t.Helper()
	p.follow(`a[href="/desk/new-document"]`).write("#id", "Условия").write("#title-ru", "Условия").follow("main form button").status(422).shows("#id-error", "a[href='#id']")
	if got := p.value("#title-ru"); got != "Условия" {
		p.t.Errorf("after a refusal the title is %q", got)
	}
	p.write("#id", "terms").write("#title-kk", "Шарттар").write("#title-en", "Terms").choose("#prevailing", "ru").follow("main form button").at("/desk/documents/terms/draft")
}

// writes fills in a text in three languages.
func (p *tab) writes(ru, kk, en string) {
	p.t.Helper()
	p.write("#source-ru", "1. Сроки\n\n1.1. "+ru+"\n").write("#source-kk", "1. Мерзімдер\n\n1.1. "+kk+"\n").write("#source-en", "1. Terms\n\n1.1. "+en+"\n")
}

func (p *tab) saves(revision int) *tab {
	p.t.Helper()
	return p.follow("main form button").status(200).at("/desk/documents/terms/draft?saved=1").shows(".callout.good", fmt.Sprintf(`#revisions ~ ul a[href$="revision=%d"]`, revision))
}

// tells has one person write version n and the other publish it.
func (h *house) tells(author, second *tab, n int) {
	h.t.Helper()
	author.open("/desk/documents/terms").follow(`a[href$="/draft"]`)
	days := fmt.Sprint(n * 10)
	author.writes(days+" дней.", days+" күн.", days+" days.")
	author.click("input[name=class][value=yes]")
	for _, tag := range []string{"ru", "kk", "en"} {
		for _, slot := range []string{"what", "whom", "means"} {
			author.write("#"+slot+"-"+tag, slot+" "+tag)
		}
	}
	first := h.revision(author)
	author.saves(first)
	h.savesStale(author, first)
	author.open("/desk/documents/terms/review").previews(days)
	second.approves(author)
	second.publishes(n)
	second.untilShown(`a[href^="/desk/notices/"]`, n-1).follow(`a[href^="/desk/notices/"]`).status(200)
	if n == 2 {
		second.stopsAndResumes()
	} else {
		second.sees(fmt.Sprint(told), "0", fmt.Sprint(told), "0", "0", "0")
	}
}

// revision is the one that the next save will make.
func (h *house) revision(p *tab) (n int) {
	fmt.Sscan(p.value("input[name=revision]"), &n)
	return n + 1
}

// savesStale saves from a second window what was begun before the first one
// saved: both texts are shown, and neither is lost.
func (h *house) savesStale(p *tab, last int) {
	h.t.Helper()
	other := p.sibling().open("/desk/documents/terms/draft").status(200)
	mine, theirs := p.value("#source-en")+"\n1.2. Mine.\n", p.value("#source-en")+"\n1.2. Theirs.\n"
	p.write("#source-en", theirs).saves(last + 1)
	other.write("#source-en", mine).follow("main form button").status(409)
	other.shows("#conflict", ".redline ins", ".redline del").reads("Mine.", "Theirs.")
	if got := other.value("#source-en"); got != mine {
		h.t.Errorf("after a stale save the text is %q", got)
	}
	other.follow("main form button").status(200).shows(fmt.Sprintf(`a[href$="revision=%d"]`, last+2))
	other.follow(fmt.Sprintf(`a[href$="revision=%d"]`, last+1)).status(200)
	if got := other.value("#source-en"); got != theirs {
		h.t.Errorf("the revision saved first is %q", got)
	}
}

// previews looks at what readers and recipients will see.
func (p *tab) previews(words string) {
	p.t.Helper()
	p.status(200).shows(".redline ins", ".redline del", `form[action$="/submit"] button`)
	if p.count(`form[action$="/approve"], form[action$="/publish"]`) > 0 {
		p.t.Error("the author may approve or publish what nobody approved")
	}
	mail := "details:has(> pre) > summary"
	p.click(mail)
	if got := p.text("details[open] > pre"); !strings.Contains(got, words) {
		p.t.Errorf("the preview of the mail is %q", got)
	}
}

// approves takes what the other submits.
func (p *tab) approves(author *tab) {
	p.t.Helper()
	author.open("/desk/documents/terms/review").follow(`form[action$="/submit"] button`).at("/desk/documents/terms")
	p.open("/desk/").follow(`#waiting ~ ul a[href$="/terms/review"]`).follow(`form[action$="/approve"] button`).at("/desk/documents/terms")
}

// publishes is refused until it is confirmed.
func (p *tab) publishes(n int) *tab {
	p.t.Helper()
	p.open("/desk/").follow(`#waiting ~ ul a[href$="/terms/review"]`)
	p.follow(`form[action$="/publish"] button`).status(422).shows("#sure-error")
	p.click(`label[for=sure]`).follow(`form[action$="/publish"] button`).status(200)
	return p.shows(".callout.good", fmt.Sprintf("#v%d", n))
}

// stopsAndResumes stops a notice within its hold.
func (p *tab) stopsAndResumes() {
	p.t.Helper()
	n := fmt.Sprint(told)
	p.sees(n, n, "0", "0", "0", "0")
	state := p.text("p.status")
	p.click(`details:has(form[action$="/stop"]) summary`).follow(`form[action$="/stop"] button`).status(200)
	if stopped := p.text("p.status"); stopped == state || p.count("p.status.gone") == 0 {
		p.t.Errorf("a stopped notice is %q", stopped)
	}
	p.click(`details:has(form[action$="/resume"]) summary`).follow(`form[action$="/resume"] button`).status(200)
	if resumed := p.text("p.status"); resumed != state {
		p.t.Errorf("resumed it is %q, not %q", resumed, state)
	}
	p.sees(n, n, "0", "0", "0", "0")
}

// untilShown loads the page again until it shows as many as follow from the log.
func (p *tab) untilShown(selector string, n int) *tab {
	p.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); p.count(selector) < n; <-tick.C {
		if time.Since(began) > patience {
			p.t.Fatalf("%s never shows %d of %s", p.where(), n, selector)
		}
		p.open(p.path())
	}
	return p
}

// sees waits until the figures are these.
func (p *tab) sees(want ...string) {
	p.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var got []string
	for began := time.Now(); time.Since(began) < patience; <-tick.C {
		got = eval[[]string](p, `[...document.querySelectorAll('.figures dd')].map(e => e.innerText)`)
		if slices.Equal(got, want) {
			return
		}
		p.open(p.path())
	}
	p.t.Fatalf("the figures are %q, not %q", got, want)
}
