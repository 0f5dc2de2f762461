package notifier

import (
	"context"
	"errors"
	"strings"
	"sync"
	"unicode"

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
		c := change{Head: passageHead(p, w), OldSpans: spans(p.Before), NewSpans: spans(p.After)}
		c.Old, c.New = plainSpans(p.Before), plainSpans(p.After)
		list[i] = c
	}
	return list, x.Left
}

// passageHead says in words which clause it is and what became of it.
func passageHead(p redline.Passage, w lang.Words) string {
	name := strings.TrimSuffix(strings.TrimSpace(p.Number), ".")
	switch {
	case saysItself(name):
	case name != "":
		name = w.T("clause", "number", name)
	case p.Title != "":
		name = strings.Join(strings.Fields(p.Title), " ")
	default:
		name = w.T("clause-none")
	}
	kind := string(p.Kind)
	switch {
	case p.Kind == redline.Renumbered && p.OldNumber == p.Number:
		kind = "references" // its own number stayed
	case !w.Has(kind):
		kind = string(redline.Changed)
	}
	head := name + ": " + w.T(kind)
	if p.OldNumber != "" && p.OldNumber != p.Number {
		head += " (" + w.T("before") + ": " + strings.TrimSuffix(p.OldNumber, ".") + ")"
	}
	return head
}

// saysItself tells whether a number names its kind, as "Статья 7" and "7-бап" do.
func saysItself(number string) bool {
	letters := 0
	for _, r := range number {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters > 1
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
