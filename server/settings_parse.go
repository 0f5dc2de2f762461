package server

import (
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a machine without zone files must not refuse Asia/Almaty
	"unicode"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// line refuses what could break out of the one line that a setting is shown on.
func line(field, v string, most int) error {
	if len([]rune(v)) > most {
		return documents.Invalid(field, "too-long", "The setting %s is too long: it may have %d characters.", field, most)
	}
	return plain(field, v)
}

// phrase refuses what is no line, or no lines of one language each.
func phrase(field string, p lang.Phrase, most int) error {
	seen := map[string]bool{}
	for _, l := range p.Lines() {
		if l.Tag != "" && !lang.Valid(l.Tag) {
			return documents.Invalid(field, "language-malformed", "%q is no language tag: give tags such as kk,ru,en.", l.Tag)
		}
		if seen[l.Tag] {
			return documents.Invalid(field, "phrase-twice", "Give %s as one line, or as one for each language: [kk] … and [ru] …", field)
		}
		seen[l.Tag] = true
		if err := line(field, l.Text, most); err != nil {
			return err
		}
	}
	return nil
}

// plain refuses control characters and those that change the direction of text.
func plain(field, v string) error {
	for _, r := range v {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
			return documents.Invalid(field, "control-character", "Remove the invisible control character (U+%04X) from %s.", r, field)
		}
	}
	return nil
}

func mailbox(field, v string) error {
	if v == "" {
		return nil
	}
	if err := line(field, v, 320); err != nil {
		return err
	}
	if _, err := mail.ParseAddress(v); err != nil {
		return documents.Invalid(field, "address-malformed", "Give %s as name@example.kz, or as Name <name@example.kz>.", field)
	}
	return nil
}

// address is a mailbox without a name.
func address(field, v string) error {
	if a, err := mail.ParseAddress(v); v != "" && (err != nil || a.Address != v || len(v) > 254) {
		return documents.Invalid(field, "address-bare", "Give %s as name@example.kz.", field)
	}
	return nil
}

func parseBIN(s *Settings, v string) error {
	s.BIN = v
	if v != "" && (len(v) != 12 || strings.Trim(v, "0123456789") != "") {
		return documents.Invalid("bin", "bin-malformed", "A BIN has 12 digits.")
	}
	return nil
}

func parseZone(s *Settings, v string) error {
	s.Zone = v
	if _, err := time.LoadLocation(v); err != nil || v == "Local" {
		return documents.Invalid("zone", "zone-unknown", "There is no time zone %q: give an IANA name such as Asia/Almaty.", v)
	}
	return nil
}

func tagList(field, v string) ([]string, error) {
	out := listed(v)
	for _, tag := range out {
		if !lang.Valid(tag) {
			return nil, documents.Invalid(field, "language-malformed", "%q is no language tag: give tags such as kk,ru,en.", tag)
		}
	}
	return out, nil
}

// listed splits at commas and white space, without repetitions.
func listed(v string) []string {
	var out []string
	for _, one := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) }) {
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

func parseNoticeDays(s *Settings, v string) (err error) {
	if s.NoticeDays, err = strconv.Atoi(v); err != nil || s.NoticeDays < 0 || s.NoticeDays > 365 {
		return documents.Invalid("notice-days", "notice-days-malformed", "Give notice-days as a number of days from 0 to 365.")
	}
	return nil
}

func parseHold(s *Settings, v string) (err error) {
	if s.Hold, err = time.ParseDuration(v); v == "0" {
		s.Hold, err = 0, nil
	}
	if err != nil || s.Hold < 0 || s.Hold > 7*24*time.Hour {
		return documents.Invalid("hold", "hold-malformed", "Give hold as a duration from 0 to 168h, such as 15m.")
	}
	return nil
}

func parseOnePerson(s *Settings, v string) error {
	if s.OnePerson = v == "on"; !s.OnePerson && v != "off" {
		return documents.Invalid("one-person", "one-person-malformed", "Set one-person to on or off.")
	}
	return nil
}

func parseAllow(s *Settings, v string) error {
	s.Allow = listed(v)
	for _, one := range s.Allow {
		domain, isDomain := strings.CutPrefix(one, "@")
		if isDomain {
			one = "x@" + domain
		}
		if a, err := mail.ParseAddress(one); err != nil || a.Address != one {
			return documents.Invalid("allow", "allow-malformed", "Give allow as addresses and @domains with commas between.")
		}
	}
	return nil
}

// mostRate is far above what one relay takes.
const mostRate = 100_000

func parseRate(s *Settings, v string) (err error) {
	if s.Rate, err = strconv.Atoi(v); err != nil || s.Rate < 0 || s.Rate > mostRate {
		return documents.Invalid("rate", "rate-malformed", "Give rate as a number of mails a minute from 0 to 100000; 0 is unbounded.")
	}
	return nil
}

func parseURL(s *Settings, v string) error {
	s.URL = strings.TrimSuffix(v, "/")
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return documents.Invalid("url", "url-malformed", "Give url as https://site.example or https://site.example/policies.")
	}
	return nil
}

func parseSMTP(s *Settings, v string) error {
	s.SMTP = v
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Host == "" {
		return documents.Invalid("smtp", "smtp-malformed", "Give smtp as smtp://host:587 or smtps://host:465.")
	}
	if _, has := u.User.Password(); has {
		return documents.Invalid("smtp", "smtp-password", "Leave the password out of this setting: give it to serve as env:NAME or file:PATH.")
	}
	return nil
}
