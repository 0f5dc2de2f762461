package notifier

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
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

// subject is what a mail tells of.
type subject struct {
	document documents.Document
	version  documents.Version
	standing documents.Standing // as corrected, reclassified and postponed
	since    anchor
	earlier  documents.Standing // that version; its date is not known where it is zero
	changes  func(tag string, letters int) (excerpt, error)
}

// anchor is the version from which somebody is shown what changed; 0 is none. why
// is a key of the catalogue: why from that one.
type anchor struct {
	version int
	why     string
}

const (
	sinceTold       = "since-told"       // they were told of it, or are known to know it
	sinceRegistered = "since-registered" // it was in force when they registered
	sinceEarlier    = "since-earlier"    // it was in force before
)

// matter collects what a notice tells to somebody who is shown what changed since.
func (n *Notifier) matter(ctx context.Context, notice Notice, since anchor) (s subject, err error) {
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
	s.earlier, _ = line.Standing(since.version)
	s.changes = func(tag string, letters int) (excerpt, error) {
		return n.excerpts.of(ctx, n.Library, excerptKey{notice.Document, since.version, notice.Version, tag, letters}, n.Words(tag))
	}
	return s, nil
}

// bounds keep a mail short: the most characters of changed clauses, and of each
// slot of the note.
type bounds struct{ letters, slot int }

// fewestLetters of changed clauses are worth showing, and of a slot too.
const fewestLetters = 250

// shorter is what to try next, and whether there is anything: first fewer of the
// changed clauses, then less of the note.
func (b bounds) shorter() (bounds, bool) {
	switch {
	case b.letters >= 2*fewestLetters:
		b.letters /= 2
	case b.letters > 0:
		b.letters = 0
	case b.slot >= 2*fewestLetters:
		b.slot /= 2
	default:
		return b, false
	}
	return b, true
}

// form words s in the languages, for settings as they are. Where the mail would
// be too long it shows less, and says so.
func (n *Notifier) form(s subject, languages []string, set Settings, headers []mail.Header) (form, error) {
	b := bounds{letters: 8000 / len(languages), slot: 2000}
	for {
		f, err := n.formOf(s, languages, set, headers, b)
		if err != nil {
			return f, err
		}
		m, err := f.masked(maskID+"@masked.invalid", time.Unix(0, 0))
		if err != nil || len(m) <= maxMail {
			return f, err
		}
		less, ok := b.shorter()
		if !ok {
			return f, nil
		}
		b = less
	}
}

// noticePage is a notice as the templates see it: one part for each language.
type noticePage struct {
	Lang, Heading, Mark string
	Below               []sentence
	Parts               []part
}

// sentence is one in a language of its own.
type sentence struct{ Lang, Text string }

// formOf has no List-Unsubscribe, nor any other promise to stop: the notice is
// mandatory, and an unsubscription that stops nothing would be a lie. RFC 8058
// is for mail that people subscribe to.
func (n *Notifier) formOf(s subject, languages []string, set Settings, headers []mail.Header, b bounds) (form, error) {
	f := form{From: set.From, ReplyTo: set.ReplyTo, Language: strings.Join(languages, ", "), Headers: headers}
	first := n.Words(languages[0])
	page := noticePage{Lang: first.Lang, Heading: n.subjectLine(s, languages, set), Mark: mark(first, set), Below: n.below(languages[1:])}
	for _, tag := range languages {
		p, err := n.part(s, tag, languages, set, b)
		if err != nil {
			return f, err
		}
		page.Parts = append(page.Parts, p)
	}
	f.Subject = page.Heading
	var err error
	f.Text, f.HTML, err = n.speech.render("notice", page)
	return f, err
}

func (s speech) render(name string, data any) (text, markup string, err error) {
	var t, h bytes.Buffer
	if err := s.text.ExecuteTemplate(&t, name+".txt.tmpl", data); err != nil {
		return "", "", fmt.Errorf("word the mail: %w", err)
	}
	if err := s.html.ExecuteTemplate(&h, name+".html.tmpl", data); err != nil {
		return "", "", fmt.Errorf("word the mail: %w", err)
	}
	return t.String(), h.String(), nil
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
func (f form) message(to mail.Address, id string, date time.Time, token, account string) mail.Message {
	personal := func(s, account string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, maskToken, token), maskAccount, account)
	}
	return mail.Message{
		ID: id, Date: date, From: f.From, To: to, ReplyTo: f.ReplyTo, Subject: f.Subject, Language: f.Language, Headers: f.Headers,
		Text: personal(f.Text, account), HTML: personal(f.HTML, html.EscapeString(account)),
	}
}

// masked is f for nobody: the bytes whose SHA-256 is the evidence.
func (f form) masked(id string, date time.Time) ([]byte, error) {
	to, err := mail.ParseAddress(maskAddress)
	if err != nil {
		return nil, err
	}
	return mail.Compose(f.message(to, maskedID(id), date, maskToken, maskAccount))
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
