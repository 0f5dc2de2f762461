package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vestnik/documents"
	"vestnik/documents/redline"
)

// sinceList says in which versions between two a clause changed.
type sinceList struct {
	Title string
	Open  bool // it is short enough to stand above the redline
	Lines []sinceLine
	More  string // how many clauses are not named
	Why   string // there are no lines
}

type sinceLine struct {
	Clause   link   // to its history; no address before the first clause
	Versions []link // each to its comparison with the one before
	Undone   string
}

const (
	sinceOpen     = 5  // how many clauses are no burden above the redline
	sinceClauses  = 20 // how many clauses a page names
	sinceVersions = 12 // and of each how many versions, the last ones
	sinceAgain    = 10 * time.Second
	sinceWait     = time.Second / 2 // how long a page waits for it, which is not its main matter
)

// since says in which versions between two each clause changed, or errBusy if that
// takes longer than wait: then the work goes on, and who asks again finds it done.
// One at a time is made, for it is many comparisons.
func (s *Server) since(ctx context.Context, document string, a, b int, tag string, wait time.Duration) (documents.Since, error) {
	soon, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	key := fmt.Sprintf("%s %s %d %d %s", s.Library.LogOrigin(), document, a, b, tag)
	found, err := s.happened.do(soon, key, comparesMost, func(ctx context.Context) (documents.Since, error) {
		if err := s.happening.enter(ctx); err != nil {
			return documents.Since{}, err
		}
		defer s.happening.leave()
		return s.Library.Since(ctx, document, a, b, tag)
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = errBusy
	}
	return found, err
}

// since is nil if no version lies between a and b, or nothing happened. What takes
// too long goes on when the page is asked for anew, after until.
func (v *visit) since(s subject, a, b documents.Standing) (out *sinceList, until time.Time, err error) {
	out = &sinceList{Title: v.w.T("since-title")}
	found, err := v.Server.since(v.ctx, s.ID, a.Number, b.Number, s.tag, sinceWait)
	switch {
	case errors.Is(err, errBusy):
		out.Why = v.w.T("since-later")
		return out, v.now.Add(sinceAgain), nil
	case err != nil:
		return nil, until, err
	case found.Many:
		out.Why = v.w.T("since-many")
	case len(found.Clauses) == 0:
		return nil, until, nil
	}
	out.Open = len(found.Clauses) <= sinceOpen
	for i, c := range found.Clauses {
		if i == sinceClauses {
			out.More = v.w.N("since-more", len(found.Clauses)-i)
			break
		}
		out.Lines = append(out.Lines, v.sinceLine(s, c))
	}
	return out, until, nil
}

func (v *visit) sinceLine(s subject, c documents.ClauseSince) sinceLine {
	line := sinceLine{Clause: link{Text: v.w.T("since-start")}}
	if c.Clause.ID != "" {
		line.Clause = link{Text: namedClause(v.w, c.Clause), Href: v.href(s.ID, s.tag, "clause", c.Clause.ID)}
	}
	for _, step := range c.Steps[max(0, len(c.Steps)-sinceVersions):] {
		one := link{Text: versionName(v.w, step.Version), Href: hrefCompare(v.base(), s.ID, s.tag, step.Before, step.Version) + viewQuery(viewAsked(v.r))}
		if step.Kind != redline.Changed || step.Moved || step.Renumbered {
			one.More = clauseChanged(v.w, step.ClauseChange)
		}
		line.Versions = append(line.Versions, one)
	}
	if c.Undone {
		line.Undone = v.w.T("since-undone")
	}
	return line
}
