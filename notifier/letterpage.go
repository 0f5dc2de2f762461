package notifier

import (
	"slices"
	"strings"

	"vestnik/documents/lang"
	"vestnik/notifier/mail"
)

// The most characters that are shown of one value, and of a heading.
const (
	maxWords   = 10_000
	maxHeading = 200
)

// letterPage is a letter as the templates see it.
type letterPage struct {
	W                  lang.Words
	Lang               string
	Mark, Organisation string
	Heading            string
	Paragraphs         []string
	Facts              []slot // short ones
	Words              *slot  // of the organisation
	Button             *button
	After              []string
	Sender             []string
}

// page words a letter. Its keys in the catalogue end or begin with its topic.
func (n *Notifier) page(l Letter, set Settings) letterPage {
	w, topic := n.Words(l.Language), letterTopic(l)
	args := []any{"organisation", organisation(w, set), "address", contact(w, set)}
	for k, v := range l.Args {
		args = append(args, k, fit(v, maxWords))
	}
	p := letterPage{
		W: w, Lang: w.Lang, Mark: mark(w, set), Organisation: organisation(w, set), Sender: signature(w, set),
		Heading: fit(headerWords(w.T("subject-"+topic, args...)), maxHeading), Facts: letterFacts(w, l), Words: letterWords(w, l),
		Paragraphs: paragraphs(w.T(topic+"-body", args...)),
	}
	if link := l.Args["url"]; link != "" && w.Has("letter-button-"+string(l.Kind)) {
		p.Button = &button{w.T("letter-button-" + string(l.Kind)), link}
	}
	p.After = letterAfter(w, l, args)
	return p
}

// letterTopic names the words of a letter: its kind, and what it is about.
func letterTopic(l Letter) string {
	if about := l.Args["about"]; about != "" {
		return string(l.Kind) + "-" + about
	}
	return string(l.Kind)
}

// letterFacts lists what somebody looks for in a letter later.
func letterFacts(w lang.Words, l Letter) (out []slot) {
	for _, name := range []string{"account", "kind", "due", "ground", "code"} {
		if text := strings.TrimSpace(l.Args[name]); text != "" {
			out = append(out, slot{Head: w.T("letter-" + name), Text: fit(text, maxHeading)})
		}
	}
	return out
}

// letterWords are those of the organisation, which need not be in the language of the
// letter; nil if it says nothing.
func letterWords(w lang.Words, l Letter) *slot {
	text := strings.TrimSpace(l.Args["words"])
	if text == "" {
		return nil
	}
	out := slot{Head: w.T("letter-words"), Text: fit(text, maxWords), Lang: lang.Written(text, append([]string{w.Lang}, lang.Interface...)...), Dir: "auto"}
	if out.Lang != "" && out.Lang != w.Lang {
		out.Head += " (" + lang.In(w.Lang, out.Lang) + ")"
	}
	return &out
}

// letterAfter is what a letter ends with: how long its link works, what happens if
// nobody does anything, what to do against a refusal, what is never asked.
func letterAfter(w lang.Words, l Letter, args []any) (out []string) {
	switch l.Kind {
	case LetterTest, LetterAlarm:
		return nil
	case LetterSignIn, LetterAct, LetterNew:
		out = append(out, w.T("letter-hour"))
	}
	for _, key := range slices.Compact([]string{"letter-after-" + string(l.Kind), "letter-after-" + letterTopic(l)}) {
		if w.Has(key) {
			out = append(out, w.T(key, args...))
		}
	}
	return append(out, w.T("password"))
}

// contact is where somebody of the organisation reads.
func contact(w lang.Words, set Settings) string {
	for _, one := range []string{set.ReplyTo, set.From} {
		if one != "" {
			return bare(one)
		}
	}
	return set.Postal.In(w.Lang)
}

func (n *Notifier) composeLetter(l Letter, set Settings) (mail.Address, []byte, error) {
	to, err := mail.ParseAddress(l.To)
	if err != nil {
		return to, nil, err
	}
	page := n.page(l, set)
	text, html, err := n.speech.render("letter", page)
	if err != nil {
		return to, nil, err
	}
	message, err := mail.Compose(mail.Message{
		ID: l.MessageID, Date: l.Date, From: set.From, To: to, ReplyTo: set.ReplyTo,
		Subject: page.Heading, Text: text, HTML: html, Language: page.Lang,
	})
	if err == nil && n.Sign != nil {
		message, err = n.Sign(message)
	}
	return to, message, err
}
