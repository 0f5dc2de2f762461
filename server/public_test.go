package server_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/documents/translog"
	"vestnik/server"
)

// unbrokenParts keep words in one line.
var unbrokenParts = regexp.MustCompile(`<span class="nb">([^<]*)</span>`)

// said is the page without what only keeps words in one line.
func (a answer) said() string { return unbrokenParts.ReplaceAllString(a.body, "$1") }

func (a answer) has(parts ...string) answer {
	a.t.Helper()
	for _, p := range parts {
		if !strings.Contains(a.said(), p) {
			a.t.Errorf("the page lacks %q", p)
		}
	}
	return a
}

func (a answer) lacks(parts ...string) answer {
	a.t.Helper()
	for _, p := range parts {
		if strings.Contains(a.said(), p) {
			a.t.Errorf("the page has %q", p)
		}
	}
	return a
}

func TestNegotiation(t *testing.T) {
	h := staged(t)
	for accept, want := range map[string]string{"kk-KZ,kk;q=0.9,ru;q=0.8": "/privacy/kk", "de": "/privacy/ru", "en-GB": "/privacy/en", "": "/privacy/ru"} {
		a := h.get("/privacy", "Accept-Language", accept).want(http.StatusFound)
		if a.header.Get("Location") != want || !strings.Contains(a.header.Get("Vary"), "Accept-Language") {
			t.Errorf("Accept-Language %q leads to %q (Vary %q), want %q", accept, a.header.Get("Location"), a.header.Get("Vary"), want)
		}
	}
	h.get("/", "Accept-Language", "kk").want(200).has(`<html lang="kk"`, "Құжаттар")
	h.get("/?lang=en", "Accept-Language", "kk").want(200).has(`<html lang="en"`)
	h.get("/privacy/de").want(404)
	h.get("/nothing/ru").want(404)
}

func TestCurrentPage(t *testing.T) {
	h := staged(t)
	h.get("/privacy/ru").want(200).has("Действует с", "Версия 2", "Срок ответа на просьбу", "Делать ничего не нужно", "compare/1...2", "Новая редакция вступит в силу", "compare/2...3",
		`<link rel="canonical" href="`+h.tcp.URL+`/privacy/ru">`, `hreflang="kk"`, `hreflang="x-default"`, "русский", "feed.atom", `id="p1.2"`).lacks("noindex", "Это архивная редакция")
	h.get("/privacy/ru/v/1").want(200).has("Это архивная редакция", "noindex", "Перейти к действующей", `rel="canonical" href="`+h.tcp.URL+`/privacy/ru/v/1"`).lacks("Служба сообщает об изменениях")
	h.get("/privacy/ru/v/3").want(200).has("ещё не действует", "Пункты, которых больше нет", "Пункт 2.1 исключён").lacks("Пользователь может получить копию", "noindex")
}

func TestOnlyVersion(t *testing.T) {
	h := newHouse(t, withTree(t))
	by := documents.Actor{Name: "local"}
	_, err := h.library.Import(t.Context(), documents.History{Document: "terms", Prevailing: "ru", Zone: "Asia/Almaty", Titles: map[string]string{"ru": "Условия"},
		Versions: []documents.ImportedVersion{{Number: 1, Texts: []documents.DraftText{{Lang: "ru", Source: "1. Раз.\n\n2. Два.\n"}}}}}, by)
	must(t, err)
	a := h.get("/terms/ru").want(200).has("единственная редакция", "дата вступления в силу не указана").lacks("compare", "Посмотреть, что изменилось")
	checkHTML(t, "only", a.body)
}

func TestDays(t *testing.T) {
	h := staged(t)
	h.local("PUT", "/settings", `{"zone":"Asia/Almaty"}`).want(200)
	h.get("/privacy/ru/on/2020-01-01").want(200).has("(UTC&#43;6)", "noindex").lacks("Служба сообщает об изменениях")
	h.get("/privacy/kk/on/2024-02-28").want(200).has("күнінің соңында (UTC&#43;6)") // the last hour of the next day came twice
	h.get("/privacy/kk/on/2024-03-01").want(200).has("күнінің соңында (UTC&#43;5)")
	h.get("/privacy/ru/on/2019-12-31").want(404).has("Тогда документа ещё не было", "1 января 2020").lacks("There was no such document then")
	tomorrow := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	h.get("/privacy/ru/on/"+tomorrow).want(404).has("Этого ещё нельзя знать", "Запланировано: Версия 3", `href="/privacy/ru/v/3"`, `action="/privacy/ru/on"`)
	h.get("/privacy/ru/on?date=2021-01-01").want(303)
	almaty, err := time.LoadLocation("Asia/Almaty")
	must(t, err)
	today := time.Now().In(almaty).Format(time.DateOnly)
	h.get("/privacy/ru/on/"+today).want(200).has("по известному на этот момент", "Версия 2")
	h.remote("", "GET", "/documents/privacy/in-force?at="+today, "").want(200)
}

func TestClausePage(t *testing.T) {
	h := staged(t)
	first, err := h.library.Version(t.Context(), "privacy", 2)
	must(t, err)
	text, _ := first.Text("ru")
	for _, c := range text.Clauses {
		a := h.get("/privacy/ru/clause/" + c.ID).want(200)
		checkHTML(t, "clause "+c.Number, a.body)
		if c.Number == "1.2." {
			a.has("под номером 1.2", "Служба сообщает об изменениях", "Добавлено")
		}
	}
	third, err := h.library.Version(t.Context(), "privacy", 3)
	must(t, err)
	text, _ = third.Text("kk")
	for _, c := range text.Clauses {
		checkHTML(t, "kk clause", h.get("/privacy/kk/clause/"+c.ID).want(200).body)
	}
}

func TestRegister(t *testing.T) {
	h := staged(t)
	by := documents.Actor{Name: "local"}
	_, err := h.library.Withdraw(t.Context(), "privacy", 3, "Опубликовано по ошибке.", by)
	must(t, err)
	h.get("/privacy/register?lang=ru").want(200).has("Опубликовано одним лицом", "Перенесено из архива", "Отозвано", "Опубликовано по ошибке.", "compare/1...2", "/log/proof/1", "Существенное изменение", "Срочно")
	h.get("/register?lang=en").want(200).has("Withdrawn", "Personal data policy")
	h.get("/register?lang=en&before=2").want(200).has("<strong>Imported", "To the latest events").lacks("<strong>Withdrawn")
	h.get("/privacy/ru/v/3").want(200).has("</strong> Опубликовано по ошибке.</p>", "отозвана", "noindex")
	h.get("/privacy/kk/v/3").want(200).has(`</strong> <span lang="ru" dir="ltr">Опубликовано по ошибке.</span> <span class="soft">(орыс тілінде)</span></p>`)
	h.get("/privacy/ru").want(200).lacks("Новая редакция вступит в силу")
}

// A page that was cached must not outlive what it says.
func TestCacheFollowsTheLog(t *testing.T) {
	h := staged(t)
	h.get("/privacy/ru").want(200).has("Срок ответа на просьбу").lacks("исправлено")
	corrected := map[string]map[string]string{}
	for _, tag := range []string{"ru", "kk", "en"} {
		n := noteOf(tag)
		corrected[tag] = map[string]string{"what": "<b>Верное</b> пояснение & " + tag, "whom": n.Whom, "means": n.Means}
	}
	h.local("POST", "/documents/privacy/versions/2/correct", toJSON(t, map[string]any{"notes": corrected})).want(200)
	h.get("/privacy/ru").want(200).has("&lt;b&gt;Верное&lt;/b&gt; пояснение &amp; ru", "Пояснение исправлено").lacks("<b>Верное")
	h.local("PUT", "/settings", `{"organisation":"ТОО «Новое имя»"}`).want(200)
	h.get("/privacy/ru").want(200).has("ТОО «Новое имя»")
	h.get("/").want(200).lacks("Политика конфиденциальности")
	h.local("PUT", "/documents/privacy", `{"titles":{"ru":"Политика конфиденциальности","kk":"Саясат","en":"Policy"},"prevailing":"ru"}`).want(200)
	h.get("/").want(200).has("Политика конфиденциальности")
}

func TestLogPages(t *testing.T) {
	h := staged(t)
	key := strings.TrimSpace(h.get("/log/key").want(200).body)
	signed := h.get("/log/checkpoint").want(200)
	if c, err := translog.OpenCheckpoint([]byte(signed.body), key); err != nil || c.Size != 3 {
		t.Fatalf("checkpoint of %d: %v", c.Size, err)
	}
	if signed.header.Get("Cache-Control") != "no-cache" {
		t.Error("the checkpoint may be kept")
	}
	for seq := 1; seq <= 3; seq++ {
		body := h.get(fmt.Sprintf("/log/proof/%d", seq)).want(200).body
		if _, err := translog.VerifyProof([]byte(body), key); err != nil {
			t.Errorf("proof %d: %v", seq, err)
		}
	}
	h.get("/log/tile/0/000.p/3").want(200)
	h.get("/log/tile/entries/000.p/3").want(200)
	for _, path := range []string{"/log/proof/4", "/log/proof/0", "/log/tile/0/000", "/log/tile/9/9", "/log/nothing"} {
		h.get(path).want(404)
	}
	h.get("/verify?lang=ru").want(200).has(strings.ReplaceAll(key, "+", "&#43;"), "vestnik verify")
}

func TestEmbed(t *testing.T) {
	h := staged(t)
	a := h.get("/embed/privacy/ru").want(200).has(`id="p1.2"`, h.tcp.URL+"/privacy/ru").lacks("<html", "<script")
	if a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error("no other site may read the fragment")
	}
}

func TestStyleIsKeptForEver(t *testing.T) {
	h := staged(t)
	_, after, _ := strings.Cut(h.get("/").body, `<link rel="stylesheet" href="`)
	path, _, _ := strings.Cut(after, `"`)
	a := h.get(path).want(200)
	if !strings.Contains(a.header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/css") {
		t.Errorf("header %v", a.header)
	}
	h.get("/static/style.000000000000.css").want(404)
}

// Scripts are on pages of documents alone, as files that never change.
func TestScripts(t *testing.T) {
	h := staged(t)
	for _, path := range []string{"/", "/register", "/verify", "/privacy/register", "/nothing", "/desk/sign-in"} {
		a := h.get(path).lacks("<script")
		if csp := a.header.Get("Content-Security-Policy"); strings.Contains(csp, "script-src") {
			t.Errorf("%s: %s", path, csp)
		}
	}
	page := h.get("/privacy/ru").want(200)
	csp := page.header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %s", csp)
	}
	_, rest, _ := strings.Cut(page.body, `<script src="`)
	src, _, _ := strings.Cut(rest, `"`)
	a := h.get(src).want(200)
	if !strings.Contains(a.header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/javascript") {
		t.Errorf("header %v", a.header)
	}
	h.get("/static/reading.000000000000.js").want(404)
}

// A hostile source and title stay inside their place.
func TestHostileText(t *testing.T) {
	h := newHouse(t, withTree(t))
	source := "# <img src=x onerror=alert(1)>\n\n1. Раз</div></main><script>alert(1)</script>\n\n2. <a href=\"javascript:alert(1)\" style=\"x\">два</a> <h1 id=main>три\n"
	_, err := h.library.Import(t.Context(), documents.History{Document: "bad", Prevailing: "ru", Zone: "Asia/Almaty", Titles: map[string]string{"ru": `"><script>alert(2)</script>`},
		Versions: []documents.ImportedVersion{{Number: 1, Effective: "2020-01-01", Texts: []documents.DraftText{{Lang: "ru", Title: `"><script>alert(3)</script>`, Source: source}}},
			{Number: 2, Effective: "2021-01-01", Texts: []documents.DraftText{{Lang: "ru", Title: `</title><script>`, Source: source + "\n3. </section></del></article><style>*{}</style>\n"}}}}}, documents.Actor{Name: "local"})
	must(t, err)
	for _, path := range []string{"/", "/bad/ru", "/bad/ru/v/1", "/bad/ru/compare/1...2", "/bad/register", "/register"} {
		checkHTML(t, path, h.get(path).want(200).lacks("<script>", "<style", "javascript:alert").body)
	}
	h.get("/bad/feed.atom").want(200).lacks("<script")
	h.get("/embed/bad/ru").want(200).lacks("<script", "onerror")
}

func TestRehearsalPagesAreForStaff(t *testing.T) {
	h := staged(t, func(c *server.Config) { c.Install.Rehearsal = func() bool { return true } })
	for _, path := range []string{"/", "/privacy/ru", "/privacy", "/register", "/log/checkpoint", "/privacy/feed.atom", "/sitemap.xml"} {
		h.get(path).want(401).has("Этот сайт ещё не открыт", "/desk/sign-in")
	}
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	a := call(t, b, "GET", h.tcp.URL+"/privacy/ru", "").want(200).has("Репетиция")
	if a.header.Get("Cache-Control") != "no-store" {
		t.Error("a page of the rehearsal may be kept")
	}
}

func TestBasePath(t *testing.T) {
	h := staged(t, func(c *server.Config) { c.URL += "/policies" })
	page := h.get("/policies/privacy/ru").want(200).has(`href="/policies/static/`, `href="/policies/privacy/kk"`, h.tcp.URL+"/policies/privacy/ru").lacks(`href="/privacy`, `href="/static`)
	checkHTML(t, "based", page.body)
	if to := h.get("/policies/privacy", "Accept-Language", "kk").want(302).header.Get("Location"); to != "/policies/privacy/kk" {
		t.Errorf("leads to %s", to)
	}
}

// Pages keep together what belongs together; what is searched is not torn by it.
func TestPagesKeepDatesWhole(t *testing.T) {
	h := staged(t)
	for _, path := range []string{"/privacy/ru", "/privacy/kk?q=a", "/privacy/en/compare/1...2"} {
		if a := h.get(path).want(200); !unbrokenParts.MatchString(a.body) {
			t.Errorf("%s lets dates be broken", path)
		}
	}
}

// The chooser offers two versions, also below the first one.
func TestChooserOffersTwoVersions(t *testing.T) {
	h := staged(t)
	h.get("/privacy/ru/v/1").want(200).has(`<option value="1" selected>`, `<option value="2" selected>`)
}
