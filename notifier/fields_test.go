package notifier

import (
	"bytes"
	"encoding/base64"
	"html"
	"maps"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"vestnik/documents/lang"
	"vestnik/notifier/mail"
)

// large is a notice in two languages with twelve long clauses in each, and a long
// title, as its recipient gets it.
func large(t *testing.T) (f form, raw []byte) {
	t.Helper()
	n, s, set := told(t, 0)
	few := s.changes
	s.changes = func(tag string, letters int) (excerpt, error) {
		e, err := few(tag, letters)
		for i := range 12 {
			long := strings.Repeat(notes[tag][0]+" ", letters/12/2/40)
			e.list = append(e.list, change{Head: strings.Repeat("1.", i+1), Old: []words{{{long, false}, {notes[tag][1], true}}}, New: []words{{{long, false}, {notes[tag][2], true}}}})
		}
		return e, err
	}
	for tag := range s.document.Titles {
		s.document.Titles[tag] += strings.Repeat(" и ещё длиннее", 30)
	}
	checkpoint := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 300))
	f, err := n.form(s, []string{"kk", "ru"}, set, []mail.Header{{Name: "Vestnik-Checkpoint", Value: checkpoint}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err = mail.Compose(f.message(mail.Address{Local: "a", Domain: "example.com"}, strings.Repeat("0", 32)+"@example.kz", time.Unix(1, 0), strings.Repeat("t", 43), "А••• С•••, •••24"))
	if err != nil {
		t.Fatal(err)
	}
	return f, raw
}

// TestFields: RFC 5322 §3.6 says which fields there may be, and how often; RFC 2045
// how parts are told; RFC 3834 §5 that nobody's machine answers. A mandatory notice
// promises no way to unsubscribe (RFC 8058 is for what people subscribed to), and
// nothing tells what program sent it.
func TestFields(t *testing.T) {
	_, raw := large(t)
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Reply-To", "Subject", "To", "Vestnik-Checkpoint", "X-Auto-Response-Suppress"}
	if got := slices.Sorted(maps.Keys(m.Header)); !slices.Equal(got, want) {
		t.Errorf("fields %v", got)
	}
	for name, values := range m.Header {
		if len(values) != 1 {
			t.Errorf("%s stands there %d times", name, len(values))
		}
	}
	for name, want := range map[string]string{"Auto-Submitted": "auto-generated", "Content-Language": "kk, ru", "Mime-Version": "1.0", "Message-Id": "<" + strings.Repeat("0", 32) + "@example.kz>", "To": "<a@example.com>", "Reply-To": "<pd@example.kz>"} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if at, err := m.Header.Date(); err != nil || !at.Equal(time.Unix(1, 0)) {
		t.Errorf("date %v, %v", at, err)
	}
	if from, err := m.Header.AddressList("From"); err != nil || len(from) != 1 || from[0].Address != "notice@example.kz" || from[0].Name != "Пример" {
		t.Errorf("from %v, %v", from, err)
	}
}

// TestLines: ASCII only, CRLF only, no line over the 998 octets of RFC 5322 §2.1.1,
// none over the 76 of RFC 2045 §6.7 and §6.8 in a part, and all of it short enough
// that nobody's program cuts it off; Cyrillic in base64, which is half as long as
// quoted-printable.
func TestLines(t *testing.T) {
	f, raw := large(t)
	if rest := bytes.ReplaceAll(raw, []byte("\r\n"), nil); bytes.ContainsAny(rest, "\r\n") || bytes.ContainsFunc(rest, func(r rune) bool { return r > unicode.MaxASCII || r == 0 }) {
		t.Error("a bare CR or LF, or something that is not ASCII")
	}
	most := 998
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) == 0 {
			most = 76
		}
		if len(line) > most {
			t.Errorf("%d octets: %s", len(line), line)
		}
	}
	if bytes.Count(raw, []byte("Content-Transfer-Encoding: base64")) != 2 {
		t.Error("Cyrillic is not in base64")
	}
	if len(raw) > maxMail || len(raw) > 2*(len(f.Text)+len(f.HTML)) {
		t.Errorf("%d bytes for %d", len(raw), len(f.Text)+len(f.HTML))
	}
	t.Logf("%d bytes; text %d, HTML %d", len(raw), len(f.Text), len(f.HTML))
}

var (
	unseen = regexp.MustCompile(`(?s)<(style|title)>.*?</(style|title)>`)
	wordly = regexp.MustCompile(`[\p{L}\p{N}]+`)
)

// TestTextSaysWhatHTMLSays: filters distrust a mail whose parts differ, and so should
// people.
func TestTextSaysWhatHTMLSays(t *testing.T) {
	for name, m := range mails(t) {
		bag := func(s string) map[string]bool {
			out := map[string]bool{}
			for _, w := range wordly.FindAllString(strings.ToLower(address.ReplaceAllString(s, " ")), -1) {
				out[w] = true
			}
			return out
		}
		text, markup := bag(m[1]), bag(html.UnescapeString(tagged.ReplaceAllString(unseen.ReplaceAllString(m[2], " "), " ")))
		var only []string
		for w := range markup {
			if !text[w] {
				only = append(only, w)
			}
		}
		for w := range text {
			if !markup[w] {
				only = append(only, w)
			}
		}
		// The words of links and labels, and the sentences on brackets and on buttons.
		if most := 12 * (1 + strings.Count(name, "+")); len(only) > most {
			t.Errorf("%s: %d words stand in one part alone: %v", name, len(only), only)
		}
	}
}

// TestPartsHaveLanguages: each part of a mail says in which language it is and runs
// in its direction, and the mail is fit for the dark.
func TestPartsHaveLanguages(t *testing.T) {
	for name, m := range mails(t) {
		for _, want := range []string{`<meta name="color-scheme" content="light dark">`, `@media (prefers-color-scheme: dark)`, `name="viewport"`, `role="main"`} {
			if !strings.Contains(m[2], want) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
		if n := strings.Count(m[2], "<h1"); n != 1 && n != strings.Count(m[2], `class="kind"`) {
			t.Errorf("%s has %d h1", name, n)
		}
		which := name[strings.LastIndex(name, "-")+1:]
		if !strings.HasPrefix(name, "notice") {
			continue
		}
		for tag := range strings.SplitSeq(which, "+") {
			if want := `<h1 class="title" style=`; !strings.Contains(m[2], want) || !strings.Contains(m[2], `lang="`+tag+`" dir="`+lang.Dir(tag)+`"`) {
				t.Errorf("%s has no part in %s", name, tag)
			}
		}
	}
}
