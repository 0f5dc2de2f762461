package lang

import (
	"regexp"
	"strings"
)

// Phrase is a line of an organisation's own, such as its name, as somebody typed
// it: one line for every language, or lines such as "[kk] «Мысал» ЖШС".
type Phrase string

var ofLanguage = regexp.MustCompile(`^\[([A-Za-z0-9-]+)\]\s*`)

// Spoken is one line of a Phrase. Tag is "" where none is given.
type Spoken struct{ Tag, Text string }

// Lines are the lines of p that say something.
func (p Phrase) Lines() (out []Spoken) {
	for row := range strings.Lines(string(p)) {
		if s := Line(row); s.Text != "" {
			out = append(out, s)
		}
	}
	return out
}

// Line reads one line, with or without its language in front.
func Line(row string) Spoken {
	row = strings.TrimSpace(row)
	m := ofLanguage.FindStringSubmatch(row)
	if m == nil {
		return Spoken{"", row}
	}
	return Spoken{m[1], strings.TrimSpace(row[len(m[0]):])}
}

// In is p for readers of tag: the line in that language, else the one without a
// language, else the first.
func (p Phrase) In(tag string) string {
	lines := p.Lines()
	for _, want := range []string{tag, ""} {
		for _, l := range lines {
			if l.Tag == want {
				return l.Text
			}
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return lines[0].Text
}
