package server_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vestnik/notifier"
	"vestnik/server"
	"vestnik/server/mailbox"
)

// doorHouse has told its recipients, and knows their mail.
type doorHouse struct {
	*house
	c server.Config
}

// manyPeople: two who share a mailbox, and one who never gave a language.
const manyPeople = `{"external_id":"a","address":"a@example.kz","language":"ru","name":"Айгүл Сейітова","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"b","address":"b@example.kz","language":"kk","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"b2","address":"b@example.kz","language":"ru","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"c","address":"c@example.kz","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"e","address":"e@example.kz","language":"ru","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"f","address":"f@example.kz","language":"ru","registered_at":"2024-01-01T00:00:00Z"}
`

func newDoor(t *testing.T, change ...func(*server.Config)) *doorHouse {
	t.Helper()
	h, c := toldHouse(t, manyPeople, change...)
	eventually(t, func() bool {
		all, err := c.Notifier.Notices(t.Context())
		return err == nil && len(all) == 3 && !slices.ContainsFunc(all, func(x notifier.Notice) bool { return !x.CountedAll || x.Figures.Open > 0 })
	})
	return &doorHouse{h, c}
}

var (
	noticeLink = regexp.MustCompile(`/me/[A-Za-z0-9_-]{43}`)
	freshLink  = regexp.MustCompile(`/me/act/[A-Za-z0-9_-]{43}`)
	codeForm   = regexp.MustCompile(`[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}`)
)

// mails are the texts of all mail to an address, oldest first: notices, or letters.
func (d *doorHouse) mails(to string, notices bool) (out []string) {
	d.t.Helper()
	list, err := d.store.Mails(d.t.Context(), 0, 100)
	must(d.t, err)
	for _, m := range list {
		if m.To[0] != to {
			continue
		}
		full, err := d.store.Mail(d.t.Context(), m.ID)
		must(d.t, err)
		shown, err := mailbox.Parse(full.Raw)
		must(d.t, err)
		if noticeLink.MatchString(shown.Text) == notices {
			out = append([]string{shown.Text}, out...)
		}
	}
	return out
}

// letter waits for the letter number n to an address, from 1.
func (d *doorHouse) letter(to string, n int) (text string) {
	d.t.Helper()
	eventually(d.t, func() bool {
		all := d.mails(to, false)
		if len(all) >= n {
			text = all[n-1]
		}
		return text != ""
	})
	return text
}

// link is a personal one to an address, of somebody who reads this language; "" is
// any.
func (d *doorHouse) link(to, tag string) string {
	d.t.Helper()
	for _, text := range d.mails(to, true) {
		link := noticeLink.FindString(text)
		if tag == "" || strings.Contains(d.get(link).want(200).body, `<html lang="`+tag+`"`) {
			return link
		}
	}
	d.t.Fatalf("no personal link to %s opens a page in %s", to, tag)
	return ""
}

// press sends a form of the door, as a browser of nobody does.
func (d *doorHouse) press(path string, form url.Values) answer {
	d.t.Helper()
	return d.post(d.browser(), path, form)
}

// look is a page of the door, with all that such pages have in common.
func (d *doorHouse) look(path string, status int) answer {
	d.t.Helper()
	a := d.get(path).want(status)
	checkHTML(d.t, path, a.body)
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"} {
		if got := a.header.Get(name); got != want {
			d.t.Errorf("%s: %s is %q, want %q", path, name, got, want)
		}
	}
	if len(a.header.Values("Set-Cookie")) > 0 {
		d.t.Errorf("%s sets a cookie", path)
	}
	return a
}

// dumped is all that the notifier's store holds.
func (d *doorHouse) dumped() string {
	d.t.Helper()
	var b bytes.Buffer
	must(d.t, d.c.Notifier.Store.Dump(d.t.Context(), &b))
	return b.String()
}

// followed presses a button and goes where it leads.
func (d *doorHouse) followed(path string, form url.Values) answer {
	d.t.Helper()
	return d.look(d.press(path, form).want(303).header.Get("Location"), 200)
}

// A visit to any page of the door, by a person or a scanner, changes nothing, and
// a stranger to whom a notice was forwarded learns no address and no name.
func TestDoorVisitsChangeNothing(t *testing.T) {
	d := newDoor(t)
	me := d.link("a@example.kz", "ru")
	d.press(me+"/object", url.Values{"value": {"тайные слова"}}).want(303)
	d.press(me+"/name", url.Values{"value": {"Айгүл Новая"}}).want(303)
	fresh := freshLink.FindString(d.letter("a@example.kz", 2) + d.letter("a@example.kz", 1))
	eventually(t, func() bool {
		owed, err := d.c.Notifier.Store.Owed(t.Context())
		return err == nil && owed.Letters == 0
	})
	before := d.dumped()
	seen := map[string]bool{}
	hrefs := regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	var visit func(string)
	visit = func(path string) {
		if seen[path] || !strings.HasPrefix(path, "/me/") || strings.Contains(path, "lang=") {
			return
		}
		seen[path] = true
		call(t, d.browser(), "HEAD", d.tcp.URL+path, "").want(200)
		a := d.get(path).want(200).lacks("a@example.kz", "Айгүл", "Сейітова", "тайные слова")
		base, _, _ := strings.Cut(path, "?")
		for _, m := range hrefs.FindAllStringSubmatch(a.body, -1) {
			to := strings.ReplaceAll(m[1], "&amp;", "&")
			if strings.HasPrefix(to, "?") {
				to = base + to
			}
			visit(to)
		}
	}
	visit(me)
	if len(seen) < 25 {
		t.Errorf("only %d pages were visited", len(seen))
	}
	d.look(fresh, 200)
	call(t, d.browser(), "HEAD", d.tcp.URL+fresh, "").want(200)
	if after := d.dumped(); after != before {
		t.Error("visits changed what is stored")
	}
	if strings.Contains(d.log.String(), strings.TrimPrefix(me, "/me/")) || strings.Contains(d.log.String(), strings.TrimPrefix(fresh, "/me/act/")) {
		t.Error("the log names a link")
	}
}

func TestDoorAtOnce(t *testing.T) {
	d := newDoor(t)
	me := d.link("a@example.kz", "ru")
	d.look(me+"/language", 200).has("Что произойдёт", "Чего не произойдёт", `value="ru" checked`)
	for _, value := range []string{"", "de", "<b>"} {
		d.press(me+"/language", url.Values{"value": {value}}).want(422).has(`role="alert"`, "Выберите один из языков")
	}
	form := typedIn(checkHTML(t, "language", d.look(me+"/language", 200).body))
	form.Set("value", "kk")
	first := d.press(me+"/language", form).want(303).header.Get("Location")
	if second := d.press(me+"/language", form).want(303).header.Get("Location"); second != first {
		t.Errorf("a double click leads to %s and %s", first, second)
	}
	if next := d.press(me+"/language", url.Values{"value": {"kk"}}).want(303).header.Get("Location"); next == first {
		t.Error("another press has the same receipt")
	}
	d.look(first, 200).has(`<html lang="kk"`, "Тіл өзгертілді", codeForm.FindString(first))
	d.look(me, 200).has(`<html lang="kk"`, codeForm.FindString(first))
	d.letter("a@example.kz", 1)

	shared := d.link("b@example.kz", "kk")
	d.followed(shared+"/not-mine", nil).has("b•••@example.kz")
	d.look(shared, 200).has("b•••@example.kz", `class="callout past"`)
	d.look(shared+"/export", 200).lacks("<button", "хат жібереміз") // nothing is promised that no mail can keep
	d.look(shared+"/object", 200).has("жауап хатпен келмейді").lacks("мекенжайына келеді")
	d.followed(shared+"/object", nil).has("шешім осы бетте көрінеді").lacks("мекенжайына келеді")
	other := d.link("b@example.kz", "ru")
	d.look(other, 200).lacks(`class="callout past"`) // the other of the two is told as before
	for _, path := range []string{"/nothing", "/receipt/AAAA-AAAA-AAAA", "/mail/9", "/mail/x"} {
		d.get(me + path).want(404)
	}
	d.press(me+"/nothing", nil).want(404)
	if n := len(d.mails("b@example.kz", false)); n != 0 {
		t.Errorf("%d letters went to a mailbox that wants none", n)
	}
}

func TestDoorForeignFormsAndManyPresses(t *testing.T) {
	d := newDoor(t)
	me := d.link("a@example.kz", "ru")
	for _, from := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site", "Origin", "https://shop.example.kz"},
		{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, {"Origin", "https://evil.example"}, {"Origin", "file://"},
	} {
		call(t, d.browser(), "POST", d.tcp.URL+me+"/not-mine", "", append(from, "Content-Type", "application/x-www-form-urlencoded")...).want(403)
	}
	d.look(me, 200).lacks(`class="callout past"`)
	d.press(me+"/other", url.Values{"value": {strings.Repeat("ж", 70_000)}}).want(413)
	last := 0
	for range 30 {
		last = d.press(me+"/language", url.Values{"value": {"de"}}).status
	}
	if last != 429 {
		t.Errorf("the thirtieth press in a moment got %d", last)
	}
}

// The fresh link: shown by GET, spent by one POST, kind when it is over.
func TestDoorByMail(t *testing.T) {
	d := newDoor(t)
	me := d.link("a@example.kz", "ru")
	for _, value := range []string{"", "x\x00y", strings.Repeat("ы", 500)} {
		d.press(me+"/name", url.Values{"value": {value}}).want(422).has(`id="value-error"`)
	}
	d.press(me+"/address", url.Values{"value": {"nobody at <home>"}}).want(422).has("nobody at &lt;home&gt;", `id="value-error"`)
	d.followed(me+"/name", url.Values{"value": {"Айгүл Қайратқызы"}}).has("Проверьте почту", "a•••@example.kz")
	fresh := freshLink.FindString(d.letter("a@example.kz", 1))
	d.look(fresh, 200).has("Айгүл Қайратқызы", "a•••@example.kz", "Сохранить имя")
	d.look(fresh+"?lang=kk", 200).has(`<html lang="kk"`)
	done := d.press(fresh, nil).want(200)
	checkHTML(t, "receipt", done.body)
	again := d.press(fresh, nil).want(200)
	if code := codeForm.FindString(done.body); code == "" || code != codeForm.FindString(again.body) {
		t.Error("a double click has another receipt")
	}
	d.look(fresh, 200).has("Имя исправлено", codeForm.FindString(done.body)).lacks("<button")
	d.look("/me/act/"+strings.Repeat("A", 43), 404).has("Ссылка больше не действует", "Сілтеме енді жарамайды", "dpo@example.kz")
	d.press("/me/act/"+strings.Repeat("A", 43), url.Values{"value": {"<b>длинные слова</b>"}}).want(404).has("&lt;b&gt;длинные слова")
	d.look("/me/"+strings.Repeat("A", 43), 404).has("Личная ссылка не действует", "Жеке сілтеме жарамайды", "This personal link does not work")
	d.look("/me/"+strings.Repeat("A", 43)+"?lang=kk", 404).has("Жеке сілтеме жарамайды").lacks("Личная ссылка", "personal link")
}

func TestDoorExport(t *testing.T) {
	d := newDoor(t)
	me := d.link("a@example.kz", "ru")
	d.followed(me+"/other", url.Values{"value": {"вопрос <о> себе"}})
	d.letter("a@example.kz", 1)
	d.followed(me+"/export", nil)
	a := d.press(freshLink.FindString(d.letter("a@example.kz", 2)), nil).want(200).has("a@example.kz", "Айгүл Сейітова", "вопрос &lt;о&gt; себе")
	checkHTML(t, "export", a.body)
	found := regexp.MustCompile(`href="data:application/json;base64,([^"]+)"`).FindStringSubmatch(a.body)
	if found == nil {
		t.Fatal("there is no file")
	}
	raw, err := base64.StdEncoding.DecodeString(strings.NewReplacer("&#43;", "+", "&#61;", "=", "%2b", "+", "%2B", "+").Replace(found[1]))
	must(t, err)
	var x notifier.PersonalExport
	must(t, json.Unmarshal(raw, &x))
	if x.Person.Address != "a@example.kz" || len(x.Notices) != 3 || len(x.Requests) != 1 || x.Requests[0].Words != "вопрос <о> себе" {
		t.Errorf("the file holds %+v", x)
	}
}

func TestDoorMovesAndErases(t *testing.T) {
	d := newDoor(t)
	me := d.link("a@example.kz", "ru")
	d.followed(me+"/address", url.Values{"value": {"new@example.kz"}}).has("a•••@example.kz").lacks("new@example.kz")
	moving := freshLink.FindString(d.letter("a@example.kz", 1))
	d.look(moving, 200).has("n•••@example.kz", "Написать на новый адрес")
	d.press(moving, nil).want(200).has("n•••@example.kz", "прежний адрес")
	d.look(me, 200).has("a•••@example.kz")
	confirm := freshLink.FindString(d.letter("new@example.kz", 1))
	d.look(confirm, 200).has("Подтвердить адрес", "a•••@example.kz")
	d.press(confirm, nil).want(200).has("Адрес изменён", "n•••@example.kz")
	d.letter("a@example.kz", 2)
	d.look(me, 200).has("n•••@example.kz")

	d.followed(me+"/delete", url.Values{"value": {"удалите всё"}})
	d.look(me+"/erase", 200).has("/delete")
	d.followed(me+"/erase", nil).has("n•••@example.kz")
	erase := ""
	eventually(t, func() bool {
		for _, text := range d.mails("new@example.kz", false) {
			if found := freshLink.FindString(text); found != "" && found != confirm {
				erase = found
			}
		}
		return erase != ""
	})
	d.look(erase, 200).has("Обращений без ответа: 1", `class="danger"`)
	d.press(erase, nil).want(200).has("Ваши данные удалены")
	d.look(me, 404)
	d.local("POST", "/recipients:import", manyPeople, "Content-Type", "application/x-ndjson").want(200)
	d.look(me, 404)
	eventually(t, func() bool { // the last letter has its address until it went out
		all := d.dumped()
		return !strings.Contains(all, "new@example.kz") && !strings.Contains(all, `"a@example.kz`)
	})
}

func TestDoorMailAgain(t *testing.T) {
	d := newDoor(t)
	me := d.link("a@example.kz", "ru")
	a := d.look(me+"/mail/4", 200).has("sandbox=", "sha256sum notice-4.eml")
	digest := regexp.MustCompile(`[0-9a-f]{64}`).FindString(a.body)
	file := d.get(me + "/mail/4/file").want(200)
	sum := sha256.Sum256([]byte(file.body))
	if got := hex.EncodeToString(sum[:]); got != digest {
		t.Errorf("the file has the digest %s, the page says %s", got, digest)
	}
	told, err := d.c.Notifier.Personal(t.Context(), strings.TrimPrefix(me, "/me/"))
	must(t, err)
	if told.Told[0].Delivery.Evidence.Digest.String() != digest {
		t.Error("the digest is not the one of the evidence")
	}
	html := d.get(me + "/mail/4/html").want(200)
	if policy := html.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox ") {
		t.Errorf("the frame is let do %q", policy)
	}
	d.look(me+"/mail/4?view=source", 200).has("Message-ID")
	for _, body := range []string{file.body, html.body} {
		if strings.Contains(body, "a@example.kz") || strings.Contains(body, me) {
			t.Error("the mail tells a stranger who it is")
		}
	}
}

// Nobody knows the language: the page is in both, and a choice makes it one.
func TestDoorWithoutLanguage(t *testing.T) {
	d := newDoor(t)
	me := d.link("c@example.kz", "")
	a := d.look(me, 200).has("Ваши уведомления", "Сіздің хабарламаларыңыз", `href="?lang=kk"`, `href="?lang=ru"`)
	if strings.Index(a.body, "<h1>") != strings.LastIndex(a.body, "<h1>") {
		t.Error("there are two main headings")
	}
	d.look(me+"?lang=kk", 200).has(`<html lang="kk"`, me+"/object?lang=kk").lacks("Ваши уведомления")
	d.followed(me+"/object?lang=kk", url.Values{"value": {"Келіспеймін"}}).has(`<html lang="kk"`, "Өтініш қабылданды")
}
