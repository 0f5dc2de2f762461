package notifier

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vestnik/documents/lang"
	"vestnik/notifier/mail"
)

// part is a notice in one language, as the templates see it. W is what it says
// itself, in the nearest language of lang.Interface; Lang and Dir are those of the
// words of the document.
type part struct {
	W            lang.Words
	Lang, Dir    string
	Organisation string
	Title        string
	Effective    string
	Urgent       bool
	Lead         string
	Account      string
	Slots        []slot
	Compared     string // with what; "" where nothing is compared
	Bracketed    bool   // plain text marks words
	Changes      []change
	More         string
	Button       button
	TextURL      string
	CompareURL   string
	MeURL        string
	WhyURL       string
	WithoutLink  string
	Sender       []string
}

// slot is one of the note, or the reason. Lang is "" where it is not known.
type slot struct{ Head, Text, Lang, Dir, Cut string }

type button struct{ Text, URL string }

func (n *Notifier) part(s subject, tag string, all []string, set Settings, b bounds) (part, error) {
	w, name, root := n.Words(tag), title(s, tag), strings.TrimSuffix(set.URL, "/")
	page := root + "/" + url.PathEscape(s.document.ID) + "/" + url.PathEscape(tag)
	p := part{
		W: w, Lang: tag, Dir: lang.Dir(tag), Organisation: organisation(w, set), Title: name,
		Effective:   w.T("effective", "moment", whole(lang.Moment(tag, effective(s, set)))),
		Urgent:      s.standing.Urgent,
		Lead:        w.T("lead", "organisation", organisation(w, set)),
		Account:     w.T("account", "account", maskAccount),
		Slots:       slots(w, s, tag, all, b.slot),
		TextURL:     fmt.Sprintf("%s/v/%d", page, s.version.Number),
		MeURL:       root + "/me/" + maskToken,
		WhyURL:      root + "/why",
		WithoutLink: w.T("without-link", "home", home(set.URL), "title", name, "n", s.version.Number),
		Sender:      signature(w, set),
	}
	p.Button = button{w.T("button-text"), p.TextURL}
	if since := s.since.version; since > 0 && since < s.version.Number {
		x, err := s.changes(tag, b.letters)
		if err != nil {
			return p, err
		}
		p.compare(x, s, fmt.Sprintf("%s/compare/%d...%d#told", page, since, s.version.Number))
	}
	return p, nil
}

// whole is a date that stays in one line, up to its comma.
func whole(moment string) string {
	date, rest, comma := strings.Cut(moment, ",")
	date = strings.ReplaceAll(date, " ", "\u00a0")
	if comma {
		date += "," + rest
	}
	return date
}

// compare adds what changed since an earlier version.
func (p *part) compare(x excerpt, s subject, link string) {
	if x.none {
		p.Compared = p.W.T("clauses-none", "n", s.since.version)
		return
	}
	p.CompareURL, p.Changes = link, x.list
	p.Button = button{p.W.T("button-compare"), link}
	p.Compared = s.comparedWith(p.W, p.Lang)
	if len(x.list)+x.more == 0 {
		p.Compared += " " + p.W.T("clauses-same")
	}
	if x.more > 0 {
		p.More = p.W.N("clauses-more", x.more)
	}
	p.Bracketed = slices.ContainsFunc(x.list, func(c change) bool {
		return mixed(c.Old) || mixed(c.New)
	})
}

// comparedWith says with which version the new one is compared, and why with that.
func (s subject) comparedWith(w lang.Words, tag string) string {
	n, at := s.since.version, s.earlier.Effective
	version := w.T("since-version", "n", n)
	if !at.Instant.IsZero() && at.Date != "" {
		version = w.T("since-dated", "n", n, "date", whole(lang.Date(tag, at.Instant.In(zone(at.Zone)))))
	}
	return w.T(s.since.why, "version", version)
}

func mark(w lang.Words, set Settings) string {
	switch {
	case set.Rehearsal:
		return w.T("rehearsal")
	case set.Demo:
		return w.T("demo")
	}
	return ""
}

// organisation is who writes. A new installation has no name yet.
func organisation(w lang.Words, set Settings) string {
	if name := set.Organisation.In(w.Lang); name != "" {
		return name
	}
	return home(set.URL)
}

// slots of the note, and the reason. What stands in another language than the part
// says so. The reason stands in one language only: where the mail has a part in that
// one, the others leave it out.
func slots(w lang.Words, s subject, tag string, all []string, most int) (out []slot) {
	in := tag
	note, ok := s.standing.Notes[in]
	if !ok {
		in = s.version.Prevailing
		note = s.standing.Notes[in]
	}
	add := func(key, text, in string) {
		one := slot{Head: w.T(key), Text: strings.TrimSpace(text), Lang: in, Dir: "auto"}
		if one.Text == "" {
			return
		}
		if in != "" {
			one.Dir = lang.Dir(in)
		}
		if in != "" && in != tag && in != w.Lang {
			one.Head += " (" + lang.In(w.Lang, in) + ")"
		}
		if utf8.RuneCountInString(one.Text) > most {
			one.Text, one.Cut = fit(one.Text, most), w.T("cut")
		}
		out = append(out, one)
	}
	add("what", note.What, in)
	add("whom", note.Whom, in)
	add("means", note.Means, in)
	if strings.TrimSpace(note.Do) != "" {
		add("do", note.Do, in)
	} else {
		add("do", w.T("do-nothing"), w.Lang)
	}
	if reason, in := s.reason(tag); in == tag || !slices.Contains(all, in) {
		add("reason", reason, in)
	}
	return out
}

// reason is what the reason says to a reader of tag, and in which language it does.
func (s subject) reason(tag string) (text, in string) {
	likely := append([]string{s.version.Prevailing}, s.version.Languages()...)
	return lang.Said(s.standing.ReasonText, tag, append(likely, lang.Interface...)...)
}

func signature(w lang.Words, set Settings) []string {
	var out []string
	for _, l := range []lang.Phrase{set.Organisation, set.Postal} {
		if l := l.In(w.Lang); l != "" {
			out = append(out, l)
		}
	}
	if set.BIN != "" {
		out = append(out, w.T("bin", "bin", set.BIN))
	}
	if set.ReplyTo != "" {
		out = append(out, w.T("reply", "address", bare(set.ReplyTo)))
	}
	return out
}

// bare is the address alone.
func bare(person string) string {
	if a, err := mail.Sender(person); err == nil {
		return a.String()
	}
	return person
}

// below tells at the top in which other languages the mail goes on, each in its own.
func (n *Notifier) below(others []string) (out []sentence) {
	for _, tag := range others {
		w := n.Words(tag)
		text := w.T("below")
		if !strings.HasPrefix(tag, w.Lang) {
			text = w.T("below-in", "language", lang.Name(tag))
		}
		out = append(out, sentence{w.Lang, text})
	}
	return out
}

// The most characters of a subject: in one language, and in several.
const (
	subjectRoom  = 70
	subjectsRoom = 90
)

// subjectLine names date and document. Long titles are shortened, so that both
// are seen in a list of mails.
func (n *Notifier) subjectLine(s subject, languages []string, set Settings) string {
	at, w := effective(s, set), n.Words(languages[0])
	if len(languages) == 1 {
		say := func(title string) string {
			return w.T("subject", "title", title, "date", lang.Date(languages[0], at))
		}
		name := headerWords(title(s, languages[0]))
		return say(fit(name, subjectRoom-utf8.RuneCountInString(say(""))))
	}
	var what, titles []string
	for _, tag := range languages {
		what = appendNew(what, n.Words(tag).T("subject-word"))
		titles = appendNew(titles, headerWords(title(s, tag)))
	}
	start := strings.Join(what, " / ") + " " + at.Format("02.01.2006") + ": "
	return start + strings.Join(share(titles, subjectsRoom-utf8.RuneCountInString(start)-len(" / ")*(len(titles)-1)), " / ")
}

// share shortens the longest of titles, so that all have most characters together.
func share(titles []string, most int) []string {
	order := make([]int, len(titles)) // the shortest first: what it leaves is the others'
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return utf8.RuneCountInString(titles[a]) - utf8.RuneCountInString(titles[b])
	})
	for k, i := range order {
		titles[i] = fit(titles[i], most/(len(order)-k))
		most -= utf8.RuneCountInString(titles[i])
	}
	return titles
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// fit shortens s to at most most characters, where it can between two words.
func fit(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)[:max(most-1, 1)]
	if i := strings.LastIndexFunc(string(r), unicode.IsSpace); i > len(string(r))/2 {
		return strings.TrimRightFunc(string(r)[:i], func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(",;:—–-", c) }) + "…"
	}
	return string(r) + "…"
}

// headerWords is s as a header field may hold it: mail.Compose refuses control
// characters, what overrides the direction of writing, and the mark of an encoded
// word, and a mail must not fail for them.
func headerWords(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "=?", "= ?")), " ")
}

// title is one line: a title may come from a source with other white space.
func title(s subject, tag string) string {
	t := s.document.Titles[tag]
	if text, ok := s.version.Text(tag); ok && text.Title != "" {
		t = text.Title
	}
	return strings.Join(strings.Fields(t), " ")
}

func effective(s subject, set Settings) time.Time {
	name := s.standing.Effective.Zone
	if name == "" {
		name = set.Zone
	}
	return s.standing.Effective.Instant.In(zone(name))
}

// home is what a reader can type.
func home(root string) string {
	root = strings.TrimPrefix(strings.TrimPrefix(root, "https://"), "http://")
	return strings.TrimSuffix(root, "/")
}
