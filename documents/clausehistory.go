package documents

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// ClauseHistory is what became of a clause in one language, through all its
// numbers.
type ClauseHistory struct {
	Document, Lang, ID string
	States             []ClauseState // the newest version first
	// Missing are the versions that are not looked at: they have no text in this
	// language, or it is withheld.
	Missing []int
	// Next, unless 0, is what to ask with for the states before these.
	Next int
}

// ClauseState is a version in which the words, the number, the title or the place
// of a clause are not what they were in the version before, or in which it came
// or went.
type ClauseState struct {
	ClauseChange
	Standing Standing // of the version
	// Before is the version that it is compared with: the one before it that was
	// not withdrawn and has a text to compare. 0: there is none.
	Before int
	// Returned says of a clause that was added that it had been removed earlier.
	Returned bool
	// Blocks is what a reader sees of the clause, nothing if it is gone; Redline is
	// against Before, with the entries of this clause alone, nil without it. Neither
	// is there if they were not asked for.
	Blocks  []string
	Redline *redline.Redline
}

// How many bytes one answer holds of a clause and compares of its versions, unless
// one state alone needs more.
const (
	clauseWords = 1 << 20
	clauseTexts = 16 << 20
)

// ClauseQuery asks for states of a clause.
type ClauseQuery struct {
	Document, Lang, ID string
	Before             int // only those in versions below it; 0: all
	Limit              int
	Texts              bool // with Blocks and Redline, which are dear
}

// ClauseHistory lists the states that q asks for, and fewer if ctx has a deadline
// that comes first. There may be none and yet a Next.
func (l *Library) ClauseHistory(ctx context.Context, q ClauseQuery) (ClauseHistory, error) {
	out := ClauseHistory{Document: q.Document, Lang: q.Lang, ID: q.ID}
	t, err := l.Timeline(ctx, q.Document, time.Time{})
	if err != nil {
		return out, err
	}
	steps, err := l.steps(ctx, t, q.Lang, q.ID)
	if err != nil {
		return out, fmt.Errorf("clause %s of %s: %w", q.ID, q.Document, err)
	}
	if len(steps) == 0 {
		return out, fmt.Errorf("clause %s of %s in %s: %w", q.ID, q.Document, q.Lang, ErrNotFound)
	}
	for _, s := range t.Versions {
		if !s.legible(q.Lang) {
			out.Missing = append(out.Missing, s.Number)
		}
	}
	h := history{ClauseQuery: q, reading: reading{l: l, document: q.Document, tag: q.Lang}, t: t, steps: steps, out: &out}
	return out, h.fill(ctx)
}

// history is the work of ClauseHistory.
type history struct {
	ClauseQuery
	reading
	t     Timeline
	steps []step
	out   *ClauseHistory
}

func (h *history) fill(ctx context.Context) error {
	words, texts := 0, 0
	for i := len(h.steps) - 1; i >= 0; i-- {
		if h.Before > 0 && int(h.steps[i].version) >= h.Before {
			continue
		}
		if texts += int(h.steps[i].bytes); texts > clauseTexts && texts > int(h.steps[i].bytes) {
			return h.rest(i + 1)
		}
		s, differs, err := h.state(ctx, i)
		if errors.Is(err, context.DeadlineExceeded) && len(h.out.States) > 0 {
			return h.rest(i + 1)
		}
		if err != nil {
			return err
		}
		if !differs {
			continue
		}
		words += s.size()
		if n := len(h.out.States); n == h.Limit || n > 0 && words > clauseWords {
			return h.rest(i + 1)
		}
		h.out.States = append(h.out.States, s)
	}
	return nil
}

// rest leaves the steps before i to another answer.
func (h *history) rest(i int) error {
	h.out.Next = int(h.steps[i].version)
	return nil
}

// state makes the state of a step, unless only the bytes differ.
func (h *history) state(ctx context.Context, i int) (ClauseState, bool, error) {
	if err := ctx.Err(); err != nil {
		return ClauseState{}, false, err
	}
	at := h.steps[i]
	standing, _ := h.t.Standing(int(at.version))
	s := ClauseState{Standing: standing, Before: int(at.before)}
	if s.Before == 0 {
		return h.first(ctx, s)
	}
	if known, ok := h.known(h.t, s.Before, standing.Number); ok {
		if _, differs := changeOf(known, h.ID); !differs {
			return s, false, nil
		}
	}
	differs, err := h.differs(ctx, &s)
	for _, earlier := range h.steps[:i] {
		s.Returned = s.Returned || s.Kind == redline.Added && !earlier.withdrawn
	}
	return s, differs, err
}

// differs fills in what became of the clause, if anything did.
func (h *history) differs(ctx context.Context, s *ClauseState) (differs bool, err error) {
	if !h.Texts {
		changes, err := h.changes(ctx, h.t, s.Before, s.Standing.Number)
		s.ClauseChange, differs = changeOf(changes, h.ID)
		return differs, err
	}
	p, line, changes, err := h.compared(ctx, h.t, s.Before, s.Standing.Number)
	if err != nil {
		return false, err
	}
	if s.ClauseChange, differs = changeOf(changes, h.ID); differs {
		s.Redline, s.Blocks = p.about(line, h.ID), blocksOf(p.new, p.parsed, h.ID)
	}
	return differs, nil
}

func (h *history) first(ctx context.Context, s ClauseState) (ClauseState, bool, error) {
	one, err := h.version(ctx, s.Standing.Number, 0)
	if err != nil {
		return s, false, err
	}
	s.ClauseChange = ClauseChange{Clause: byID(one.text.Clauses)[h.ID], Kind: redline.Added}
	if h.Texts {
		s.Blocks = blocksOf(one.text, one.parsed, h.ID)
	}
	return s, true, nil
}

func changeOf(changes []ClauseChange, id string) (ClauseChange, bool) {
	for _, c := range changes {
		if c.Clause.ID == id {
			return c, true
		}
	}
	return ClauseChange{}, false
}

// blocksOf lists what a reader sees of a clause.
func blocksOf(t Text, parsed *markdown.Text, id string) (out []string) {
	for _, b := range parsed.Blocks {
		if ids := within(t.Clauses, &[2]int{b.First, b.First}); ids[0] == id && b.Text != "" && !b.Hidden() {
			out = append(out, b.Text)
		}
	}
	return out
}

func (s *ClauseState) size() (n int) {
	for _, b := range s.Blocks {
		n += len(b)
	}
	if s.Redline == nil {
		return n
	}
	for _, e := range s.Redline.Changes {
		for _, span := range e.Spans {
			n += len(span.Text)
		}
	}
	return n
}
