package server

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// Settings are the organisation's, parsed.
type Settings struct {
	Organisation lang.Phrase
	BIN          string
	Postal       lang.Phrase
	ReplyTo      string
	Zone         string
	Languages    []string // in order of preference
	Unknown      []string // of a mail to somebody whose language is not known
	NoticeDays   int
	Hold         time.Duration
	OnePerson    bool // may one person be enough, while there is only one
	Allow        []string
	Rate         int    // mails a minute, over all nodes; 0: unbounded
	Abuse        string // who reads what strangers say of our mail; "": the readers of replies
	Colour       string // of links and buttons on light paper; "": the stylesheet's
	ColourDark   string
	Logo         mark
	Footer       []FooterLine
	Aliases      []Alias
	URL          string // the last three are recorded by serve
	SMTP         string // without password
	From         string
	Revision     int
}

// setting is one of them: how it looks when nobody set it, and what is refused.
type setting struct {
	name     string
	fallback string
	recorded bool // by serve, from its flags; nobody else changes it
	lines    bool // several
	choices  []string
	parse    func(s *Settings, value string) error
	keep     func(value string) (string, error) // what is stored of what somebody gave; nil: itself
}

// settings are all there are, in the order in which they are shown.
func settings() []setting {
	return []setting{
		{name: "organisation", lines: true, parse: func(s *Settings, v string) error {
			s.Organisation = lang.Phrase(v)
			return phrase("organisation", s.Organisation, 200)
		}},
		{name: "bin", parse: parseBIN},
		{name: "postal", lines: true, parse: func(s *Settings, v string) error {
			s.Postal = lang.Phrase(v)
			return phrase("postal", s.Postal, 400)
		}},
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
		{name: "one-person", fallback: "on", choices: []string{"on", "off"}, parse: parseOnePerson},
		{name: "allow", parse: parseAllow},
		{name: "rate", fallback: "0", parse: parseRate},
		{name: "abuse", parse: func(s *Settings, v string) error { s.Abuse = v; return address("abuse", v) }},
		{name: "colour", parse: func(s *Settings, v string) error { s.Colour = v; return checkColour("colour", v, false) }},
		{name: "colour-dark", parse: func(s *Settings, v string) error { s.ColourDark = v; return checkColour("colour-dark", v, true) }},
		{name: "logo", parse: parseMark, keep: keepMark},
		{name: "footer", lines: true, parse: parseFooter},
		{name: "aliases", lines: true, parse: parseAliases},
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

// refuseRecorded keeps people from changing what serve would overwrite.
func refuseRecorded(changes map[string]string) error {
	for _, s := range settings() {
		if _, given := changes[s.name]; given && s.recorded {
			return documents.Invalid(s.name, "setting-recorded", "The setting %s is recorded by vestnik serve: start it with -%s.", s.name, s.name)
		}
	}
	return nil
}

// ParseSettings reads values; what is missing or empty is the default. What is
// unknown a newer release may have set: it is left alone.
func ParseSettings(values map[string]string, revision int) (Settings, error) {
	out := Settings{Revision: revision}
	for _, s := range settings() {
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

// refuseUnknown keeps people from setting what means nothing.
func refuseUnknown(changes map[string]string) error {
	for _, name := range sortedKeys(changes) {
		if !slices.Contains(SettingNames(), name) {
			return documents.Invalid(name, "setting-unknown", "There is no setting %q; there are %s.", name, strings.Join(SettingNames(), ", "))
		}
	}
	return nil
}

// Values is Settings as text, by name.
func (s Settings) Values() map[string]string {
	one := "off"
	if s.OnePerson {
		one = "on"
	}
	return map[string]string{
		"organisation": string(s.Organisation), "bin": s.BIN, "postal": string(s.Postal), "reply-to": s.ReplyTo, "zone": s.Zone,
		"languages": strings.Join(s.Languages, ","), "unknown-languages": strings.Join(s.Unknown, ","),
		"notice-days": strconv.Itoa(s.NoticeDays), "hold": s.Hold.String(), "one-person": one, "allow": strings.Join(s.Allow, ","),
		"rate": strconv.Itoa(s.Rate), "abuse": s.Abuse, "colour": s.Colour, "colour-dark": s.ColourDark, "logo": s.Logo.String(),
		"footer": typed(s.Footer), "aliases": typed(s.Aliases), "url": s.URL, "smtp": s.SMTP, "from": s.From,
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
