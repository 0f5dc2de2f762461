package documents

import (
	"context"
	"maps"
	"strings"
	"unicode/utf8"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// Proposal is what publishing a draft would make, before it is made.
type Proposal struct {
	Version  Version // with its clause maps
	Doubts   []Doubt
	Dropped  map[string][]markdown.Dropped // by language
	Redlines map[string]*redline.Redline   // by language, against the last version; nil for the first
	Touches  []Touch                       // topics that make an editorial change need a public reason
	Digest   Digest
	Refused  error // what Publish would refuse of the change or the date, if anything
}

// Propose shows what publishing d would make, and refuses what Publish would
// refuse of its texts.
func (l *Library) Propose(ctx context.Context, d Draft) (Proposal, error) {
	s, err := l.scene(ctx, d.Document)
	if err != nil {
		return Proposal{}, err
	}
	v, err := s.version(d)
	if err != nil {
		return Proposal{}, err
	}
	refused := s.checkChange(&v)
	if v.Effective, err = s.effective(d, 0); refused == nil {
		refused = err
	}
	if v.Effective.Instant.IsZero() {
		v.Effective.Instant, v.Effective.Date = s.now, localDate(s.now, s.rules.Zone)
	}
	e, last, doubts, err := l.mint(ctx, s, &v)
	if err != nil {
		return Proposal{}, err
	}
	if refused == nil {
		refused = mustSayWhy(e, last)
	}
	p := Proposal{Version: v, Doubts: doubts, Dropped: map[string][]markdown.Dropped{}, Digest: d.Digest(), Refused: refused}
	for tag, text := range e.parsed {
		_, p.Dropped[tag] = text.HTML(markdown.Options{Lang: tag})
	}
	if last != nil {
		p.Redlines = e.redlines(*last)
		p.Touches = touches(p.Redlines)
	}
	return p, nil
}

// mint gives v its clause maps, and returns both editions for those who go on
// comparing.
func (l *Library) mint(ctx context.Context, s scene, v *Version) (e edition, last *edition, doubts []Doubt, err error) {
	if e, err = newEdition(v); err != nil {
		return e, nil, nil, err
	}
	last, err = editionOrNil(s.last)
	if err != nil {
		return e, nil, nil, err
	}
	gone, err := editionOrNil(s.gone)
	if err != nil {
		return e, nil, nil, err
	}
	taken, err := l.names(ctx, s.timeline)
	if err != nil {
		return e, nil, nil, err
	}
	return e, last, e.mint(last, gone, taken), nil
}

func (e edition) redlines(last edition) map[string]*redline.Redline {
	out := map[string]*redline.Redline{}
	for tag, text := range e.parsed {
		if old := last.parsed[tag]; old != nil {
			was, _ := last.Text(tag)
			is, _ := e.Text(tag)
			out[tag] = redline.Compare(old, text, continuing(was, is, old, text)...)
		}
	}
	return out
}

// version makes the version that d would become: no clause maps, no date yet.
func (s scene) version(d Draft) (Version, error) {
	texts := sortTexts(d.Texts)
	if err := checkLanguages(s.doc.Titles, texts); err != nil {
		return Version{}, err
	}
	v := Version{Document: s.doc.ID, Number: s.next(), Prevailing: s.doc.Prevailing, Change: d.Change, Basis: d.Basis}
	v.Change.Notes = maps.Clone(d.Change.Notes)
	for _, t := range texts {
		text, err := newText(t, s.doc.Titles[t.Lang])
		if err != nil {
			return Version{}, err
		}
		v.Texts = append(v.Texts, text)
	}
	return v, nil
}

// newText checks t and gives it its title: the one named, else its own, else the
// document's.
func newText(t DraftText, otherwise string) (Text, error) {
	if err := checkSource(t.Lang, t.Source); err != nil {
		return Text{}, err
	}
	title := t.Title
	if title == "" {
		title = ownTitle(t.Source, otherwise)
	}
	return Text{Lang: t.Lang, Title: title, Source: t.Source}, checkTitle(t.Lang, title)
}

// ownTitle is the title that a source states.
func ownTitle(source, otherwise string) string {
	t, err := markdown.Parse([]byte(source))
	if err != nil {
		return otherwise
	}
	return tidyTitle(t.Title, otherwise)
}

// openingTitle names a document after its first text: by the title that this
// states, else by the line that it opens with, if that may be a title.
func openingTitle(source, otherwise string) string {
	t, err := markdown.Parse([]byte(source))
	if err != nil {
		return otherwise
	}
	return tidyTitle(t.Title, tidyTitle(opening(t), otherwise))
}

// maxOpening is how many characters a first line has that is a title and not the
// first sentence.
const maxOpening = 200

// opening is the first thing that a reader sees of t, if it is a heading or a
// lone line without a number and without the end of a sentence.
func opening(t *markdown.Text) string {
	for _, b := range t.Blocks {
		if b.Hidden() || b.Kind == markdown.Blank {
			continue
		}
		numbered := len(t.Clauses) > 0 && t.Clauses[0].First == b.First && t.Clauses[0].Number != ""
		line := b.Kind == markdown.Heading || b.Kind == markdown.Paragraph && b.First == b.Last
		if !line || numbered || utf8.RuneCountInString(b.Text) > maxOpening || strings.TrimRight(b.Text, ".:;,!") != b.Text {
			return ""
		}
		return b.Text
	}
	return ""
}

// tidyTitle puts a title on one line and leaves out the characters that nobody
// sees; what is too long or has nothing left is none.
func tidyTitle(title, otherwise string) string {
	title = strings.Map(func(r rune) rune {
		if _, bad := forbidden(string(r), " \n\t"); bad {
			return -1
		}
		return r
	}, title)
	title = strings.Join(strings.Fields(title), " ")
	if title == "" || utf8.RuneCountInString(title) > maxTitle {
		return otherwise
	}
	return title
}
