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

// excerpt is what a mail shows of the changes. It is none where the earlier
// version has no text in the language.
type excerpt struct {
	list []change
	more int
	none bool
}

// change is one changed clause, before and after, paragraph by paragraph.
type change struct {
	Head     string
	Old, New []words
	Remarks  []string // what the words do not show
}

// words are a paragraph, marked where it changed.
type words []span

type span struct {
	Text   string
	Marked bool
}

// excerpts keeps what was compared lately: one notice needs a few, for all its
// recipients.
type excerpts struct {
	mu sync.Mutex // guards m
	m  map[excerptKey]excerpt
}

const keptExcerpts = 100

func (x *excerpts) of(ctx context.Context, l *documents.Library, k excerptKey, w lang.Words) (excerpt, error) {
	x.mu.Lock()
	defer x.mu.Unlock() // one comparison at a time is enough
	if e, ok := x.m[k]; ok {
		return e, nil
	}
	r, err := l.Compare(ctx, k.document, k.since, k.now, k.tag)
	if errors.Is(err, documents.ErrNotFound) {
		return excerpt{none: true}, nil
	}
	if err != nil {
		return excerpt{}, err
	}
	if x.m == nil || len(x.m) >= keptExcerpts {
		x.m = map[excerptKey]excerpt{}
	}
	e := excerptOf(r, k.letters, w)
	x.m[k] = e
	return e, nil
}

// excerptOf words what a mail shows of a redline.
func excerptOf(r *redline.Redline, letters int, w lang.Words) excerpt {
	if r == nil {
		return excerpt{none: true}
	}
	x := r.Excerpt(letters)
	e := excerpt{list: make([]change, len(x.Passages)), more: x.Left}
	for i, p := range x.Passages {
		e.list[i] = change{Head: p.Headline(w.Lang), Old: paragraphsOf(p.Before), New: paragraphsOf(p.After), Remarks: p.Remarks(w.Lang)}
	}
	return e
}

// paragraphsOf parts spans at line ends, and leaves out empty lines.
func paragraphsOf(in []redline.Span) (out []words) {
	var open words
	end := func() {
		if strings.TrimSpace(open.plain()) != "" {
			out = append(out, open)
		}
		open = nil
	}
	for _, s := range in {
		for i, text := range strings.Split(s.Text, "\n") {
			if i > 0 {
				end()
			}
			if text != "" {
				open = append(open, span{text, s.Op != "same"})
			}
		}
	}
	end()
	return out
}

func (p words) plain() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteString(s.Text)
	}
	return b.String()
}

// mixed tells whether only some of the words of a side changed.
func mixed(side []words) bool {
	marked, stayed := false, false
	for _, p := range side {
		for _, s := range p {
			marked, stayed = marked || s.Marked, stayed || !s.Marked
		}
	}
	return marked && stayed
}

// bracketed is p for plain text, with what changed in square brackets.
func (p words) bracketed() string {
	var b strings.Builder
	for i, s := range p {
		core := strings.TrimSpace(s.Text)
		if !s.Marked || core == "" {
			b.WriteString(s.Text)
			continue
		}
		start := strings.Index(s.Text, core)
		open, shut := "[", "]"
		if i > 0 && p[i-1].Marked {
			open = ""
		}
		if i+1 < len(p) && p[i+1].Marked {
			shut = ""
		}
		b.WriteString(s.Text[:start] + open + core + shut + s.Text[start+len(core):])
	}
	return b.String()
}

// side is one side of a change for plain text: its label, then its paragraphs. What
// changed is marked where not all of it did.
func side(label string, ps []words) string {
	lines, form := make([]string, len(ps)), words.plain
	if mixed(ps) {
		form = words.bracketed
	}
	for i, p := range ps {
		lines[i] = form(p)
	}
	return label + ": " + strings.Join(lines, "\n")
}
