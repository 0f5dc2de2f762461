package mailbox

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseTolerates(t *testing.T) {
	nested := "x"
	for i := range 40 {
		nested = fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n%s\r\n--b%d--\r\n", i, i, nested, i)
	}
	tests := []struct {
		name, raw  string
		text, html string
		cut        bool
	}{
		{"plain", "Subject: x\r\n\r\nhello\r\n", "hello\n", "", false},
		{"bare LF", "Subject: x\n\nhello\n", "hello\n", "", false},
		{"no body", "Subject: x\r\n\r\n", "", "", false},
		{"unknown charset", "Content-Type: text/plain; charset=klingon\r\n\r\n\xff\xfex\r\n", "\uFFFDx\n", "", false},
		{"unknown encoding", "Content-Transfer-Encoding: rot13\r\n\r\nuryyb\r\n", "uryyb\n", "", false},
		{"broken base64", "Content-Transfer-Encoding: base64\r\n\r\naGVs@@@\r\n", "hel", "", true},
		{"broken content type", "Content-Type: ;;;\r\n\r\nx", "x", "", false},
		{"no boundary", "Content-Type: multipart/mixed\r\n\r\nx", "", "", true},
		{"unclosed", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n", "", "<p>", true},
		{"attachment", "Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nx", "", "", false},
		{"controls", "Subject: x\r\n\r\na\x00\x1bb", "ab", "", false},
		{"deep", nested, "", "", true},
	}
	for _, tt := range tests {
		v, err := Parse([]byte(tt.raw))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if v.Text != tt.text || v.HTML != tt.html || v.Cut != tt.cut {
			t.Errorf("%s: text %q, html %q, cut %v", tt.name, v.Text, v.HTML, v.Cut)
		}
	}
}

func TestParseBounds(t *testing.T) {
	v, err := Parse([]byte(strings.Repeat("X-A: b\r\n", 1000) + "\r\n" + strings.Repeat("ы", maxText)))
	if err != nil || len(v.Headers) != maxFields || len(v.Text) > maxText || !utf8.ValidString(v.Text) || !v.Cut {
		t.Errorf("%v, %d headers, %d bytes", err, len(v.Headers), len(v.Text))
	}
	if _, err := Parse([]byte("X: " + strings.Repeat("y", maxHeader) + "\r\n\r\n")); err == nil {
		t.Error("an endless header was read")
	}
	parts := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 10000) + "--b--\r\n"
	if v, err = Parse([]byte(parts)); err != nil || v.Parts != maxParts || !v.Cut {
		t.Errorf("%v, %d parts", err, v.Parts)
	}
	v, err = Parse([]byte("Subject: x\r\n\r\n" + strings.Repeat("\r\n", maxRead)))
	if err != nil || v.Subject != "x" || !v.Cut {
		t.Errorf("a large message: %v %v", err, v.Cut)
	}
	v, err = Parse([]byte("Subject: =?utf-8?q?a=0Ab=E2=80=AEc?=\r\nFrom: =?x?q?y?= <a@b>\r\nDate: never\r\n\r\n"))
	if err != nil || v.Subject != "a b\uFFFDc" || !v.Date.IsZero() {
		t.Errorf("%v %+v", err, v)
	}
}

// The largest messages that the mailbox takes, built to be slow.
func BenchmarkParse(b *testing.B) {
	fill := func(head, unit, tail string) []byte {
		return []byte(head + strings.Repeat(unit, (maxMessage-len(head)-len(tail))/len(unit)) + tail)
	}
	deep := ""
	for i := range maxDepth {
		deep += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	for name, raw := range map[string][]byte{
		"headers":      fill("", "a: b\r\n", "\r\n"),
		"one header":   fill("a: ", " b\r\n", "\r\n"),
		"part headers": fill("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", "a: b\r\n", "\r\nx\r\n--b--\r\n"),
		"dashes":       fill("Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b-\r\n", ""),
		"deep":         fill(deep+"\r\n", "--\r\n", ""),
		"words":        fill("Subject:", " =?utf-8?q?=41?=\r\n", "\r\n\r\n"),
		"base64":       fill("Content-Transfer-Encoding: base64\r\n\r\n", "\r\n", ""),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if v, err := Parse(raw); err == nil && !v.Cut {
					b.Fatal("shown whole")
				}
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Subject: x\r\n\r\nhello"))
	f.Add([]byte("Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--b--\r\n"))
	f.Add([]byte("Content-Type: text/html; charset=utf-16\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=00=ff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := Parse(raw)
		if err != nil {
			return
		}
		if len(v.Text) > maxText || len(v.HTML) > maxText || len(v.Headers) > maxFields || v.Parts > maxParts {
			t.Fatal("out of bounds")
		}
		shown := v.Text + v.HTML + v.Subject + v.From + v.To
		if !utf8.ValidString(shown) || strings.ContainsAny(shown, "\x00\x1b\r") || strings.Contains(v.Subject, "\n") {
			t.Fatalf("%q", shown)
		}
	})
}
