package notifier

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
)

// perMessage is what one message takes of one connection, for estimates: four
// turns to a relay not far away, and two syncs.
const perMessage = 50 * time.Millisecond

// Reach counts whom a notice about document would be due to now. Due counts the
// excluded too, as a ledger does.
func (n *Notifier) Reach(ctx context.Context, document string) (Reach, error) {
	reach := Reach{Languages: map[string]int64{}, Excluded: map[string]int64{}}
	doc, err := n.Library.Document(ctx, document)
	if err != nil {
		return reach, err
	}
	set, err := n.Settings(ctx)
	if err != nil {
		return reach, err
	}
	imports, err := n.Store.Imports(ctx, 1)
	if err != nil {
		return reach, err
	}
	if len(imports) > 0 {
		reach.LastImport = imports[0].At
	}
	v := documents.Version{Prevailing: doc.Prevailing}
	for _, l := range slices.Sorted(maps.Keys(doc.Titles)) {
		v.Texts = append(v.Texts, documents.Text{Lang: l})
	}
	would := Notice{Document: document, Version: 1 << 30, Audience: Audience{Groups: doc.Groups, Before: time.Now()}}
	byTag := map[string]string{}
	for after := int64(0); ; {
		rs, err := n.Store.Recipients(ctx, after, countBatch)
		if err != nil {
			return reach, fmt.Errorf("reach: %w", err)
		}
		for _, r := range rs {
			after = r.Number
			reason, due := n.owed(would, r, set)
			if !due {
				continue
			}
			reach.Due++
			if reason != "" {
				reach.Excluded[reason]++
				continue
			}
			tag, ok := byTag[r.Language]
			if !ok {
				tag = strings.Join(languages(r.Language, v, set), "+")
				byTag[r.Language] = tag
			}
			reach.Languages[tag]++
		}
		if len(rs) < countBatch {
			break
		}
	}
	var mails int64
	for _, k := range reach.Languages {
		mails += k
	}
	reach.Estimate = time.Duration(mails) * perMessage / time.Duration(n.senders())
	if set.Rate > 0 {
		reach.Estimate = max(reach.Estimate, time.Duration(mails)*gap(set.Rate))
	}
	return reach, nil
}

// Deliveries lists up to limit deliveries of a notice with a Recipient above
// after; state "" means all.
func (n *Notifier) Deliveries(ctx context.Context, seq documents.Seq, state DeliveryState, after int64, limit int) ([]Delivery, error) {
	if state == "" {
		return n.Store.Deliveries(ctx, seq, after, limit)
	}
	return n.Store.Deliveries(ctx, seq, after, limit, state)
}

// Delivery returns what one recipient is owed of a notice.
func (n *Notifier) Delivery(ctx context.Context, seq documents.Seq, recipient int64) (Delivery, error) {
	return n.Store.Delivery(ctx, seq, recipient)
}

// AcceptedByLanguage counts accepted mails by language, kk+ru for a mail in two.
func (n *Notifier) AcceptedByLanguage(ctx context.Context, seq documents.Seq) (map[string]int64, error) {
	x, err := n.Store.Notice(ctx, seq)
	if x.Languages == nil {
		x.Languages = map[string]int64{}
	}
	return x.Languages, err
}

// Told is one notice as the person it was owed to sees it.
type Told struct {
	Notice   Notice
	Delivery Delivery
}

// ToldTo lists the notices of a person, newest first.
func (n *Notifier) ToldTo(ctx context.Context, externalID string) ([]Told, error) {
	r, err := n.Recipient(ctx, externalID)
	if err != nil {
		return nil, err
	}
	return n.toldTo(ctx, r)
}

func (n *Notifier) toldTo(ctx context.Context, r Recipient) ([]Told, error) {
	var out []Told
	for before := documents.Seq(0); ; {
		ds, err := n.Store.DeliveriesTo(ctx, r.Number, before, followBatch)
		if err != nil {
			return nil, fmt.Errorf("told: %w", err)
		}
		for _, d := range ds {
			x, err := n.Store.Notice(ctx, d.Notice)
			if err != nil {
				return nil, fmt.Errorf("told: %w", err)
			}
			out = append(out, Told{x, d})
			before = d.Notice
		}
		if len(ds) < followBatch {
			return out, nil
		}
	}
}

// Personal is what the page behind a link in a notice shows.
type Personal struct {
	Recipient     Recipient
	MaskedAddress string // a•••@example.kz
	MaskedName    string // А••• С•••
	Account       string // as mails name it: А••• С•••, •••24
	NotTheirs     bool   // somebody said so: no mail goes there
	Told          []Told
	Until         time.Time // when the link ends
}

// Personal looks up the token of a link. An unknown or ended one is
// documents.ErrNotFound. A notice may be forwarded, so it tells nothing by which a
// stranger would know who it is.
func (n *Notifier) Personal(ctx context.Context, token string) (Personal, error) {
	t, r, err := n.holder(ctx, token)
	if err != nil {
		return Personal{}, err
	}
	told, err := n.toldTo(ctx, r)
	for i := range told {
		told[i].Delivery.Evidence.Sealed = nil
	}
	seen := Recipient{Number: r.Number, Language: r.Language, RegisteredAt: r.RegisteredAt, State: r.State}
	return Personal{Recipient: seen, MaskedAddress: hidden(r.Address), MaskedName: maskedName(r.Name), Account: account(r), NotTheirs: n.notTheirs(r), Told: told, Until: t.Until}, err
}

// Preview composes the mail that a recipient with lang, who was told of the version
// before, would get if p were published, with masks in the place of what is personal.
func (n *Notifier) Preview(ctx context.Context, p documents.Proposal, lang string) (subject, text, html string, err error) {
	set, err := n.Settings(ctx)
	if err != nil {
		return "", "", "", err
	}
	s, err := n.proposed(ctx, p)
	if err != nil {
		return "", "", "", err
	}
	f, err := n.form(s, languages(lang, s.version, set), set, nil)
	return f.Subject, f.Text, f.HTML, err
}

// proposed is what a mail would tell of if p were published.
func (n *Notifier) proposed(ctx context.Context, p documents.Proposal) (s subject, err error) {
	v := p.Version
	s.version, s.since = v, anchor{v.Number - 1, sinceTold}
	s.standing = documents.Standing{
		Number: v.Number, Effective: v.Effective, Class: v.Change.Class, Urgent: v.Change.Urgent,
		Notes: v.Change.Notes, ReasonText: v.Change.Reason,
	}
	s.changes = func(tag string, letters int) (excerpt, error) {
		return excerptOf(p.Redlines[tag], letters, n.Words(tag)), nil
	}
	line, err := n.Library.Timeline(ctx, v.Document, time.Time{})
	if err != nil {
		return s, err
	}
	s.earlier, _ = line.Standing(s.since.version)
	s.document, err = n.Library.Document(ctx, v.Document)
	return s, err
}
