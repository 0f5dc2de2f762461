package documents

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// GoneClause is a clause that a text has no more.
type GoneClause struct {
	Clause     // as it last stood
	Last   int // the version in which it did
	After  int // the version that removed it
}

// Gone lists clauses that versions before number had in a language and it has not,
// up to limit, those first that went last; more is how many there are besides. Of a
// version that is withheld nothing is told.
func (l *Library) Gone(ctx context.Context, document string, number int, tag string, limit int) (out []GoneClause, more int, err error) {
	t, err := l.Timeline(ctx, document, time.Time{})
	if err != nil {
		return nil, 0, err
	}
	here, err := l.Store.Traces(ctx, document, tag, number-1, 1)
	if err == nil && (len(here) == 0 || here[0].Number != number) {
		err = ErrNotFound
	}
	if err == nil {
		err = l.following(ctx, t, tag, func(n *lineage) error {
			out, more, err = n.goneFrom(ctx, l, document, tag, here[0], limit)
			return err
		})
	}
	if err != nil {
		return nil, 0, fmt.Errorf("gone from %s: %w", in(document, number), err)
	}
	return out, more, nil
}

// goneFrom names clauses that went up to a version and are not in it.
func (n *lineage) goneFrom(ctx context.Context, l *Library, document, tag string, here Trace, limit int) (out []GoneClause, more int, err error) {
	seen := here.places()
	end := len(n.gone)
	for end > 0 && n.gone[end-1].After > here.Number {
		end--
	}
	for end > 0 {
		begin := end - 1
		for begin > 0 && n.gone[begin-1].After == n.gone[end-1].After {
			begin--
		}
		for i := range n.gone[begin:end] {
			g := &n.gone[begin+i]
			if _, ok := seen[g.ID]; ok {
				continue
			}
			if seen[g.ID] = 0; len(out) == limit {
				more++
				continue
			}
			if err := l.recall(ctx, document, tag, g); err != nil {
				return nil, 0, err
			}
			out = append(out, *g)
		}
		end = begin
	}
	return out, more, nil
}

// recall reads what a clause that is gone was.
func (l *Library) recall(ctx context.Context, document, tag string, g *GoneClause) error {
	if g.First > 0 {
		return nil
	}
	t, err := l.text(ctx, document, g.Last, tag)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(t.Clauses, func(c Clause) bool { return c.ID == g.ID }); i >= 0 {
		g.Clause = t.Clauses[i]
	}
	return nil
}
