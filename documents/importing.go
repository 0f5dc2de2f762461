package documents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ImportedVersion is one version of a history that moves in.
type ImportedVersion struct {
	Number    int    // 0: the next
	Effective string // RFC 3339, a date, or "": not stated
	Published string // as stated, 2006-01-02 or ""
	Texts     []DraftText
	Class     Class // "": not stated
	Reason    string
	Basis     Basis
}

// History is what Import takes: all of it or nothing.
type History struct {
	Document   string
	Titles     map[string]string
	Prevailing string
	Zone       string
	Versions   []ImportedVersion
	Key        string
	Request    Digest
	// Progress, if set, is told how many versions are prepared.
	Progress func(done, of int)
}

// Import appends a history silently; refused once the document has a version
// that was published here. A document that does not exist is made from it.
func (l *Library) Import(ctx context.Context, h History, by Actor) ([]Event, error) {
	if was, ok, err := l.replay(ctx, h.Key, h.Request); err != nil || ok {
		return was, err
	}
	events, err := l.importHistory(ctx, h, by)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", h.Document, err)
	}
	return events, nil
}

func (l *Library) importHistory(ctx context.Context, h History, by Actor) ([]Event, error) {
	if len(h.Versions) == 0 {
		return nil, Invalid("versions", CodeImportEmpty, "There is no version to import: name the files.")
	}
	s, made, err := l.importScene(ctx, &h)
	if err != nil {
		return nil, err
	}
	versions, err := s.imported(h)
	if err != nil {
		return nil, err
	}
	batch := Batch{Document: made, Expect: s.seen, Key: outsideKey(h.Key), Request: h.Request, Audit: PublicationAudit{By: by.Name}}
	if err := l.mintHistory(ctx, s, versions, h.Progress); err != nil {
		return nil, err
	}
	for i := range versions {
		batch.Entries = append(batch.Entries, Entry{Event: Event{Kind: Imported}, Version: &versions[i]})
	}
	return l.store(ctx, batch)
}

// importScene is the scene of the import, with the document that has to be made,
// if any.
func (l *Library) importScene(ctx context.Context, h *History) (scene, *Document, error) {
	s, err := l.scene(ctx, h.Document)
	if errors.Is(err, ErrNotFound) {
		doc, err := newDocument(*h)
		if err != nil {
			return s, nil, err
		}
		s.doc, s.now = doc, time.Now().UTC().Truncate(time.Microsecond)
		s.rules, err = l.Rules(ctx)
		return s, &doc, err
	}
	if err != nil {
		return s, nil, err
	}
	for _, v := range s.timeline.Versions {
		if !v.Imported {
			return s, nil, Invalid("document", CodeImportPublished, "%s has a version that was published here, so no history can move in before it: import into another document.", h.Document)
		}
	}
	if h.Prevailing != "" && h.Prevailing != s.doc.Prevailing {
		return s, nil, Invalid("prevailing", CodePrevailing, "The document's prevailing language is not %q: change the document or the manifest.", h.Prevailing)
	}
	return s, nil, nil
}

// newDocument makes the document from what the history says of it: its languages
// are all that a title or a text has.
func newDocument(h History) (Document, error) {
	d := Document{ID: h.Document, Titles: map[string]string{}, Prevailing: h.Prevailing, Revision: 1}
	for tag, title := range h.Titles {
		d.Titles[tag] = title
	}
	for _, v := range h.Versions {
		for _, t := range v.Texts {
			if d.Prevailing == "" {
				d.Prevailing = t.Lang
			}
			if _, ok := d.Titles[t.Lang]; ok {
				continue
			}
			if d.Titles[t.Lang] = t.Title; t.Title == "" {
				d.Titles[t.Lang] = openingTitle(t.Source, h.Document)
			}
		}
	}
	return d, checkDocument(d)
}

// imported makes the versions of h, without clause maps.
func (s scene) imported(h History) ([]Version, error) {
	zone := h.Zone
	if zone == "" {
		zone = s.rules.Zone
	}
	out := make([]Version, 0, len(h.Versions))
	undated := 0
	for i, in := range h.Versions {
		number := s.next() + i
		if in.Number != 0 && in.Number != number {
			return nil, Invalid("versions", CodeImportNumber, "Version %d comes where version %d should: number the versions without gaps.", in.Number, number)
		}
		v, err := s.importedVersion(in, number, zone)
		if err != nil {
			return nil, atVersion(number, err)
		}
		if v.Effective.Instant.IsZero() {
			undated = number
		} else if undated > 0 && !v.Effective.Instant.After(s.now) {
			return nil, Invalid("effective", CodeImportUndated, "Version %d has no date and would take effect today, after version %d: state its date, or leave it out.", undated, number)
		}
		out = append(out, v)
	}
	return out, s.importOrder(out)
}

func (s scene) importedVersion(in ImportedVersion, number int, zone string) (Version, error) {
	v := Version{Document: s.doc.ID, Number: number, Prevailing: s.doc.Prevailing, Basis: in.Basis, Stated: in.Published, Imported: true,
		Change: Change{Class: in.Class, Reason: in.Reason}}
	if !slices.Contains([]Class{"", Editorial, Notice, Consent}, in.Class) {
		return v, checkClass(in.Class)
	}
	if in.Published != "" && !isDate(in.Published) {
		return v, Invalid("published", CodeDate, "%q is not a date: write it as 2026-01-31.", in.Published)
	}
	if err := errors.Join(checkReason(in.Reason), checkBasis(in.Basis)); err != nil {
		return v, err
	}
	var err error
	if v.Effective, err = parseEffective(in.Effective, zone); err != nil {
		return v, err
	}
	v.Texts, err = s.importedTexts(in, number)
	return v, err
}

// importedTexts lets old versions lack languages that the document has today, but
// not the one that prevails.
func (s scene) importedTexts(in ImportedVersion, number int) (out []Text, err error) {
	if !slices.ContainsFunc(in.Texts, func(t DraftText) bool { return t.Lang == s.doc.Prevailing }) {
		return nil, Invalid("text", CodeImportPrevail, "Version %d lacks a text in %s, which prevails: add it, or name another prevailing language.", number, s.doc.Prevailing)
	}
	languages := map[string]string{}
	for _, t := range in.Texts {
		if title, ok := s.doc.Titles[t.Lang]; ok {
			languages[t.Lang] = title
		}
	}
	if err := checkLanguages(languages, in.Texts); err != nil {
		return nil, err
	}
	for _, t := range sortTexts(in.Texts) {
		text, err := newText(t, s.doc.Titles[t.Lang])
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

// importOrder refuses a version that would take effect before an earlier one
// that is still upcoming. Dates that have passed are taken as stated.
func (s scene) importOrder(versions []Version) error {
	upcoming := Effective{Instant: s.now}
	number := 0
	for _, u := range s.timeline.Upcoming(s.now) {
		upcoming, number = u.Effective, u.Number
	}
	for _, v := range versions {
		at := orNow(v.Effective.Instant, s.now)
		if number > 0 && at.Before(upcoming.Instant) {
			return Invalid("effective", CodeOrder, "Version %d is still to take effect on %s: give a date that is not before it, or withdraw that version first.", number, upcoming.Date)
		}
		if at.After(s.now) {
			upcoming, number = v.Effective, v.Number
		}
	}
	return nil
}

// mintHistory gives each version its clause maps, each after the one before.
func (l *Library) mintHistory(ctx context.Context, s scene, versions []Version, progress func(done, of int)) error {
	taken, err := l.names(ctx, s.timeline)
	if err != nil {
		return err
	}
	last, err := editionOrNil(s.last)
	if err != nil {
		return err
	}
	for i := range versions {
		if err := ctx.Err(); err != nil {
			return err
		}
		e, err := newEdition(&versions[i])
		if err != nil {
			return atVersion(versions[i].Number, err)
		}
		e.mint(last, nil, taken)
		last = &e
		if progress != nil {
			progress(i+1, len(versions))
		}
	}
	return nil
}

// atVersion tells people which of many versions is refused.
func atVersion(number int, err error) error {
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		return fmt.Errorf("version %d: %w", number, err)
	}
	if strings.HasPrefix(invalid.Reason, fmt.Sprintf("Version %d ", number)) {
		return err
	}
	named := *invalid
	named.Reason = fmt.Sprintf("Version %d: %s", number, invalid.Reason)
	return &named
}
