package notifier

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier/mail"
)

// maxMail is the longest message, in bytes: Gmail cuts off at 102 KB.
const maxMail = 100_000

// form is a message without the words of one person: with masks in the place of
// their token and Message-ID. It is made without knowing any recipient, so it
// cannot hold another one's words.
type form struct {
	From     string        `json:"from"`
	ReplyTo  string        `json:"reply_to,omitempty"`
	Subject  string        `json:"subject"`
	Text     string        `json:"text"`
	HTML     string        `json:"html"`
	Language string        `json:"language"`
	Headers  []mail.Header `json:"headers,omitempty"`
}

// part is the mail in one language, as the templates see it.
type part struct {
	W           lang.Words
	Lang, Dir   string
	Mark        string
	Headline    string
	Effective   string
	Slots       []slot
	SinceLine   string
	Changes     []change
	More        string
	TextURL     string
	CompareURL  string
	MeURL       string
	WithoutLink string
	Why         string
	Sender      []string
}

type slot struct{ Head, Text string }

// change is one changed clause, before and after.
type change struct {
	Head               string
	Old, New           string
	OldSpans, NewSpans []span
	Remarks            []string // what the words do not show
}

type span struct {
	Text   string
	Marked bool
}

// subject is what a mail tells of.
type subject struct {
	document documents.Document
	version  documents.Version
	standing documents.Standing // as corrected, reclassified and postponed
	since    int
	changes  func(tag string, letters int) (list []change, more int, err error)
}

// matter collects what a notice tells to somebody who was last told of since.
func (n *Notifier) matter(ctx context.Context, notice Notice, since int) (s subject, err error) {
	if s.document, err = n.Library.Document(ctx, notice.Document); err != nil {
		return s, err
	}
	if s.version, err = n.Library.Version(ctx, notice.Document, notice.Version); err != nil {
		return s, err
	}
	line, err := n.Library.Timeline(ctx, notice.Document, time.Time{})
	if err != nil {
		return s, err
	}
	var ok bool
	if s.standing, ok = line.Standing(notice.Version); !ok {
		return s, fmt.Errorf("version %d of %s: %w", notice.Version, notice.Document, documents.ErrNotFound)
	}
	s.since = since
	s.changes = func(tag string, letters int) ([]change, int, error) {
		return n.excerpts.of(ctx, n.Library, excerptKey{notice.Document, since, notice.Version, tag, letters}, n.Words(tag))
	}
	return s, nil
}

// The most characters of changed clauses in a mail, and the fewest that are
// worth showing.
const (
	mostLetters   = 8000
	fewestLetters = 250
)

// form words s in the languages, for settings as they are. Where the mail would
// be too long it shows fewer of the changed clauses, and says so.
func (n *Notifier) form(s subject, languages []string, set Settings, headers []mail.Header) (form, error) {
	for letters := mostLetters / len(languages); ; letters /= 2 {
		if letters < fewestLetters {
			letters = 0
		}
		f, err := n.formOf(s, languages, set, headers, letters)
		if err != nil {
			return f, err
		}
		b, err := f.masked(maskID+"@masked.invalid", time.Unix(0, 0))
		if err != nil || len(b) <= maxMail || letters == 0 {
			return f, err
		}
	}
}

func (n *Notifier) formOf(s subject, languages []string, set Settings, headers []mail.Header, letters int) (form, error) {
	f := form{From: set.From, ReplyTo: set.ReplyTo, Language: strings.Join(languages, ", "), Headers: headers}
	var data struct {
		Subject string
		Below   []string
		Parts   []part
	}
	var titles []string
	for i, tag := range languages {
		w := n.Words(tag)
		p, err := n.part(s, tag, set, letters)
		if err != nil {
			return f, err
		}
		data.Parts = append(data.Parts, p)
		if i > 0 {
			data.Below = append(data.Below, w.T("below"))
		}
		titles = append(titles, w.T("subject", "title", title(s, tag), "date", lang.Date(tag, effective(s, set))))
	}
	f.Subject = strings.Join(titles, " / ")
	data.Subject = f.Subject
	var err error
	f.Text, f.HTML, err = n.speech.render("notice", data)
	return f, err
}

func (s speech) render(name string, data any) (text, html string, err error) {
	var t, h bytes.Buffer
	if err := s.text.ExecuteTemplate(&t, name+".txt.tmpl", data); err != nil {
		return "", "", fmt.Errorf("word the mail: %w", err)
	}
	if err := s.html.ExecuteTemplate(&h, name+".html.tmpl", data); err != nil {
		return "", "", fmt.Errorf("word the mail: %w", err)
	}
	return t.String(), h.String(), nil
}

func (n *Notifier) part(s subject, tag string, set Settings, letters int) (part, error) {
	w, name := n.Words(tag), title(s, tag)
	page := strings.TrimSuffix(set.URL, "/") + "/" + url.PathEscape(s.document.ID) + "/" + url.PathEscape(tag)
	p := part{
		W: w, Lang: tag, Dir: lang.Dir(tag), Mark: mark(w, set),
		Headline:    w.T("headline", "organisation", set.Organisation, "title", name),
		Effective:   w.T("effective", "moment", lang.Moment(tag, effective(s, set))),
		Slots:       slots(w, s, tag),
		SinceLine:   w.T("clauses-since", "n", s.since),
		TextURL:     fmt.Sprintf("%s/v/%d", page, s.version.Number),
		MeURL:       strings.TrimSuffix(set.URL, "/") + "/me/" + maskToken,
		WithoutLink: w.T("without-link", "home", home(set.URL), "title", name, "n", s.version.Number),
		Why:         w.T("why", "organisation", set.Organisation),
		Sender:      signature(w, set),
	}
	if s.since > 0 && s.since < s.version.Number {
		p.CompareURL = fmt.Sprintf("%s/compare/%d...%d", page, s.since, s.version.Number)
		list, more, err := s.changes(tag, letters)
		if err != nil {
			return p, err
		}
		p.Changes = list
		if more > 0 {
			p.More = w.N("clauses-more", more)
		}
	}
	return p, nil
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

func slots(w lang.Words, s subject, tag string) []slot {
	note, ok := s.standing.Notes[tag]
	if !ok {
		note = s.standing.Notes[s.version.Prevailing]
	}
	do := note.Do
	if strings.TrimSpace(do) == "" {
		do = w.T("do-nothing")
	}
	return []slot{
		{w.T("what"), note.What}, {w.T("whom"), note.Whom}, {w.T("means"), note.Means},
		{w.T("do"), do}, {w.T("reason"), s.standing.ReasonText},
	}
}

func signature(w lang.Words, set Settings) []string {
	var out []string
	for _, l := range []string{set.Organisation, set.Postal} {
		if strings.TrimSpace(l) != "" {
			out = append(out, l)
		}
	}
	if set.BIN != "" {
		out = append(out, w.T("bin", "bin", set.BIN))
	}
	if set.ReplyTo != "" {
		out = append(out, w.T("reply", "address", set.ReplyTo))
	}
	return out
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

// languages of the mail to somebody who reads tag, among those of the version:
// theirs, a near one, else the prevailing; for the unknown what settings name.
func languages(tag string, v documents.Version, set Settings) []string {
	have := v.Languages()
	if tag == "" {
		var out []string
		for _, l := range set.Unknown {
			if slices.Contains(have, l) && !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
		if len(out) > 0 {
			return out
		}
		return []string{v.Prevailing}
	}
	if slices.Contains(have, tag) {
		return []string{tag}
	}
	if near := lang.Match(tag, have); near != "" {
		return []string{near}
	}
	return []string{v.Prevailing}
}

// message is f for one person.
func (f form) message(to mail.Address, id string, date time.Time, token string) mail.Message {
	return mail.Message{
		ID: id, Date: date, From: f.From, To: to, ReplyTo: f.ReplyTo, Subject: f.Subject, Language: f.Language, Headers: f.Headers,
		Text: strings.ReplaceAll(f.Text, maskToken, token),
		HTML: strings.ReplaceAll(f.HTML, maskToken, token),
	}
}

// masked is f for nobody: the bytes whose SHA-256 is the evidence.
func (f form) masked(id string, date time.Time) ([]byte, error) {
	to, err := mail.ParseAddress(maskAddress)
	if err != nil {
		return nil, err
	}
	return mail.Compose(f.message(to, maskedID(id), date, maskToken))
}

func (f form) encode() []byte {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings only
	}
	return b
}

// checkpoint is the header with the log's checkpoint, and its size and root for
// the evidence.
func (n *Notifier) checkpoint(ctx context.Context) ([]mail.Header, string, error) {
	if n.Tree == nil {
		return nil, "", nil
	}
	note, err := n.Tree.Checkpoint(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("checkpoint: %w", err)
	}
	short := ""
	if lines := strings.SplitN(string(note), "\n", 4); len(lines) == 4 {
		short = lines[1] + " " + lines[2]
	}
	return []mail.Header{{Name: "Vestnik-Checkpoint", Value: base64.StdEncoding.EncodeToString(note)}}, short, nil
}

func decodeForm(raw []byte) (f form, err error) {
	if err := json.Unmarshal(raw, &f); err != nil {
		return f, fmt.Errorf("form: %w", err)
	}
	return f, nil
}
