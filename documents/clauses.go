package documents

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// Doubt names a clause whose id is a guess: the author is asked, and where
// nobody can be asked the guess stands.
type Doubt struct {
	Lang, Number, ID, Why string
}

// edition is a version with its texts parsed, by language.
type edition struct {
	*Version
	parsed map[string]*markdown.Text
}

func newEdition(v *Version) (edition, error) {
	e := edition{v, map[string]*markdown.Text{}}
	for _, t := range v.Texts {
		parsed, err := markdown.Parse([]byte(t.Source))
		if err != nil {
			return e, fmt.Errorf("text in %s: %w", t.Lang, err) // unreachable: checkSource asks the same
		}
		if !slices.ContainsFunc(parsed.Blocks, func(b markdown.Block) bool { return b.Text != "" }) {
			return e, Invalid("text", CodeEmpty, "The text in %s has nothing that a reader would see: write it.", t.Lang)
		}
		e.parsed[t.Lang] = parsed
	}
	return e, nil
}

// editionOrNil parses v, if there is one.
func editionOrNil(v *Version) (*edition, error) {
	if v == nil {
		return nil, nil
	}
	e, err := newEdition(v)
	return &e, err
}

// names are the ids that a document has ever used.
type names map[string]bool

// names reads the ids of all versions of a document.
func (l *Library) names(ctx context.Context, t Timeline) (names, error) {
	languages := map[string]bool{}
	for _, v := range t.Versions {
		for tag := range v.Titles {
			languages[tag] = true
		}
	}
	n := names{}
	for tag := range languages {
		for after := 0; ; {
			some, err := l.Store.Traces(ctx, t.Document, tag, after, tracesAtOnce)
			if err != nil {
				return nil, fmt.Errorf("names of %s: %w", t.Document, err)
			}
			if len(some) == 0 {
				break
			}
			n.add(some)
			after = some[len(some)-1].Number
		}
	}
	return n, nil
}

func (n names) add(traces []Trace) {
	for _, t := range traces {
		for _, m := range t.Marks {
			if !n[m.ID] {
				n[strings.Clone(m.ID)] = true
			}
		}
	}
}

// mint fills in the clause maps of e. A clause that continues one of last (nil
// before the first version), or else one of gone (nil unless a version was
// withdrawn since), keeps its id; languages share ids, the leading one first. New
// ids are added to taken.
func (e edition) mint(last, gone *edition, taken names) (doubts []Doubt) {
	lead := e.leading(last)
	m := minting{e, last, gone, taken, lead, nil}
	leadIDs, found := m.first()
	doubts = append(doubts, found...)
	for i := range e.Texts {
		t := &e.Texts[i]
		ids := leadIDs
		if t.Lang != lead {
			ids, found = m.follow(t.Lang, leadIDs)
			doubts = append(doubts, found...)
		}
		t.Clauses = clauseMap(e.parsed[t.Lang].Clauses, ids)
	}
	return doubts
}

// leading is the prevailing language, unless the last version lacks it and has
// another of e's.
func (e edition) leading(last *edition) string {
	if last == nil || last.parsed[e.Prevailing] != nil {
		return e.Prevailing
	}
	for _, tag := range e.Languages() {
		if last.parsed[tag] != nil {
			return tag
		}
	}
	return e.Prevailing
}

type minting struct {
	edition
	last  *edition
	gone  *edition
	taken names
	lead  string
	used  map[string]bool // ids of the text at hand
}

// first gives ids to the leading text.
func (m *minting) first() ([]string, []Doubt) {
	clauses := m.parsed[m.lead].Clauses
	ids, doubts := make([]string, len(clauses)), []Doubt(nil)
	m.used = map[string]bool{}
	before := m.continued(m.lead)
	for i, c := range clauses {
		if b := before[i]; b.id != "" && m.claim(ids, i, b.id) && b.doubtful {
			doubts = append(doubts, Doubt{m.lead, c.Number, b.id, DoubtContinues})
		}
	}
	m.fresh(ids, m.lead)
	return ids, doubts
}

// follow gives ids to a text in another language: those of the clauses that
// surely correspond, then its own of last time, then those that perhaps
// correspond, then new ones.
func (m *minting) follow(tag string, leadIDs []string) ([]string, []Doubt) {
	clauses := m.parsed[tag].Clauses
	ids, why := make([]string, len(clauses)), make([]string, len(clauses))
	m.used = map[string]bool{}
	leads := map[string]bool{}
	for _, id := range leadIDs {
		leads[id] = true
	}
	before := m.continued(tag)
	pairs := correspond(m.parsed[m.lead].Clauses, clauses)
	for i, p := range pairs {
		if p.sure && m.claim(ids, i, leadIDs[p.lead]) && before[i].id != "" && before[i].id != ids[i] && !before[i].doubtful {
			why[i] = DoubtDiffers
		}
	}
	for i, b := range before {
		if b.id != "" && m.claim(ids, i, b.id) && !leads[b.id] {
			why[i] = DoubtAlone
		}
	}
	for i, p := range pairs {
		if p.lead >= 0 && m.claim(ids, i, leadIDs[p.lead]) {
			why[i] = DoubtLanguage
		}
	}
	for i := range ids {
		if ids[i] == "" {
			why[i] = DoubtAlone
		}
	}
	m.fresh(ids, tag)
	var doubts []Doubt
	for i, w := range why {
		if w != "" {
			doubts = append(doubts, Doubt{tag, clauses[i].Number, ids[i], w})
		}
	}
	return ids, doubts
}

// claim sets ids[i] unless it is set or the text has the id already.
func (m *minting) claim(ids []string, i int, id string) bool {
	if ids[i] != "" || m.used[id] {
		return false
	}
	ids[i], m.used[id] = id, true
	return true
}

// fresh mints an id for each clause that has none.
func (m *minting) fresh(ids []string, tag string) {
	for i := range ids {
		if ids[i] == "" {
			ids[i] = mintID(m.Document, m.Number, tag, i, m.taken)
			m.used[ids[i]], m.taken[ids[i]] = true, true
		}
	}
}

// mintID hashes document, version and position; where the id was used before in
// this document, it hashes on.
func mintID(document string, number int, tag string, index int, taken names) string {
	for salt := 0; ; salt++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%s\n%d\n%d\n", document, number, tag, index, salt))
		id := "c-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
		if !taken[id] {
			return id
		}
	}
}

type continuation struct {
	id       string
	doubtful bool
}

// continued tells for each clause of the text in tag which id of the last version
// it goes on with, or else of the one that is gone.
func (m *minting) continued(tag string) []continuation {
	out := m.from(m.last, tag)
	kept := map[string]bool{}
	for _, c := range out {
		kept[c.id] = true
	}
	for i, c := range m.from(m.gone, tag) {
		if out[i].id == "" && !kept[c.id] {
			out[i] = c
		}
	}
	return out
}

// from tells which id of an earlier edition each clause goes on with. The stored
// map decides what the old clauses are called: it is found by line, because
// today's parser may see other clauses than the one that made it.
func (m *minting) from(before *edition, tag string) []continuation {
	out := make([]continuation, len(m.parsed[tag].Clauses))
	if before == nil || before.parsed[tag] == nil {
		return out
	}
	old := before.parsed[tag]
	stored, _ := before.Text(tag)
	byLine := byFirstLine(stored.Clauses)
	if bytes.Equal(old.Source, m.parsed[tag].Source) {
		for i, c := range m.parsed[tag].Clauses {
			out[i].id = byLine[c.First]
		}
		return out
	}
	for _, p := range redline.Clauses(old, m.parsed[tag]) {
		out[p.New] = continuation{byLine[old.Clauses[p.Old].First], p.Doubtful}
	}
	return out
}

func clauseMap(clauses []markdown.Clause, ids []string) []Clause {
	out := make([]Clause, len(clauses))
	fold := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for i, c := range clauses {
		out[i] = Clause{ID: ids[i], Number: fold(c.Number), Title: fold(c.Title), Anchor: c.Anchor, First: c.First, Last: c.Last, Level: c.Level}
		if c.Parent >= 0 {
			out[i].Parent = ids[c.Parent]
		}
	}
	return out
}

// parse reads a text that was accepted before.
func parse(source string) (*markdown.Text, error) {
	t, err := markdown.Parse([]byte(source))
	if err != nil {
		return nil, errors.Join(errors.New("a stored text cannot be read"), err)
	}
	return t, nil
}
