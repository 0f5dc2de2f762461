package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

// Settings are the organisation's, parsed.
type Settings struct {
	Organisation string
	BIN          string
	Postal       string
	ReplyTo      string
	Zone         string
	Languages    []string // in order of preference
	Unknown      []string // of a mail to somebody whose language is not known
	NoticeDays   int
	Hold         time.Duration
	OnePerson    bool // may one person be enough, while there is only one
	Allow        []string
	URL          string // the last three are recorded by serve
	SMTP         string // without password
	From         string
	Revision     int
}

// setting is one of them: how it looks when nobody set it, and what is refused.
type setting struct {
	name     string
	fallback string
	recorded bool // by serve; a person may set it too, for commands without serve
	parse    func(s *Settings, value string) error
}

// settings are all there are, in the order in which they are shown.
func settings() []setting {
	return []setting{
		{name: "organisation", parse: func(s *Settings, v string) error { s.Organisation = v; return line("organisation", v, 200) }},
		{name: "bin", parse: parseBIN},
		{name: "postal", parse: func(s *Settings, v string) error { s.Postal = v; return line("postal", v, 400) }},
		{name: "reply-to", parse: func(s *Settings, v string) error { s.ReplyTo = v; return mailbox("reply-to", v) }},
		{name: "zone", fallback: "Asia/Almaty", parse: parseZone},
		{name: "languages", fallback: "ru,kk,en", parse: func(s *Settings, v string) (err error) {
			s.Languages, err = tagList("languages", v)
			return err
		}},
		{name: "unknown-languages", fallback: "kk,ru", parse: func(s *Settings, v string) (err error) {
			s.Unknown, err = tagList("unknown-languages", v)
			return err
		}},
		{name: "notice-days", fallback: "30", parse: parseNoticeDays},
		{name: "hold", fallback: "15m", parse: parseHold},
		{name: "one-person", fallback: "on", parse: parseOnePerson},
		{name: "allow", parse: parseAllow},
		{name: "url", recorded: true, parse: parseURL},
		{name: "smtp", recorded: true, parse: parseSMTP},
		{name: "from", recorded: true, parse: func(s *Settings, v string) error { s.From = v; return mailbox("from", v) }},
	}
}

// SettingNames lists them in the order in which they are shown.
func SettingNames() []string {
	var out []string
	for _, s := range settings() {
		out = append(out, s.name)
	}
	return out
}

// ParseSettings reads values; what is missing or empty is the default.
func ParseSettings(values map[string]string, revision int) (Settings, error) {
	out := Settings{Revision: revision}
	known := settings()
	for name := range values {
		if !slices.ContainsFunc(known, func(s setting) bool { return s.name == name }) {
			return out, documents.Invalid(name, "setting-unknown", "There is no setting %q; there are %s.", name, strings.Join(SettingNames(), ", "))
		}
	}
	for _, s := range known {
		value := values[s.name]
		if value == "" {
			value = s.fallback
		}
		if err := s.parse(&out, value); err != nil {
			return out, err
		}
	}
	return out, nil
}

// Values is Settings as text, by name.
func (s Settings) Values() map[string]string {
	one := "off"
	if s.OnePerson {
		one = "on"
	}
	return map[string]string{
		"organisation": s.Organisation, "bin": s.BIN, "postal": s.Postal, "reply-to": s.ReplyTo, "zone": s.Zone,
		"languages": strings.Join(s.Languages, ","), "unknown-languages": strings.Join(s.Unknown, ","),
		"notice-days": strconv.Itoa(s.NoticeDays), "hold": s.Hold.String(), "one-person": one, "allow": strings.Join(s.Allow, ","),
		"url": s.URL, "smtp": s.SMTP, "from": s.From,
	}
}

// Location is the organisation's zone, loaded.
func (s Settings) Location() *time.Location {
	l, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.UTC
	}
	return l
}

// SettingsBook reads and changes the settings in a Store, and gives each room
// its share. The other fields are facts of this process, not of the
// organisation.
type SettingsBook struct {
	Store     Store
	Relay     string // with its password, which is never stored
	Mailbox   string // smtp:// URL of the built-in mailbox
	URL       string // of this process; "" takes the recorded one
	From      string // of this process; "" takes the recorded one
	Demo      bool
	Rehearsal func() bool // nil: no
}

func (b *SettingsBook) rehearsal() bool { return b.Rehearsal != nil && b.Rehearsal() }

// Read returns the settings as they stand. OnePerson is off as soon as a second
// member of staff is active.
func (b *SettingsBook) Read(ctx context.Context) (Settings, error) {
	values, revision, err := b.Store.Settings(ctx)
	if err != nil {
		return Settings{}, fmt.Errorf("settings: %w", err)
	}
	s, err := ParseSettings(values, revision)
	if err != nil {
		return s, err
	}
	n, err := b.active(ctx)
	if err != nil {
		return s, err
	}
	s.OnePerson = s.OnePerson && n < 2
	return s, nil
}

func (b *SettingsBook) active(ctx context.Context) (n int, err error) {
	list, err := b.Store.StaffList(ctx)
	for _, one := range list {
		if !one.Disabled {
			n++
		}
	}
	return n, err
}

// Change sets the named values and leaves the others. An empty value is the
// default.
func (b *SettingsBook) Change(ctx context.Context, changes map[string]string, by documents.Actor) (Settings, error) {
	for name, v := range changes {
		changes[name] = strings.TrimSpace(v)
	}
	for {
		values, revision, err := b.Store.Settings(ctx)
		if err != nil {
			return Settings{}, err
		}
		if values == nil {
			values = map[string]string{}
		}
		before := maps.Clone(values)
		maps.Copy(values, changes)
		if _, err := ParseSettings(values, revision+1); err != nil {
			return Settings{}, err
		}
		if maps.Equal(before, values) {
			return b.Read(ctx)
		}
		if err := b.onlyOne(ctx, changes); err != nil {
			return Settings{}, err
		}
		err = b.Store.PutSettings(ctx, values, revision)
		if errors.Is(err, documents.ErrConflict) {
			continue
		}
		if err != nil {
			return Settings{}, err
		}
		if err := b.Store.Audit(ctx, AuditEntry{At: time.Now().UTC(), By: by.Name, What: "settings.changed", More: changes}); err != nil {
			return Settings{}, err
		}
		return b.Read(ctx)
	}
}

func (b *SettingsBook) onlyOne(ctx context.Context, changes map[string]string) error {
	if changes["one-person"] != "on" {
		return nil
	}
	if n, err := b.active(ctx); err != nil || n < 2 {
		return err
	}
	return documents.Invalid("one-person", "one-person-several", "There are several members of staff, so another one must approve: one-person cannot be switched on.")
}

// Record keeps what serve was started with, for the commands that come later.
// The password of an SMTP URL is left out. An empty one is recorded too: mail
// then goes to the built-in mailbox.
func (b *SettingsBook) Record(ctx context.Context, url, smtp, from string) error {
	_, err := b.Change(ctx, map[string]string{"url": url, "smtp": withoutPassword(smtp), "from": from}, documents.Actor{Name: "local"})
	return err
}

func withoutPassword(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return raw
	}
	u.User = url.User(u.User.Username())
	return u.String()
}

// Rules are what publishing depends on.
func (b *SettingsBook) Rules(ctx context.Context) (documents.Rules, error) {
	s, err := b.Read(ctx)
	if err != nil {
		return documents.Rules{}, err
	}
	return documents.Rules{
		Zone: s.Zone, NoticeDays: s.NoticeDays, Hold: s.Hold, OnePerson: s.OnePerson, Rehearsal: b.rehearsal(),
		CanTell: s.SMTP != "" || b.Relay != "" || b.Demo || b.rehearsal(),
	}, nil
}

// Notifier is what mail depends on.
func (b *SettingsBook) Notifier(ctx context.Context) (notifier.Settings, error) {
	s, err := b.Read(ctx)
	if err != nil {
		return notifier.Settings{}, err
	}
	list, err := b.Store.StaffList(ctx)
	if err != nil {
		return notifier.Settings{}, fmt.Errorf("staff: %w", err)
	}
	var addresses []string
	for _, one := range list {
		if !one.Disabled && one.Address != "" {
			addresses = append(addresses, one.Address)
		}
	}
	return notifier.Settings{
		Organisation: s.Organisation, BIN: s.BIN, Postal: s.Postal, ReplyTo: s.ReplyTo, From: or(b.From, s.From),
		URL: or(b.URL, s.URL), Zone: s.Zone, Languages: s.Languages, Unknown: s.Unknown, Hold: s.Hold, Allow: s.Allow,
		Rehearsal: b.rehearsal(), Demo: b.Demo, Relay: b.Relay, Mailbox: b.Mailbox, Staff: addresses,
	}, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// line refuses what could break out of the one line that a setting is shown on.
func line(field, v string, most int) error {
	if len([]rune(v)) > most {
		return documents.Invalid(field, "too-long", "The setting %s is too long: it may have %d characters.", field, most)
	}
	return plain(field, v)
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
