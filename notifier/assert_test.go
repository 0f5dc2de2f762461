package notifier

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"vestnik/notifier/mail"
)

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"a@b.kz", "a@b.kz"}, {"пишите: A@b.kz.", "a@b.kz"}, {"<a@b.kz>,c@d.kz", "a@b.kz c@d.kz"},
		{"a@b@c d@e", "a@b@c d@e"}, {"@", "@"}, {"x mailto:a@b.kz?subject=c@d", "a@b.kz subject=c@d"}, {"«я@почта.рф»", "я@почта.рф"},
	} {
		got := strings.Join(slices.Sorted(maps.Keys(maps.Collect(addresses(c.in)))), " ")
		if got != c.want {
			t.Errorf("addresses(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestForeignWordsNeverLeave puts somebody else's words into a message in every
// place and encoding.
func TestForeignWordsNeverLeave(t *testing.T) {
	to, err := mail.ParseAddress("me@example.com")
	if err != nil {
		t.Fatal(err)
	}
	token, other := strings.Repeat("a", 43), strings.Repeat("b", 43)
	base := form{From: "A <from@example.kz>", ReplyTo: "reply@example.kz", Subject: "Тема", Language: "ru",
		Text: "Пишите на pd@example.kz\nhttps://x.kz/me/" + maskToken, HTML: "<p>pd@example.kz</p>"}
	for _, c := range []struct {
		name string
		leak func(*form)
		ok   bool
	}{
		{"none", func(*form) {}, true},
		{"address in the text", func(f *form) { f.Text += "\nvictim@example.org" }, false},
		{"address in the HTML", func(f *form) { f.HTML += "<p>victim@example.org</p>" }, false},
		{"address in a long line", func(f *form) { f.Text += strings.Repeat("z", 70) + " victim@example.org" }, false},
		{"address in the subject", func(f *form) { f.Subject += " victim@example.org" }, false},
		{"address in a header", func(f *form) { f.Headers = []mail.Header{{Name: "X-A", Value: "victim@example.org"}} }, false},
		{"link of somebody else", func(f *form) { f.HTML += "https://x.kz/me/" + other }, false},
	} {
		f := base
		c.leak(&f)
		id := strings.Repeat("0", 32) + "@example.kz"
		b, err := mail.Compose(f.message(to, id, time.Unix(1, 0), token, ""))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err := assertOwn(b, base.public(), personal{To: to.String()}, id, token); (err == nil) != c.ok || err != nil && !errors.Is(err, errForeign) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
