package mail

import (
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	good := map[string]Address{
		"aigul@example.kz":                {"aigul", "example.kz"},
		"A.B+tag@Example.KZ":              {"A.B+tag", "example.kz"},
		"user@пример.қаз":                 {"user", "xn--e1afmkfd.xn--80ao21a"},
		"user@xn--e1afmkfd.xn--80ao21a":   {"user", "xn--e1afmkfd.xn--80ao21a"},
		"o'neil@sub.example.kz":           {"o'neil", "sub.example.kz"},
		"a@b-c.kz":                        {"a", "b-c.kz"},
		strings.Repeat("a", 64) + "@b.kz": {strings.Repeat("a", 64), "b.kz"},
	}
	for s, want := range good {
		if got, err := ParseAddress(s); err != nil || got != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	bad := []string{
		"", "@", "a", "a@", "@b.kz", "a@localhost", "a@b", "a@[127.0.0.1]", "a@127.0.0.1", "a@b.123", `"a"@b.kz`, `"a b"@b.kz`,
		"a b@b.kz", " a@b.kz", "a@b.kz ", "a@b.kz\r\nRCPT TO:<x@y.kz>", "a\r\n@b.kz", "a@b\r\n.kz", "a@b..kz", "a@.kz", "a@b.kz.",
		".a@b.kz", "a.@b.kz", "a..b@b.kz", "a,b@c.kz", "a@b@c.kz", "a@b_c.kz", "a@-b.kz", "a@b-.kz", "a;b@c.kz", "a<b@c.kz",
		"a>b@c.kz", "toni> ORCPT=x@example.kz", "пользователь@пример.қаз", "a\x00@b.kz", "a\x7f@b.kz", "\xff@b.kz", "a@\xff.kz",
		"a@xn--.kz", "a@" + strings.Repeat("a", 64) + ".kz", strings.Repeat("a", 65) + "@b.kz",
		"a@" + strings.Repeat("a.", 130) + "kz", strings.Repeat("a", 64) + "@" + strings.Repeat("abcdefghi.", 20) + "kz",
		"Name <a@b.kz>", "a@b.kz, c@d.kz", "a(comment)@b.kz", "a@b.kz?bcc=x", "a@b/c.kz",
	}
	for _, s := range bad {
		if got, err := ParseAddress(s); err == nil {
			t.Errorf("%q: %v", s, got)
		} else if len(s) > 5 && strings.Contains(err.Error(), s) {
			t.Errorf("the error repeats the address: %v", err)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"a@b.kz", "a@пример.қаз", `"a"@b.kz`, "a@\u202eb.kz", "a@ß.de"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		if again, err := ParseAddress(a.String()); err != nil || again != a {
			t.Fatalf("%q: %v, then %v %v", s, a, again, err)
		}
		if strings.ContainsFunc(a.String(), func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>()[]\",;:`, r) }) {
			t.Fatalf("%q: %q", s, a)
		}
	})
}

func TestParseRelay(t *testing.T) {
	good := map[string]endpoint{
		"smtp://mail.example.kz":                    {host: "mail.example.kz", port: "587", security: startTLS},
		"smtp://mail.example.kz:25":                 {host: "mail.example.kz", port: "25", security: startTLS},
		"smtp://mail.example.kz:25?tls=none":        {host: "mail.example.kz", port: "25"},
		"smtp://127.0.0.1:2525":                     {host: "127.0.0.1", port: "2525"},
		"smtp://[::1]:2525":                         {host: "::1", port: "2525"},
		"smtp://localhost:2525/":                    {host: "localhost", port: "2525"},
		"smtp://[::ffff:127.0.0.1]:25":              {host: "::ffff:127.0.0.1", port: "25"},
		"smtp://localhost.example.kz:25":            {host: "localhost.example.kz", port: "25", security: startTLS},
		"smtp://почта.қаз":                          {host: "xn--80a1acny.xn--80ao21a", port: "587", security: startTLS},
		"smtps://mail.example.kz":                   {host: "mail.example.kz", port: "465", security: implicitTLS},
		"smtps://u%40x:p%3Aw%2F@mail.example.kz:99": {host: "mail.example.kz", port: "99", security: implicitTLS, user: "u@x", password: "p:w/"},
		"smtp://u:p@127.0.0.1:25":                   {host: "127.0.0.1", port: "25", user: "u", password: "p"},
	}
	for url, want := range good {
		r, err := ParseRelay(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if got, _ := r.endpoint(); got != want {
			t.Errorf("%s: %+v", url, got)
		}
		if strings.Contains(r.Host(), "@") {
			t.Errorf("host %s", r.Host())
		}
	}
	bad := []string{"", "mail.example.kz:587", "http://mail.example.kz", "smtp://", "smtp://:25", "smtp://h/path", "smtp://h#x",
		"smtp://h?tls=maybe", "smtp://h?tls=", "smtp://h?x=y", "smtps://h?tls=none", "smtp://u:p@h?tls=none",
		"smtp://u%0d%0ax:p@h", "smtp://u:p%00@h", "smtp://h:port", "smtp://secret:%zz@h"}
	for _, url := range bad {
		if _, err := ParseRelay(url); err == nil {
			t.Errorf("%q was accepted", url)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats the URL: %v", err)
		}
	}
}

func TestHello(t *testing.T) {
	for name, want := range map[string]string{"": "localhost", "vestnik.example.kz": "vestnik.example.kz", "localhost": "localhost",
		"пример.қаз": "xn--e1afmkfd.xn--80ao21a", "127.0.0.1": "[127.0.0.1]", "::1": "[IPv6:::1]", "::ffff:192.0.2.1": "[192.0.2.1]"} {
		if got, err := (Relay{Hello: name}).hello(); err != nil || got != want {
			t.Errorf("%q: %q %v", name, got, err)
		}
	}
	for _, name := range []string{"a b", "a\r\nRSET", "a_b", "a..b", ".", "\xff"} {
		if _, err := Dial(t.Context(), Relay{URL: "smtp://127.0.0.1:1", Hello: name}); err == nil || !strings.Contains(err.Error(), "host name") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
