package redline_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// check compares both ways and reports each rule of section 10 that is broken.
func check(t testing.TB, old, new *markdown.Text) *redline.Redline {
	t.Helper()
	there, back := redline.Compare(old, new), redline.Compare(new, old)
	for _, e := range append(faults(there, old, new), faults(back, new, old)...) {
		t.Error(e)
	}
	if e := mirrored(there, back); e != "" {
		t.Error(e)
	}
	if e := clauseFault(old, new); e != "" {
		t.Error(e)
	}
	return there
}

// clauseFault checks that clauses pair one to one, and the same both ways.
func clauseFault(old, new *markdown.Text) string {
	there, back := redline.Clauses(old, new), redline.Clauses(new, old)
	var seen [2]map[int]bool
	for i := range seen {
		seen[i] = map[int]bool{}
	}
	for i, p := range there {
		if p.Old < 0 || p.Old >= len(old.Clauses) || p.New < 0 || p.New >= len(new.Clauses) || seen[0][p.Old] || seen[1][p.New] {
			return fmt.Sprintf("clause pair %d: %+v", i, p)
		}
		seen[0][p.Old], seen[1][p.New] = true, true
		if !slices.Contains(back, redline.Pair{Old: p.New, New: p.Old, Doubtful: p.Doubtful}) {
			return fmt.Sprintf("clause pair %+v is none on the way back", p)
		}
	}
	if len(there) != len(back) || !slices.IsSortedFunc(there, func(a, b redline.Pair) int { return a.Old - b.Old }) {
		return "clause pairs differ on the way back, or are in no order"
	}
	return ""
}

func faults(r *redline.Redline, old, new *markdown.Text) []string {
	var out []string
	fail := func(format string, args ...any) {
		if len(out) < 8 {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	if sum := sha256.Sum256(old.Source); r.Old.SHA256 != hex.EncodeToString(sum[:]) || r.Old.Lines != old.Lines {
		fail("old is described as %+v", r.Old)
	}
	sides := [2]*markdown.Text{old, new}
	var held [2][]int
	raw := [2][]string{rawOf(old), rawOf(new)}
	count := map[redline.Kind]int{}
	for n, e := range r.Changes {
		count[e.Kind]++
		for s, blocks := range [][]int{e.OldBlocks, e.NewBlocks} {
			held[s] = append(held[s], blocks...)
			if f := placeFault(sides[s], blocks, [2]*[2]int{e.OldLines, e.NewLines}[s], [2]*string{e.OldClause, e.NewClause}[s]); f != "" {
				fail("entry %d: side %d: %s", n, s, f)
			}
		}
		if f := spanFault(e, joinedText(old, e.OldBlocks), joinedText(new, e.NewBlocks)); f != "" {
			fail("entry %d (%s): %s", n, e.Kind, f)
		}
		if f := kindFault(e, old, new, raw); f != "" {
			fail("entry %d (%s): %s", n, e.Kind, f)
		}
	}
	for s, side := range sides {
		slices.Sort(held[s])
		for i := range max(len(side.Blocks), len(held[s])) {
			if i >= len(held[s]) || i >= len(side.Blocks) || held[s][i] != i {
				fail("side %d: block %d does not stand exactly once", s, i)
				break
			}
		}
	}
	if f := orderFault(r.Changes); f != "" {
		fail("%s", f)
	}
	if f := jsonFault(r, count); f != "" {
		fail("%s", f)
	}
	return out
}

func placeFault(t *markdown.Text, blocks []int, lines *[2]int, clause *string) string {
	if len(blocks) == 0 {
		if lines != nil || clause != nil {
			return "a place without a block"
		}
		return ""
	}
	first, last := t.Blocks[blocks[0]], t.Blocks[blocks[len(blocks)-1]]
	if lines == nil || *lines != [2]int{first.First, last.Last} {
		return fmt.Sprintf("lines %v of blocks %v", lines, blocks)
	}
	if first.Clause < 0 {
		if clause != nil {
			return "a clause before the first"
		}
		return ""
	}
	want := t.Clauses[first.Clause].Number
	if want == "" {
		want = t.Clauses[first.Clause].Title
	}
	if clause == nil || *clause != want {
		return fmt.Sprintf("clause %v, want %q", clause, want)
	}
	return ""
}

func joinedText(t *markdown.Text, blocks []int) string {
	var out []string
	for _, i := range blocks {
		out = append(out, t.Blocks[i].Text)
	}
	return strings.Join(out, "\n")
}

func spanFault(e redline.Entry, old, new string) string {
	var a, b, previous string
	texts := [2]string{}
	for _, s := range e.Spans {
		if s.Text == "" || s.Op == previous {
			return fmt.Sprintf("span %q %q after %q", s.Op, s.Text, previous)
		}
		previous = s.Op
		switch s.Op {
		case "same":
			a, b = a+s.Text, b+s.Text
		case "removed":
			a += s.Text
		case "added":
			b += s.Text
		default:
			return "span " + s.Op
		}
		if wordCut(old, len(a)) && wordCut(new, len(b)) && s.Op != "same" {
			return fmt.Sprintf("a word is cut after %q", s.Text)
		}
	}
	texts[0], texts[1] = a, b
	if texts != [2]string{old, new} {
		return fmt.Sprintf("spans say %q and %q, the blocks %q and %q", a, b, old, new)
	}
	if e.Spans == nil {
		return "spans are null"
	}
	return ""
}

// wordCut tells whether place p of s lies inside a word of an alphabet or a
// number.
func wordCut(s string, p int) bool {
	if p <= 0 || p >= len(s) {
		return false
	}
	x, _ := utf8.DecodeLastRuneInString(s[:p])
	y, _ := utf8.DecodeRuneInString(s[p:])
	inside := func(r rune) bool {
		return unicode.IsDigit(r) || unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew)
	}
	return inside(x) && inside(y)
}

// An ordered list that counts itself and one with written numbers look alike but
// for the numbers.
var listForm = strings.NewReplacer("numbered/", "ol1/")

func kindFault(e redline.Entry, old, new *markdown.Text, raw [2][]string) string {
	both := len(e.OldBlocks) > 0 && len(e.NewBlocks) > 0
	if (e.Kind == redline.Added) != (len(e.OldBlocks) == 0) || (e.Kind == redline.Removed) != (len(e.NewBlocks) == 0) {
		return "sides do not suit the kind"
	}
	if !both {
		return ""
	}
	if len(e.OldBlocks) > 1 != (e.Joined > 0) || len(e.NewBlocks) > 1 != (e.Split > 0) {
		return fmt.Sprintf("split %d joined %d of %v and %v", e.Split, e.Joined, e.OldBlocks, e.NewBlocks)
	}
	if e.Joined+e.Split > 0 {
		if e.Kind != redline.Changed || e.Joined*e.Split > 0 || max(e.Joined, len(e.NewBlocks)) != len(e.OldBlocks)*len(e.NewBlocks) {
			return "a split or join that is none"
		}
		return adjacent(e.OldBlocks) + adjacent(e.NewBlocks)
	}
	a, b := old.Blocks[e.OldBlocks[0]], new.Blocks[e.NewBlocks[0]]
	looks := a.Text == b.Text && reflect.DeepEqual(a.Marks, b.Marks) && listForm.Replace(a.Form) == listForm.Replace(b.Form)
	bytesEqual := raw[0][e.OldBlocks[0]] == raw[1][e.NewBlocks[0]]
	switch {
	case a.Hidden() != b.Hidden():
		return "hidden beside shown"
	case a.Hidden():
		if want := map[bool]redline.Kind{true: redline.Same, false: redline.Reformatted}[bytesEqual]; e.Kind != want {
			return "what nobody sees is " + string(e.Kind)
		}
	case e.Kind == redline.Same && !(looks && bytesEqual && !e.Moved && !e.Renum && !e.Reform):
		return "same, and yet different"
	case e.Kind == redline.Reformatted && (!looks || bytesEqual):
		return "reformatted, and yet more or less"
	case (e.Kind == redline.Moved || e.Kind == redline.Renumbered) && len(e.Details) > 0:
		return "details beside " + string(e.Kind)
	case looks && (e.Kind == redline.Changed || e.Kind == redline.Renumbered):
		return "nothing differs for a reader"
	case e.Kind == redline.Renumbered && a.Text == b.Text && ledWithin(a) && ledWithin(b):
	case !looks && a.Text == b.Text && len(e.Details) == 0 && a.Number == b.Number:
		return "a difference without words or details"
	case e.Kind == redline.Moved && a.Text != b.Text && !e.Renum:
		return "moved with other words"
	}
	return ""
}

// ledWithin tells whether b has a link within its text, which may follow a clause.
func ledWithin(b markdown.Block) bool {
	return slices.ContainsFunc(b.Marks, func(m markdown.Mark) bool { return m.Kind == "link" && strings.HasPrefix(m.Target, "#") })
}

func adjacent(blocks []int) string {
	for i := 1; i < len(blocks); i++ {
		if blocks[i] != blocks[i-1]+1 {
			return "parts are not neighbours"
		}
	}
	return ""
}

// rawOf returns the bytes of each block's lines.
func rawOf(t *markdown.Text) []string {
	lines := strings.SplitAfter(string(t.Source), "\n")
	var out []string
	for i, b := range t.Blocks {
		raw := strings.TrimSuffix(strings.Join(lines[b.First-1:b.Last], ""), "\n")
		if i == 0 && b.First > 1 && strings.HasPrefix(lines[0], "\ufeff") {
			raw = "\ufeff" + raw
		}
		out = append(out, raw)
	}
	return out
}

// orderFault checks that new blocks rise and that each removed block follows its
// predecessor's entry.
func orderFault(entries []redline.Entry) string {
	last := -1
	holder := map[int]int{}
	for n, e := range entries {
		for _, i := range e.OldBlocks {
			holder[i] = n
		}
		if len(e.NewBlocks) > 0 {
			if e.NewBlocks[0] <= last {
				return fmt.Sprintf("entry %d: new block %d after %d", n, e.NewBlocks[0], last)
			}
			last = e.NewBlocks[0]
		}
	}
	for n, e := range entries {
		if e.Kind != redline.Removed {
			continue
		}
		want := 0
		if i := e.OldBlocks[0]; i > 0 {
			want = holder[i-1] + 1
		}
		if n != want {
			return fmt.Sprintf("removed block %d stands at %d, want %d", e.OldBlocks[0], n, want)
		}
	}
	return ""
}

func jsonFault(r *redline.Redline, count map[redline.Kind]int) string {
	b := r.JSON()
	var v struct {
		Old, New map[string]any
		Summary  map[redline.Kind]int
		Changes  []map[string]any
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return err.Error()
	}
	if len(v.Summary) != 7 || len(v.Changes) != len(r.Changes) {
		return fmt.Sprintf("summary %v of %d changes", v.Summary, len(v.Changes))
	}
	for k, n := range v.Summary {
		if count[k] != n {
			return fmt.Sprintf("summary: %d %s, counted %d", n, k, count[k])
		}
	}
	for _, key := range []string{"kind", "old_clause", "new_clause", "old_lines", "new_lines", "spans"} {
		for n, c := range v.Changes {
			if _, ok := c[key]; !ok {
				return fmt.Sprintf("entry %d lacks %s", n, key)
			}
		}
	}
	if r.Equal() != (count[redline.Same] == len(r.Changes)) {
		return "Equal is wrong"
	}
	if bytes.Contains(b, []byte(`\u003c`)) {
		return "HTML is escaped in JSON"
	}
	return ""
}

// mirrored compares the two directions as sets.
func mirrored(there, back *redline.Redline) string {
	set := map[string]int{}
	for _, e := range there.Changes {
		set[fingerprint(turn(e))]++
	}
	for n, e := range back.Changes {
		k := fingerprint(e)
		if set[k] == 0 {
			return fmt.Sprintf("entry %d of the way back has no mirror: %.600s", n, k)
		}
		set[k]--
	}
	if len(there.Changes) != len(back.Changes) {
		return "the way back has another number of entries"
	}
	return ""
}

func turn(e redline.Entry) redline.Entry {
	e.OldClause, e.NewClause = e.NewClause, e.OldClause
	e.OldLines, e.NewLines = e.NewLines, e.OldLines
	e.Split, e.Joined = e.Joined, e.Split
	kinds := map[redline.Kind]redline.Kind{redline.Added: redline.Removed, redline.Removed: redline.Added}
	if k, ok := kinds[e.Kind]; ok {
		e.Kind = k
	}
	var spans []redline.Span
	ops := map[string]string{"removed": "added", "added": "removed", "same": "same"}
	for _, s := range e.Spans {
		spans = append(spans, redline.Span{Op: ops[s.Op], Text: s.Text})
	}
	e.Spans = spans
	var details []redline.Detail
	for _, d := range e.Details {
		details = append(details, redline.Detail{What: d.What, Old: d.New, New: d.Old})
	}
	e.Details = details
	var hints []redline.Hint
	for _, h := range e.Hints {
		hints = append(hints, redline.Hint{What: h.What, Old: h.New, New: h.Old})
	}
	e.Hints = hints
	return e
}

func fingerprint(e redline.Entry) string {
	e.OldBlocks, e.NewBlocks = nil, nil
	if len(e.Spans) == 0 {
		e.Spans = nil
	}
	slices.SortFunc(e.Details, func(a, b redline.Detail) int { return strings.Compare(a.What+a.Old+a.New, b.What+b.Old+b.New) })
	b, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return string(b)
}
