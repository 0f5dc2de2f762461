package server_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vestnik/notifier"
)

func TestDoorRequestAndQueue(t *testing.T) {
	d := newDoor(t)
	me := d.link("a@example.kz", "ru")
	long := strings.Repeat("слово ", 900)
	d.press(me+"/correct", url.Values{"value": {"  "}}).want(422).has("Напишите, о чём ваше обращение")
	d.press(me+"/object", url.Values{"value": {long}}).want(422).has("слово слово", `id="value-error"`)
	form := typedIn(checkHTML(t, "object", d.look(me+"/object", 200).has("не позднее").body))
	form.Set("value", "Не согласна <с> пунктом 6.1")
	receipt := d.press(me+"/object", form).want(303).header.Get("Location")
	code := codeForm.FindString(receipt)
	d.look(receipt, 200).has(code, "Срок ответа").lacks("пунктом 6.1")

	_, link := d.invite("publisher@example.kz", "publisher", "administrator")
	b := d.signedIn(link)
	d.page(b, "/desk/").want(200).has("1 обращение ждёт ответа", "Обращения (1)")
	d.page(b, "/desk/requests").want(200).has(code, "a•••@example.kz").lacks("a@example.kz")
	d.page(b, "/desk/requests?state=done").want(200).has("Таких обращений нет")
	d.page(b, "/desk/requests/1").want(200).has("Не согласна &lt;с&gt; пунктом 6.1", "<dd>a</dd>")
	for _, refused := range []url.Values{
		{"words": {"Мы подумали"}}, {"state": {"refused"}, "words": {"Мы подумали"}},
		{"state": {"refused"}, "ground": {"mood"}, "words": {"Мы подумали"}},
	} {
		d.post(b, "/desk/requests/1", refused).want(422).has(`role="alert"`, "Мы подумали")
	}
	d.post(b, "/desk/requests/1", url.Values{"state": {"done"}, "ground": {"retention"}}).want(422).has(`id="words-error"`)

	_, auditing := d.invite("auditor@example.kz", "auditor")
	auditor := d.signedIn(auditing)
	d.page(auditor, "/desk/requests/1").want(200).lacks(`name="words"`)
	d.post(auditor, "/desk/requests/1", url.Values{"state": {"done"}, "words": {"х"}}).want(403)
	_, writing := d.invite("author@example.kz", "author")
	author := d.signedIn(writing)
	d.page(author, "/desk/requests").want(403)
	d.page(author, "/desk/requests/1").want(403)
	d.page(author, "/desk/").want(200).lacks("/desk/requests")

	answered := url.Values{"state": {"refused"}, "ground": {"retention"}, "words": {"Хранить обязывает закон"}}
	d.post(b, "/desk/requests/1", answered).want(303)
	d.post(b, "/desk/requests/1", answered).want(422)
	d.page(b, "/desk/requests/1").want(200).has("закон обязывает", "Хранить обязывает закон", "publisher@example.kz").lacks(`name="words"`)
	d.page(b, "/desk/requests/2").want(404)
	d.page(b, "/desk/requests/x").want(404)
	d.page(auditor, "/desk/audit").want(200).has("В обращении отказано")
	d.look(receipt, 200).has("Мотивированный отказ", "закон обязывает").lacks("Хранить обязывает закон")
	if text := d.letter("a@example.kz", 2); !strings.Contains(text, "Хранить обязывает закон") || !strings.Contains(text, code) {
		t.Errorf("the answer is %q", text)
	}
}

// What is due first stands first, whenever it came; the rest is on further pages.
func TestDoorQueueIsOrdered(t *testing.T) {
	d := newDoor(t)
	tokens := []string{d.link("a@example.kz", "ru"), d.link("b@example.kz", "kk"), d.link("b@example.kz", "ru"), d.link("c@example.kz", ""), d.link("e@example.kz", "ru"), d.link("f@example.kz", "ru")}
	n := 0
	for _, me := range tokens {
		for i := range 10 {
			kind := notifier.RequestWithdraw
			if i == 9 {
				kind = notifier.RequestCorrect
			}
			_, err := d.c.Notifier.Lodge(t.Context(), strings.TrimPrefix(me, "/me/"), kind, "слова", "ru", "")
			must(t, err)
			n++
		}
	}
	_, err := d.c.Notifier.Lodge(t.Context(), strings.TrimPrefix(tokens[0], "/me/"), notifier.RequestOther, "слова", "ru", "")
	if err == nil {
		t.Error("an eleventh request was taken")
	}
	_, link := d.invite("p@example.kz", "publisher", "administrator")
	b := d.signedIn(link)
	body := d.page(b, "/desk/requests").want(200).body
	if first, last := strings.Index(body, "Исправить данные в организации"), strings.Index(body, "Отозвать согласие"); first < 0 || first > last {
		t.Error("what is due within a day does not stand first")
	}
	next := regexp.MustCompile(`href="([^"]*from=50)"`).FindStringSubmatch(strings.ReplaceAll(body, "&amp;", "&"))
	if next == nil {
		t.Fatal("there is no second page")
	}
	all := regexp.MustCompile(`/desk/requests/[0-9]+"`).FindAllString(body+d.page(b, next[1]).want(200).body, -1)
	slices.Sort(all)
	if got := len(slices.Compact(all)); got != n || n != 60 {
		t.Errorf("%d of %d requests are listed", got, n)
	}
	d.page(b, "/desk/requests?state=open&from=-5").want(200)
	d.page(b, "/desk/requests?state=open&from=9999").want(200).has("Таких обращений нет")
	d.page(b, "/desk/requests?state=all&before=5").want(200)
}
