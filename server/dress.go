package server

import (
	"net/url"
	"strings"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// dress is what an organisation puts on every page: its mark, its colours, and the
// lines at the foot.
type dress struct {
	Sheet  string // the address of its colours
	Mark   *picture
	Footer []link
}

type picture struct {
	Src           string
	Width, Height int
}

func dressOf(base, tag string, set Settings) dress {
	var d dress
	if name := coloursName(set.Colour, set.ColourDark); name != "" {
		d.Sheet = base + "/static/colours/" + name
	}
	if m := set.Logo; m.Name != "" {
		height := min(m.Height, markShown)
		d.Mark = &picture{base + "/static/mark/" + m.Name + ".png", max(1, m.Width*height/m.Height), height}
	}
	for _, f := range set.Footer {
		if f.Lang == "" || f.Lang == tag {
			d.Footer = append(d.Footer, link{Text: f.Text, Href: f.Href})
		}
	}
	return d
}

// FooterLine stands at the foot of every page, or of those in one language.
type FooterLine struct{ Lang, Text, Href string }

const (
	footerMost = 12 // lines
	footerLong = 200
)

// parseFooter reads lines such as "[kk] Байланыс | https://example.kz/contacts".
func parseFooter(s *Settings, v string) error {
	s.Footer = nil
	for _, row := range linesTyped(v) {
		spoken := lang.Line(row)
		f := FooterLine{Lang: spoken.Tag}
		row = spoken.Text
		if f.Lang != "" && !lang.Valid(f.Lang) {
			return documents.Invalid("footer", "language-malformed", "%q is no language tag: give tags such as kk,ru,en.", f.Lang)
		}
		text, href, linked := strings.Cut(row, "|")
		f.Text, f.Href = strings.TrimSpace(text), strings.TrimSpace(href)
		if err := line("footer", row, footerLong+maxAddress); err != nil {
			return err
		}
		if f.Text == "" || len([]rune(f.Text)) > footerLong || linked && !isWebAddress(f.Href) || len(s.Footer) == footerMost {
			return documents.Invalid("footer", "footer-malformed", "Give up to %d lines for the foot, each as Text or as Text | https://example.kz/page.", footerMost)
		}
		s.Footer = append(s.Footer, f)
	}
	return nil
}

// maxAddress is how long an address that somebody types may be.
const maxAddress = 500

// isWebAddress takes addresses of https alone, of a host that has a name.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxAddress && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && !strings.ContainsAny(s, " \\\"<>")
}

// linesTyped are the lines of v that say something.
func linesTyped(v string) (out []string) {
	for row := range strings.SplitSeq(strings.ReplaceAll(v, "\r\n", "\n"), "\n") {
		if row = strings.TrimSpace(row); row != "" {
			out = append(out, row)
		}
	}
	return out
}

func (f FooterLine) String() string {
	out := f.Text
	if f.Href != "" {
		out += " | " + f.Href
	}
	if f.Lang != "" {
		out = "[" + f.Lang + "] " + out
	}
	return out
}

// typed joins lines as a setting holds them.
func typed[T interface{ String() string }](list []T) string {
	var rows []string
	for _, one := range list {
		rows = append(rows, one.String())
	}
	return strings.Join(rows, "\n")
}
