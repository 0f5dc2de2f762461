package mail

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"vestnik/notifier/mail/mailtest"
)

// secured is a relay under a name that is not loopback, so that TLS is demanded.
func secured(t *testing.T, scheme string, c mailtest.Config, until time.Time, name string) (*mailtest.Server, Relay) {
	t.Helper()
	cert, pool := mailtest.Certificate(t, until, name)
	c.TLS, c.Implicit = cert, scheme == "smtps"
	s := mailtest.New(t, c)
	r := Relay{URL: scheme + "://relay.test", Hello: "vestnik.test", RootCAs: pool, Patience: 5 * time.Second}
	r.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Addr())
	}
	return s, r
}

func TestTLS(t *testing.T) {
	soon := time.Now().Add(time.Hour)
	for _, scheme := range []string{"smtp", "smtps"} {
		s, r := secured(t, scheme, mailtest.Config{}, soon, "relay.test")
		c, err := Dial(t.Context(), r)
		if err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		relay, cipher := c.Evidence()
		if !strings.HasPrefix(relay, "relay.test:") || !strings.HasPrefix(cipher, "TLS 1.3 TLS_") {
			t.Errorf("%s: evidence %q %q", scheme, relay, cipher)
		}
		for range 2 {
			a, err := c.Begin(t.Context(), Address{"p", "example.kz"}, Address{"a", "example.kz"}, compose(t, example()))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Finish(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !c.Usable() {
				t.Error("not usable again")
			}
		}
		c.Close()
		s.HungUp(t)
		if m := s.Messages(); len(m) != 2 || !m[0].TLS {
			t.Errorf("%s: %d messages", scheme, len(m))
		}
		for _, line := range s.Commands() {
			if strings.HasPrefix(line, "EHLO") && line != "EHLO vestnik.test" {
				t.Errorf("%s: said %q", scheme, line)
			}
		}
	}
}

func TestTLSFaults(t *testing.T) {
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	say := func(p mailtest.Phase, s string) mailtest.Script { return mailtest.At(p, mailtest.Step{Say: s}) }
	ehloAgain := func(m mailtest.Moment) mailtest.Step {
		return mailtest.Step{Drop: m.Phase == mailtest.Ehlo && m.Nth == 2}
	}
	tests := []struct {
		name   string
		config mailtest.Config
		until  time.Time
		host   string
		want   string
		pause  bool
	}{
		{"F10 stripped", mailtest.Config{Script: say(mailtest.Ehlo, "250-relay.test\r\n250 SIZE 1000000")}, soon, "relay.test", ReasonTLS, true},
		{"F09 HELO only", mailtest.Config{Script: say(mailtest.Ehlo, "502 5.5.1 what?")}, soon, "relay.test", ReasonTLS, true},
		{"F11 454", mailtest.Config{Script: say(mailtest.StartTLS, "454 4.7.0 not now")}, soon, "relay.test", ReasonRelay, false},
		{"501", mailtest.Config{Script: say(mailtest.StartTLS, "501 5.5.4 no")}, soon, "relay.test", ReasonTLS, true},
		{"F12 expired", mailtest.Config{}, past, "relay.test", ReasonTLS, true},
		{"F12 other name", mailtest.Config{}, soon, "other.test", ReasonTLS, true},
		{"F13 TLS 1.0", mailtest.Config{MaxTLS: tls.VersionTLS10}, soon, "relay.test", ReasonTLS, true},
		{"F14 stall", mailtest.Config{Script: mailtest.At(mailtest.StartTLS, mailtest.Step{Say: "220 go", Stall: true})}, soon, "relay.test", ReasonRelay, false},
		{"F15 injection", mailtest.Config{Script: mailtest.At(mailtest.StartTLS, mailtest.Step{Say: "220 go\r\n250 injected", Shake: true})}, soon, "relay.test", ReasonTLS, true},
		{"F16 drop", mailtest.Config{Script: ehloAgain}, soon, "relay.test", ReasonRelay, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, r := secured(t, "smtp", tt.config, tt.until, tt.host)
			if strings.Contains(tt.name, "stall") {
				r.Patience = stall
			}
			res := attempt(t, r, nil)
			if v := res.verdict; v.Outcome != Later || v.Reason != tt.want || v.Pause != tt.pause || v.Break == tt.pause {
				t.Errorf("verdict %+v, error %v", v, res.err)
			}
			s.HungUp(t)
			for _, line := range s.Commands() {
				if !strings.HasPrefix(line, "EHLO ") && !strings.HasPrefix(line, "HELO ") && line != "STARTTLS" && line != "QUIT" {
					t.Errorf("said %q without TLS", line)
				}
			}
		})
	}
}

func TestLowerCaseKeywords(t *testing.T) {
	script := func(m mailtest.Moment) mailtest.Step {
		if m.Phase == mailtest.Ehlo && m.Nth == 1 {
			return mailtest.Step{Say: "250-relay.test\r\n250 starttls"}
		}
		return mailtest.Step{}
	}
	s, r := secured(t, "smtp", mailtest.Config{Script: script}, time.Now().Add(time.Hour), "relay.test")
	if res := attempt(t, r, nil); res.err != nil || !s.Messages()[0].TLS {
		t.Errorf("F61: %v", res.err)
	}
}

func TestAuth(t *testing.T) {
	say := func(p mailtest.Phase, text string) mailtest.Script { return mailtest.At(p, mailtest.Step{Say: text}) }
	tests := []struct {
		name, user string
		script     mailtest.Script
		want       Outcome
		reason     string
		pause      bool
	}{
		{"PLAIN or LOGIN", "u:p%40ss", nil, Accepted, "", false},
		{"LOGIN only", "u:p%40ss", say(mailtest.Ehlo, "250-relay.test\r\n250 AUTH=login"), Accepted, "", false},
		{"PLAIN only", "u:p%40ss", say(mailtest.Ehlo, "250-relay.test\r\n250 AUTH PLAIN"), Accepted, "", false},
		{"F17 not offered", "u:p%40ss", say(mailtest.Ehlo, "250 relay.test"), Later, ReasonLogin, true},
		{"F17 unknown", "u:p%40ss", say(mailtest.Ehlo, "250-relay.test\r\n250 AUTH XOAUTH2 CRAM-MD5"), Later, ReasonLogin, true},
		{"F18 535", "u:wrong", nil, Later, ReasonLogin, true},
		{"530 without", "", nil, Later, ReasonLogin, true},
		{"F19 454", "u:p%40ss", say(mailtest.Auth, "454 4.7.0 later"), Later, ReasonRelay, false},
		{"F20 421", "u:p%40ss", mailtest.At(mailtest.Auth, mailtest.Step{Say: "421 4.7.0 bye", Drop: true}), Later, ReasonRelay, false},
		{"F21 wrong challenge", "u:p%40ss", say(mailtest.Auth, "334 ???"), Later, ReasonLogin, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mailtest.New(t, mailtest.Config{User: "u", Password: "p@ss", Script: tt.script})
			url := s.URL()
			if tt.user != "" {
				url = "smtp://" + tt.user + "@" + s.Addr()
			}
			res := attempt(t, Relay{URL: url}, nil)
			if v := res.verdict; v.Outcome != tt.want || v.Reason != tt.reason || v.Pause != tt.pause {
				t.Errorf("verdict %+v, error %v", v, res.err)
			}
			if res.err != nil && strings.Contains(res.err.Error(), "p@ss") {
				t.Errorf("the error has the password: %v", res.err)
			}
			s.HungUp(t)
		})
	}
}
