package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"vestnik/documents"
	"vestnik/server"
)

// post sends a form as the browser of a member of staff would.
func (h *house) post(b *http.Client, path string, form url.Values) answer {
	h.t.Helper()
	return call(h.t, b, "POST", h.tcp.URL+path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

func (h *house) page(b *http.Client, path string) answer {
	h.t.Helper()
	a := call(h.t, b, "GET", h.tcp.URL+path, "")
	if a.status == 200 {
		checkHTML(h.t, path, a.body)
		if a.header.Get("Cache-Control") != "no-store" {
			h.t.Errorf("%s may be kept", path)
		}
	}
	return a
}

// formOf is what the draft's form would send for a draft.
func formOf(revision, based int, d *documents.Draft) url.Values {
	f := url.Values{"revision": {fmt.Sprint(revision)}, "based": {fmt.Sprint(based)}, "class": {"yes"}, "reason": {d.Change.Reason}, "effective": {d.Effective}}
	if d.Change.Urgent {
		f.Set("urgent", "yes")
	}
	for _, t := range d.Texts {
		f.Set("title-"+t.Lang, t.Title)
		f.Set("source-"+t.Lang, strings.ReplaceAll(t.Source, "\n", "\r\n"))
		n := d.Change.Notes[t.Lang]
		f.Set("what-"+t.Lang, n.What)
		f.Set("whom-"+t.Lang, n.Whom)
		f.Set("means-"+t.Lang, n.Means)
		f.Set("do-"+t.Lang, n.Do)
	}
	return f
}

var hidden = regexp.MustCompile(`name="(revision|digest)" value="([^"]*)"`)

// hiddenIn are the values that a form carries along.
func hiddenIn(body string) url.Values {
	out := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(body, -1) {
		out.Set(m[1], m[2])
	}
	return out
}

// typedIn are all hidden inputs of a page.
func typedIn(root *html.Node) url.Values {
	out := url.Values{}
	for n := range root.Descendants() {
		got := map[string]string{}
		for _, one := range n.Attr {
			got[one.Key] = one.Val
		}
		if got["type"] == "hidden" {
			out.Add(got["name"], got["value"])
		}
	}
	return out
}

func TestDeskSignIn(t *testing.T) {
	h := staged(t)
	b := h.browser()
	for _, path := range []string{"/desk/", "/desk/documents/privacy/draft", "/desk/settings", "/desk/mailbox"} {
		if to := h.page(b, path).want(303).header.Get("Location"); to != "/desk/sign-in?next="+url.QueryEscape(path) {
			t.Errorf("%s leads to %s", path, to)
		}
	}
	h.page(b, "/desk/sign-in?next=/desk/settings&lang=kk").want(200).has(`name="next" value="/desk/settings"`, `type="email"`, "Қызметкерлердің кіруі")
	h.page(b, "/desk/sign-in?sent=1&lang=en").want(200).has("on its way").lacks("<form method=\"post\" action=\"/desk/sign-in\"")
	h.page(b, "/desk/sign-in?lang=kk").want(200).has(`action="/desk/sign-in?lang=kk"`)
	if to := h.post(b, "/desk/sign-in?lang=kk", url.Values{"address": {"nobody@example.kz"}}).want(303).header.Get("Location"); to != "/desk/sign-in?sent=1&lang=kk" {
		t.Errorf("in Kazakh it is said at %s that a letter is on its way", to)
	}
	_, link := h.invite("admin@example.kz")
	path := strings.TrimPrefix(link, h.tcp.URL)
	h.page(b, path).want(200).has(`<form method="post" action="`+path+`"`, "no-referrer")
	h.page(b, "/desk/link/forged").want(404).has("Ссылка больше не действует", "The link no longer works")
	h.page(h.signedIn(link), "/desk/").want(200).has("Политика обработки", "Выйти", "admin@example.kz", "Настройки")
	h.page(b, path).want(404)
}

func TestDeskLanguageIsChosenInPlace(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	h.page(b, "/desk/settings").want(200).has(`lang="ru"`, `name="next" value="/desk/settings"`)
	to := h.post(b, "/desk/language", url.Values{"lang": {"kk"}, "next": {"/desk/settings"}}).want(303).header.Get("Location")
	if to != "/desk/settings" {
		t.Errorf("leads to %s", to)
	}
	h.page(b, "/desk/settings").want(200).has(`<html lang="kk"`)
	h.post(b, "/desk/language", url.Values{"lang": {"tlh"}}).want(422)
	if to := h.post(b, "/desk/language", url.Values{"lang": {"en"}, "next": {"//evil.example"}}).want(303).header.Get("Location"); to != "/desk/" {
		t.Errorf("leads to %s", to)
	}
	h.page(b, "/desk/").want(200).has(`<html lang="en"`)
}

// One person writes, sees the preview, and publishes; the register says so.
func TestDeskPublishesAlone(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	h.page(b, "/desk/documents/privacy/draft").want(200).has("Служба сообщает об изменениях", "Должны ли пользователи знать")
	latest, err := h.library.Draft(t.Context(), "privacy", 0)
	must(t, err)
	d := draftOf(2, documents.Notice, "")
	d.Texts[0].Source += "\n2.3. Новый пункт.<script>alert(1)</script>\n"
	undated := *d
	undated.Effective = "завтра"
	h.post(b, "/desk/documents/privacy/draft", formOf(latest.Revision, 3, &undated)).want(303)
	h.page(b, "/desk/documents/privacy/review").want(200).has("Так опубликовать нельзя", "«завтра» — не дата").lacks("/publish\"")
	unsaid := *d
	unsaid.Change.Notes = nil
	h.post(b, "/desk/documents/privacy/draft", formOf(latest.Revision+1, 3, &unsaid)).want(303)
	h.page(b, "/desk/documents/privacy/review").want(200).has("на языке «английский»")
	to := h.post(b, "/desk/documents/privacy/draft", formOf(latest.Revision+2, 3, d)).want(303).header.Get("Location")
	h.page(b, to).want(200).has("Сохранено", "2.3. Новый пункт.")
	review := h.page(b, "/desk/documents/privacy/review").want(200).has("redline-inline", "Новый пункт", "Не попадёт на страницу", "&lt;script&gt;", "Кому будет сообщено", "Письмо, как его увидят", "Языки расходятся", `action="/desk/documents/privacy/publish"`).
		lacks("<script", `action="/desk/documents/privacy/approve"`, `action="/desk/documents/privacy/submit"`)
	form := hiddenIn(review.body)
	h.post(b, "/desk/documents/privacy/publish", form).want(422).has("Отметьте, что прочитали", `aria-invalid="true"`)
	form.Set("sure", "yes")
	to = h.post(b, "/desk/documents/privacy/publish", form).want(303).header.Get("Location")
	h.page(b, to).want(200).has("Опубликовано: Версия 4", "Нашли ошибку?", "Отозвать редакцию", "одним лицом")
	h.get("/privacy/register?lang=ru").want(200).has("Версия 4", "Опубликовано одним лицом")
	h.post(b, "/desk/documents/privacy/publish", form).want(409).has("решите заново")
}

func TestDeskNeedsTwo(t *testing.T) {
	h := staged(t)
	_, author := h.invite("author@example.kz", "author", "publisher")
	_, second := h.invite("second@example.kz", "approver", "auditor")
	writer, approver := h.signedIn(author), h.signedIn(second)
	latest, err := h.library.Draft(t.Context(), "privacy", 0)
	must(t, err)
	h.post(writer, "/desk/documents/privacy/draft", formOf(latest.Revision, 3, draftOf(2, documents.Notice, ""))).want(303)
	review := h.page(writer, "/desk/documents/privacy/review").want(200).has(`/submit"`).lacks(`/publish"`, `/approve"`)
	form := hiddenIn(review.body)
	form.Set("sure", "yes")
	h.post(writer, "/desk/documents/privacy/publish", form).want(422).has("двое")
	h.post(writer, "/desk/documents/privacy/approve", form).want(403)
	h.post(writer, "/desk/documents/privacy/submit", form).want(303)
	h.page(writer, "/desk/documents/privacy/review").want(200).has("ждёт согласования").lacks(`/publish"`)
	h.page(approver, "/desk/").want(200).has("Проверить черновик")
	h.post(approver, "/desk/documents/privacy/draft", url.Values{}).want(403)
	h.post(approver, "/desk/documents/privacy/return", form).want(422).has("что автору нужно изменить")
	form.Set("comment", "Поправьте <b>пункт</b> 2.1.")
	h.post(approver, "/desk/documents/privacy/return", form).want(303)
	h.page(writer, "/desk/").want(200).has("Вернулся на доработку")
	h.page(writer, "/desk/documents/privacy/draft").want(200).has("Поправьте &lt;b&gt;пункт")
	h.post(writer, "/desk/documents/privacy/submit", form).want(303)
	form.Del("comment")
	h.post(approver, "/desk/documents/privacy/approve", form).want(303)
	h.page(writer, "/desk/documents/privacy/review").want(200).has(`/publish"`)
	h.post(writer, "/desk/documents/privacy/publish", form).want(303)
	h.get("/privacy/register?lang=ru").has("Версия 4")
	h.page(approver, "/desk/audit").want(200).has("согласован черновик", "опубликована редакция", "author@example.kz")
	h.page(writer, "/desk/audit").want(403)
}

// Whoever saves second sees both texts, and loses nothing.
func TestStaleSaveLosesNothing(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	latest, err := h.library.Draft(t.Context(), "privacy", 0)
	must(t, err)
	mine, theirs := draftOf(2, documents.Notice, ""), draftOf(2, documents.Notice, "")
	theirs.Texts[0].Source += "\n2.3. Их пункт.\n"
	mine.Texts[0].Source += "\n2.3. Мой пункт.\n"
	h.post(b, "/desk/documents/privacy/draft", formOf(latest.Revision, 3, theirs)).want(303)
	a := h.post(b, "/desk/documents/privacy/draft", formOf(latest.Revision, 3, mine)).want(409)
	checkHTML(t, "conflict", a.body)
	a.has("раньше вас", "<del>", "<ins>", "2.3. Мой пункт.", fmt.Sprintf(`name="revision" value="%d"`, latest.Revision+1))
	h.post(b, "/desk/documents/privacy/draft", formOf(latest.Revision+1, 3, mine)).want(303)
	old := h.page(b, fmt.Sprintf("/desk/documents/privacy/draft?revision=%d", latest.Revision+1)).want(200).has("2.3. Их пункт.", fmt.Sprintf(`name="revision" value="%d"`, latest.Revision+2))
	old.lacks("2.3. Мой пункт.")
}

// Whose session ends while they write gets the text back, to send again.
func TestExpiredSessionKeepsTheText(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz")
	latest, err := h.library.Draft(t.Context(), "privacy", 0)
	must(t, err)
	mine := draftOf(2, documents.Notice, "")
	mine.Texts[0].Source += "\n2.3. \"Мой\" <пункт>.\n"
	a := h.post(h.browser(), "/desk/documents/privacy/draft", formOf(latest.Revision, 3, mine)).want(401)
	root := checkHTML(t, "resume", a.body)
	b := h.signedIn(link)
	h.post(b, "/desk/documents/privacy/draft", typedIn(root)).want(303)
	saved, err := h.library.Draft(t.Context(), "privacy", 0)
	must(t, err)
	if !strings.Contains(fmt.Sprint(saved.Texts), `2.3. "Мой" <пункт>.`) {
		t.Errorf("the text is lost: %v", saved.Texts)
	}
}

func TestRefusalsStandBesideTheirField(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	a := h.post(b, "/desk/new-document", url.Values{"id": {"Плохо"}, "title-ru": {"Условия"}, "prevailing": {"ru"}}).want(422)
	checkHTML(t, "new", a.body)
	a.has("«Плохо» не подходит", `id="id-error"`, `href="#id"`, `value="Условия"`)
	h.post(b, "/desk/new-document", url.Values{"id": {"privacy"}, "title-ru": {"Ещё"}, "prevailing": {"ru"}}).want(409).has("уже занято")
	h.post(b, "/desk/new-document", url.Values{"id": {"terms"}, "title-ru": {"Условия"}, "title-kk": {"Шарттар"}, "prevailing": {"ru"}}).want(303)
	h.page(b, "/desk/documents/terms").want(200).has("Опубликованных редакций нет")
	h.page(b, "/desk/documents/terms/draft").want(200)
	f := url.Values{"revision": {"0"}, "based": {"0"}, "source-ru": {"1. Раз."}, "title-kk": {strings.Repeat("ұ", 900)}}
	a = h.post(b, "/desk/documents/terms/draft", f).want(422).has("1. Раз.", `id="title-kk-error"`)
	checkHTML(t, "draft", a.body)
	a = h.post(b, "/desk/settings", url.Values{"organisation": {"ТОО"}, "zone": {"Mars/One"}, "languages": {"ru"}, "unknown-languages": {"ru"}, "notice-days": {"30"}, "hold": {"15m"}, "one-person": {"on"}}).want(422).has("Такого часового пояса нет", `id="zone-error"`, "Mars/One")
	checkHTML(t, "settings", a.body)
	h.post(b, "/desk/staff", url.Values{"address": {"nobody"}, "language": {"kk"}, "roles": {"author"}}).want(422).has("name@example.kz")
}

func TestAmendments(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	h.post(b, "/desk/documents/privacy/versions/3/withdraw", url.Values{}).want(422).has("Укажите причину", "<details open>", `<details class="act" open>`)
	h.post(b, "/desk/documents/privacy/versions/3/postpone", url.Values{"effective": {"2020-01-01"}, "reason": {"Позже."}}).want(422).has("более позднюю дату")
	h.post(b, "/desk/documents/privacy/versions/3/postpone", url.Values{"effective": {"2099-01-01"}, "reason": {"Позже."}}).want(303)
	h.get("/privacy/ru").has("1 января 2099")
	h.post(b, "/desk/documents/privacy/versions/2/withdraw", url.Values{"reason": {"Нет."}}).want(422).has("уже вступила в силу")
	h.post(b, "/desk/documents/privacy/versions/2/correct", url.Values{"what-ru": {"Иначе."}, "what-kk": {"Басқаша."}, "what-en": {"Otherwise."}}).want(303)
	h.get("/privacy/kk").has("Басқаша.")
	h.page(b, "/desk/documents/privacy?done=corrected").want(200).has("Исправлено пояснение.")
	h.page(b, "/desk/documents/privacy?done=withdrawn").want(200).lacks("Отозвана редакция.")
	h.page(b, "/desk/documents/privacy?done=nonsense").want(200).lacks("did-version")
	h.post(b, "/desk/documents/privacy/versions/2/erase", url.Values{}).want(404)
}

func TestSettingsAndStaff(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	h.page(b, "/desk/settings").want(200).has("Asia/Almaty")
	f := url.Values{"organisation": {"ТОО «Пример»"}, "zone": {"Asia/Almaty"}, "languages": {"kk,ru"}, "unknown-languages": {"kk,ru"}, "notice-days": {"30"}, "hold": {"15m"}, "one-person": {"on"}}
	h.post(b, "/desk/settings", f).want(303)
	h.get("/privacy/kk").has("ТОО «Пример»")
	h.post(b, "/desk/staff", url.Values{"address": {"two@example.kz"}, "name": {"Айгүл"}, "language": {"kk"}, "roles": {"author", "approver"}}).want(303)
	staff := h.page(b, "/desk/staff").want(200).has("Айгүл", "согласующий, автор").body
	id := regexp.MustCompile(`/desk/staff/(s-[a-z0-9]+)/disable`).FindStringSubmatch(staff)
	if id == nil {
		t.Fatal("nobody can be disabled")
	}
	made := h.post(b, "/desk/staff/"+id[1]+"/link", url.Values{}).want(200).has(h.tcp.URL + "/desk/link/").body
	checkHTML(t, "link", made)
	two := h.signedIn(regexp.MustCompile(`http[^<]*/desk/link/[^<]*`).FindString(made))
	h.page(two, "/desk/").want(200).has(`<html lang="kk"`, "Жұмыс үстелі").lacks("Баптаулар")
	h.page(two, "/desk/settings").want(403)
	h.post(b, "/desk/staff/"+id[1]+"/disable", url.Values{}).want(303)
	h.page(two, "/desk/").want(303)
}

func TestForeignFormsAreRefused(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	a := call(t, b, "POST", h.tcp.URL+"/desk/settings", "organisation=x", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site").want(403)
	a.has("<html")
}

func TestMailbox(t *testing.T) {
	raw := "From: Vestnik <post@example.kz>\r\nTo: a@example.kz\r\nSubject: Hello\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head></head><body><a href=\"https://example.kz\">x</a><script>alert(1)</script></body></html>\r\n"
	h := staged(t, func(c *server.Config) { c.Demo = true; c.Mailbox = "smtp://127.0.0.1:2" })
	must(t, h.store.PutMail(t.Context(), server.StoredMail{ID: 1, From: "post@example.kz", To: []string{"a@example.kz"}, Subject: "Hello <b>", Raw: []byte(raw)}, 10))
	b := h.browser()
	h.page(b, "/desk/mailbox?lang=en").want(200).has("Hello &lt;b&gt;", "a@example.kz")
	h.page(b, "/desk/mailbox/1").want(200).has("<iframe", `sandbox="`, "/desk/mailbox/1/html").lacks("alert(1)")
	framed := h.page(b, "/desk/mailbox/1?view=source").want(200).has("Content-Type: text/html", "&lt;script&gt;")
	framed.lacks("<script>")
	a := call(t, b, "GET", h.tcp.URL+"/desk/mailbox/1/html", "").want(200)
	if csp := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "allow-scripts") || strings.Contains(csp, "allow-same-origin") {
		t.Errorf("the frame may %s", csp)
	}
	h.page(b, "/desk/mailbox/2").want(404)
}

func TestMailboxIsForAdministratorsElsewhere(t *testing.T) {
	for name, change := range map[string]func(*server.Config){"no demo": func(c *server.Config) { c.Demo = false }, "no loopback": func(c *server.Config) { c.Demo, c.Loopback = true, false }} {
		h := staged(t, change)
		if a := h.page(h.browser(), "/desk/mailbox/1/html"); a.status != 303 {
			t.Errorf("%s: status %d", name, a.status)
		}
	}
}
