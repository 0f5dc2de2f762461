package notifier

import (
	"embed"
	htmltemplate "html/template"
	"strings"
	"text/template"
	"unicode/utf8"

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
	funcs := map[string]any{"wrap": wrap, "wrapIn": wrapIn, "upper": strings.ToUpper, "paragraphs": paragraphs}
	text, err := template.New("").Funcs(funcs).ParseFS(wordFiles, "words/*.txt.tmpl")
	if err != nil {
		return speech{}, err
	}
	html, err := htmltemplate.New("").Funcs(funcs).ParseFS(wordFiles, "words/*.html.tmpl")
	return speech{c, text, html}, err
}

// columns of the plain text of a mail.
const textWidth = 72

// wrap breaks lines between words at 72 columns. What has no gap, such as an
// address, stays whole.
func wrap(s string) string { return wrapIn("", s) }

// wrapIn is wrap with an indentation from the second line on.
func wrapIn(indent, s string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSpace(s), "\n") {
		if i > 0 {
			b.WriteString("\n" + indent)
		}
		column := len(indent)
		for j, word := range strings.Fields(line) {
			width := utf8.RuneCountInString(word)
			if j > 0 && column+1+width > textWidth {
				b.WriteString("\n" + indent)
				column = len(indent)
			} else if j > 0 {
				b.WriteByte(' ')
				column++
			}
			b.WriteString(word)
			column += width
		}
	}
	return b.String()
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
