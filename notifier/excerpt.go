package notifier

import (
	"context"
	"errors"
	"strings"
	"sync"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/documents/redline"
)

// excerptKey names what a mail shows of two versions, which never change.
type excerptKey struct {
	document   string
	since, now int
	tag        string
	letters    int
}

type excerpt struct {
	list []change
	more int
}

// excerpts keeps what was compared lately: one notice needs a few, for all its
// recipients.
type excerpts struct {
	mu sync.Mutex // guards m
	m  map[excerptKey]excerpt
}

const keptExcerpts = 100

func (x *excerpts) of(ctx context.Context, l *documents.Library, k excerptKey, w lang.Words) ([]change, int, error) {
	x.mu.Lock()
	defer x.mu.Unlock() // one comparison at a time is enough
	if e, ok := x.m[k]; ok {
		return e.list, e.more, nil
	}
	r, err := l.Compare(ctx, k.document, k.since, k.now, k.tag)
	if errors.Is(err, documents.ErrNotFound) {
		return nil, 0, nil // the earlier version has no text in this language
	}
	if err != nil {
		return nil, 0, err
	}
	if x.m == nil || len(x.m) >= keptExcerpts {
		x.m = map[excerptKey]excerpt{}
	}
	var e excerpt
	e.list, e.more = excerptOf(r, k.letters, w)
	x.m[k] = e
	return e.list, e.more, nil
}

// excerptOf words what a mail shows of a redline.
func excerptOf(r *redline.Redline, letters int, w lang.Words) ([]change, int) {
	if r == nil {
		return nil, 0
	}
	x := r.Excerpt(letters)
	list := make([]change, len(x.Passages))
	for i, p := range x.Passages {
		c := change{Head: p.Headline(w.Lang), OldSpans: spans(p.Before), NewSpans: spans(p.After), Remarks: p.Remarks(w.Lang)}
		c.Old, c.New = plainSpans(p.Before), plainSpans(p.After)
		list[i] = c
	}
	return list, x.Left
}

func spans(in []redline.Span) []span {
	out := make([]span, len(in))
	for i, s := range in {
		out[i] = span{s.Text, s.Op != "same"}
	}
	return out
}

func plainSpans(in []redline.Span) string {
	var b strings.Builder
	for _, s := range in {
		b.WriteString(s.Text)
	}
	return strings.TrimSpace(b.String())
}
