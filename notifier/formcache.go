package notifier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vestnik/documents"
	"vestnik/notifier/mail"
)

// errMatter: store or library did not say what a mail is made of. It is asked
// again.
var errMatter = errors.New("what the mail is made of cannot be read")

// errTold: the person was told of this version, or of a later one.
var errTold = errors.New("told already")

// madeForm is a form, its parts as they go over the wire, with what it was made for.
type madeForm struct {
	form
	bytes      []byte
	digest     documents.Digest
	languages  []string
	since      anchor
	checkpoint string
	allowed    map[string]bool // addresses that it has itself

	date   time.Time // of the masked message that was made last
	id     string
	masked documents.Digest
}

// maskedDigest is the SHA-256 of the masked message. Neighbours share it.
func (f *madeForm) maskedDigest(id string, date time.Time) (documents.Digest, error) {
	if id = maskedID(id); f.id == id && f.date.Equal(date) {
		return f.masked, nil
	}
	b, err := f.form.masked(id, date)
	if err != nil {
		return documents.Digest{}, err
	}
	f.id, f.date, f.masked = id, date, documents.SHA256(b)
	return f.masked, nil
}

// formCache keeps the forms of one lease: they are made afresh for the next, so
// that a corrected note or another setting holds from then on.
type formCache struct {
	lease Lease
	line  documents.Timeline
	v     documents.Version
	forms map[string]*madeForm
	about map[documents.Seq]Notice // earlier ones: of what they tell
}

// formFor returns the form of the mail that r gets.
func (s *sender) formFor(ctx context.Context, notice Notice, r Recipient, set Settings) (*madeForm, error) {
	c := &s.cache
	if c.forms == nil || c.lease != *s.chunk {
		v, err := s.n.Library.Version(ctx, notice.Document, notice.Version)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errMatter, err)
		}
		line, err := s.n.Library.Timeline(ctx, notice.Document, time.Time{})
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errMatter, err)
		}
		*c = formCache{lease: *s.chunk, v: v, line: line, forms: map[string]*madeForm{}, about: map[documents.Seq]Notice{}}
	}
	since, err := s.n.since(ctx, notice, r, c.line, c.about)
	if errors.Is(err, errTold) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMatter, err)
	}
	tags := languages(r.Language, c.v, set)
	key := fmt.Sprint(since, tags)
	if f, ok := c.forms[key]; ok {
		return f, nil
	}
	f, err := s.n.makeForm(ctx, notice, since, tags, set)
	if err != nil {
		return nil, err
	}
	c.forms[key] = f
	return f, nil
}

func (n *Notifier) makeForm(ctx context.Context, notice Notice, since anchor, tags []string, set Settings) (*madeForm, error) {
	s, err := n.matter(ctx, notice, since)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMatter, err)
	}
	headers, short, err := n.checkpoint(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMatter, err)
	}
	f, err := n.form(s, tags, set, headers)
	if err != nil {
		return nil, err
	}
	m := made(f)
	m.bytes, m.languages, m.since, m.checkpoint = f.encode(), tags, since, short
	m.digest = documents.SHA256(m.bytes)
	return m, nil
}

// made is f, ready for many.
func made(f form) *madeForm {
	m := &madeForm{form: f, allowed: f.public()}
	m.Text, m.HTML = mail.Body(f.Text), mail.Body(f.HTML)
	return m
}

// since is from where r is shown what changed: the last version that they were told
// of, else the one that they are known to know, else the one in force when they
// registered. It is errTold if they know of this one. What earlier notices tell of
// never changes: it is kept in about.
func (n *Notifier) since(ctx context.Context, notice Notice, r Recipient, line documents.Timeline, about map[documents.Seq]Notice) (anchor, error) {
	told := r.Known[notice.Document]
	earlier, err := n.Store.DeliveriesTo(ctx, r.Number, 0, followBatch)
	if err != nil {
		return anchor{}, err
	}
	for _, d := range earlier {
		if d.Notice == notice.Seq || d.State != Accepted && d.State != Covered {
			continue
		}
		x, ok := about[d.Notice]
		if !ok {
			if x, err = n.Store.Notice(ctx, d.Notice); err != nil {
				return anchor{}, err
			}
			about[d.Notice] = x
		}
		if x.Document == notice.Document {
			told = max(told, x.Version)
		}
	}
	if told >= notice.Version {
		return anchor{}, errTold
	}
	if told > 0 {
		return anchor{told, sinceTold}, nil
	}
	if s, ok := line.InForce(r.RegisteredAt); ok && s.Number < notice.Version {
		return anchor{s.Number, sinceRegistered}, nil
	}
	return anchor{notice.Audience.Predecessor, sinceEarlier}, nil
}
