package notifier

import (
	"embed"
	htmltemplate "html/template"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"vestnik/documents/lang"
)

//go:embed words
var wordFiles embed.FS

// speech is everything that mail is worded with.
type speech struct {
	catalogue *lang.Catalogue
	text      *template.Template
	html      *htmltemplate.Template
}

func newSpeech() (speech, error) {
	c, err := lang.Load(wordFiles, "words")
	if err != nil {
		return speech{}, err
	}
	funcs := map[string]any{"wrap": wrap, "wrapIn": wrapIn, "upper": strings.ToUpper, "paragraphs": paragraphs, "side": side, "outlook": outlook}
	text, err := template.New("").Funcs(funcs).ParseFS(wordFiles, "words/*.txt.tmpl")
	if err != nil {
		return speech{}, err
	}
	html, err := styledTemplates(htmltemplate.New("").Funcs(funcs))
	return speech{c, text, html}, err
}

// outlook is markup that only Outlook for Windows before 2024 reads: it knows no
// max-width.
func outlook(markup string) htmltemplate.HTML {
	return htmltemplate.HTML("<!--[if mso]>" + markup + "<![endif]-->")
}

var (
	styleRule  = regexp.MustCompile(`(?m)^\.([a-z-]+) \{ (.+) \}$`)
	classNamed = regexp.MustCompile(`class="([a-z-]+)"`)
)

// styledTemplates are the HTML templates with each class of mail.css written into
// the elements that have it.
func styledTemplates(t *htmltemplate.Template) (*htmltemplate.Template, error) {
	sheet, err := wordFiles.ReadFile("words/mail.css")
	if err != nil {
		return nil, err
	}
	rules := map[string]string{}
	for _, m := range styleRule.FindAllStringSubmatch(string(sheet), -1) {
		rules[m[1]] = m[2]
	}
	names, err := fs.Glob(wordFiles, "words/*.html.tmpl")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		b, err := wordFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		styled := classNamed.ReplaceAllStringFunc(string(b), func(s string) string {
			if rule := rules[classNamed.FindStringSubmatch(s)[1]]; rule != "" {
				return s + ` style="` + rule + `"`
			}
			return s
		})
		if _, err := t.New(path.Base(name)).Parse(styled); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// columns of the plain text of a mail.
const textWidth = 72

// wrap breaks lines between words at 72 columns, and within a word that is longer,
// unless it is an address. No-break spaces hold.
func wrap(s string) string { return wrapIn("", s) }

// wrapIn is wrap with an indentation from the second line on, for text that begins
// as far from the edge.
func wrapIn(indent, s string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSpace(s), "\n") {
		if i > 0 {
			b.WriteString("\n" + indent)
		}
		column := len(indent)
		for j, word := range strings.FieldsFunc(line, isGap) {
			room := breadth(word)
			if j > 0 && column+1+room > textWidth {
				b.WriteString("\n" + indent)
				column = len(indent)
			} else if j > 0 {
				b.WriteByte(' ')
				column++
			}
			if column+room <= textWidth || isAddress(word) {
				b.WriteString(word)
				column += room
				continue
			}
			column = breakWord(&b, indent, column, word)
		}
	}
	return b.String()
}

func isGap(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' }

// isAddress tells what stops working in two lines.
func isAddress(word string) bool {
	return strings.Contains(word, "://") || strings.Contains(word, "@") || strings.Contains(word, ".") && strings.Contains(word, "/")
}

// breakWord writes a word that is too long for a line, as a language without
// spaces has them, and returns the column where it ends.
func breakWord(b *strings.Builder, indent string, column int, word string) int {
	for _, r := range word {
		room := breadthOf(r)
		if column+room > textWidth {
			b.WriteString("\n" + indent)
			column = len(indent)
		}
		b.WriteRune(r)
		column += room
	}
	return column
}

func breadth(s string) (n int) {
	for _, r := range s {
		n += breadthOf(r)
	}
	return n
}

// breadthOf is the width of a character: two of a Chinese or Japanese one (UAX #11),
// none of a mark above or below another.
func breadthOf(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		return 1
	case unicode.Is(unicode.Mn, r):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

func paragraphs(s string) []string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// Words speaks the language of Interface nearest to tag. Reasons of deliveries
// stand in it as reason-KEY, reasons of notices and holds under their own key.
func (n *Notifier) Words(tag string) lang.Words { return n.speech.catalogue.In(tag) }
