package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vestnik/documents/postgres/postgrestest"
)

// Readers on a small telephone, without script, whatever the store: one wants to know
// what changed in clause 6.1, the other the text on a date.
func TestReaderWalks(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	t.Run("bolt", func(t *testing.T) { newLibrary(t, nil).walks(browser) })
	t.Run("postgres", func(t *testing.T) {
		c := postgrestest.Start(t, postgrestest.Options{})
		newLibrary(t, (&fleet{t: t, cluster: c}).database(c.Schema())).walks(browser)
	})
}

// library is an installation with a history: version 1 of 2020, version 2 of March
// 2024, and version 3, which is to come.
type library struct {
	t *testing.T
	n *node
}

func clausesOf(tag, period string) string {
	if tag == "kk" {
		return "# Саясат\n\n6. Өзгерістер\n\n6.1. Өзгерістер туралы " + period + " бұрын хабарлаймыз.\n\n6.2. Хабарлама тегін.\n"
	}
	return "# Политика\n\n6. Изменения\n\n6.1. Об изменениях мы сообщаем за " + period + ".\n\n6.2. Уведомление бесплатно.\n"
}

func newLibrary(t *testing.T, store []string) *library {
	t.Helper()
	h := &library{t: t, n: &node{t: t, dir: filepath.Join(t.TempDir(), "data"), addr: freeAddr(t), args: store}}
	t.Cleanup(func() {
		if h.n.cmd != nil {
			h.n.cmd.Process.Kill()
			h.n.cmd.Wait()
		}
	})
	history := t.TempDir()
	for name, text := range map[string]string{
		"2020-01-01.ru.md": clausesOf("ru", "десять дней"), "2020-01-01.kk.md": clausesOf("kk", "он күн"),
		"2024-03-01.ru.md": clausesOf("ru", "двадцать дней"), "2024-03-01.kk.md": clausesOf("kk", "жиырма күн"),
	} {
		if err := os.WriteFile(filepath.Join(history, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.n.command("settings", "organisation=Example", "zone=Asia/Almaty", "languages=ru,kk")
	h.n.command("import", "-document", "privacy", history)
	h.n.start()
	h.n.command("open")
	body := publication{Class: "editorial", Reason: "Срок.", Effective: "2199-01-01", Texts: map[string]string{"ru": clausesOf("ru", "тридцать дней"), "kk": clausesOf("kk", "отыз күн")}}
	if err := h.n.client().callKeyed(t.Context(), "POST", "/documents/privacy/versions", "third", body, &published{}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *library) walks(browser context.Context) {
	h.t.Helper()
	p := newTab(h.t, browser, "http://"+h.n.addr).scriptless().sized(320)
	p.findsChange()
	p.asksForDays()
	p.chooses()
	p.stayedHome()
	if got := p.cookies(); len(got) > 0 {
		h.t.Errorf("a reader got cookies %q", got)
	}
}

// findsChange goes from the front page to what changed in clause 6.1, and on to all
// that ever did.
func (p *tab) findsChange() {
	p.t.Helper()
	p.open("/?lang=kk").status(200).fits().reads("Қолданыста").follow("main h2 a").at("/privacy/kk").status(200).fits().shows("p.status.in-force")
	p.follow(`.callout.upcoming a[href*="/compare/"]`).at("/privacy/kk/compare/2...3").status(200).fits().shows("ins", "del").reads("6.1", "отыз күн")
	for mark, word := range map[string]string{"ins": "отыз", "del": "жиырма"} {
		if said := eval[string](p, `[...document.querySelectorAll(%s)].map(e => e.textContent).join(' ')`, mark); !strings.Contains(said, word) {
			p.t.Errorf("<%s> is of %q", mark, said)
		}
	}
	p.open("/privacy/kk").click("#p6\\.1").follow(".share").status(200).fits().shows("main h1", "main table tbody tr").reads("6.1", "жиырма күн")
	p.follow(`main a[href*="/compare/1...2"]`).status(200).fits().reads("он күн", "жиырма күн")
}

// asksForDays asks for the text on days: of before the document, of each version, of
// tomorrow and of when a version is to take effect. Where there is no answer, the
// page says why, and another day can be asked for there.
func (p *tab) asksForDays() {
	p.t.Helper()
	ask := func(year, month, date string) *tab {
		p.t.Helper()
		p.click("#date").do(day(year, month, date)...)
		return p.follow("form[action$='/on'] button").fits()
	}
	p.open("/privacy/kk")
	ask("2019", "12", "31").status(404).at("/privacy/kk/on/2019-12-31").reads("Ол кезде құжат әлі болған жоқ", "2020 ж. 1 қаңтар")
	ask("2199", "01", "01").status(404).reads("Оны әзірге білу мүмкін емес", "2199 ж. 1 қаңтар").follow(`main a[href="/privacy/kk/v/3"]`).status(200).fits().reads("отыз күн")
	p.open("/privacy/kk/on/2199-01-01")
	ask("2024", "02", "28").status(200).at("/privacy/kk/on/2024-02-28").shows(".callout.past").reads("күнінің соңында (UTC+6)", "он күн")
	ask("2024", "03", "01").status(200).reads("күнінің соңында (UTC+5)", "жиырма күн")
	p.follow("header a[hreflang=ru]").at("/privacy/ru/on/2024-03-01").status(200).fits().reads("1 марта 2024 г.", "двадцать дней")
	p.open("/privacy/kk/on/2024-3-1").status(400).fits().reads("Күн дұрыс жазылмаған")
	ask("2024", "03", "01").status(200)
}

// chooses takes one kind of event from the register, by its form.
func (p *tab) chooses() {
	p.t.Helper()
	p.open("/register?lang=kk&kind=imported").status(200).fits().shows("#e1", "#e2").choose("#kind", "published").follow("main form button").status(200).fits().shows("#e3").reads("Жарияланды")
	if p.count("#e1") > 0 {
		p.t.Error("what was not chosen is there too")
	}
	p.follow("#e3 th a").status(200).shows("#e3:target", "#e1")
}
