package documents

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"strings"
)

// Trace is what the lineage of clauses needs of a text: a hundredth of the text. It
// follows from the text and its clause map, so no event and no dump has it; an
// engine stores it beside them.
type Trace struct {
	Number int // of the version
	Size   int // of the source, in bytes
	Marks  []Mark
}

// Mark is a clause, in the order of the text, with a digest of what it is made of:
// its lines and, if they may hold a link by reference, all definitions of links.
type Mark struct {
	ID  string
	Own [16]byte
}

// TraceOf makes the trace of a version's text.
func TraceOf(number int, t Text) Trace {
	s := newSource(t.Source)
	out := Trace{Number: number, Size: len(t.Source), Marks: make([]Mark, len(t.Clauses))}
	for i, c := range t.Clauses {
		out.Marks[i] = Mark{c.ID, s.own(c.First, c.Last)}
	}
	return out
}

// traceForm is the first byte of a trace. How a clause is digested changes with it.
const traceForm = 1

// Encode is what an engine stores: numbers, digests, then the ids behind their
// lengths.
func (t Trace) Encode() []byte {
	out := binary.AppendUvarint([]byte{traceForm}, uint64(t.Size))
	out = binary.AppendUvarint(out, uint64(len(t.Marks)))
	for _, m := range t.Marks {
		out = append(out, m.Own[:]...)
	}
	for _, m := range t.Marks {
		out = append(binary.AppendUvarint(out, uint64(len(m.ID))), m.ID...)
	}
	return out
}

// DecodeTrace reads what Encode wrote; ok is false if it is nothing of the kind, or
// of another form, and has to be made of the text anew.
func DecodeTrace(number int, b []byte) (t Trace, ok bool) {
	d := decoding{rest: string(b)}
	if d.take(1) != string(rune(traceForm)) {
		return t, false
	}
	t = Trace{Number: number, Size: d.number()}
	count := d.number()
	digests := d.take(count * len(Mark{}.Own))
	if d.short {
		return Trace{}, false
	}
	t.Marks = make([]Mark, count)
	for i := range t.Marks {
		copy(t.Marks[i].Own[:], digests[i*len(Mark{}.Own):])
		t.Marks[i].ID = d.take(d.number())
	}
	return t, !d.short && d.rest == ""
}

// decoding takes bytes off the front of rest; short says that there were too few.
type decoding struct {
	rest  string
	short bool
}

func (d *decoding) take(n int) string {
	if n < 0 || n > len(d.rest) {
		d.short = true
		return ""
	}
	out := d.rest[:n]
	d.rest = d.rest[n:]
	return out
}

func (d *decoding) number() int {
	n, size := binary.Uvarint([]byte(d.rest[:min(len(d.rest), binary.MaxVarintLen64)]))
	if size <= 0 || n > 1<<30 {
		d.short = true
		return 0
	}
	d.rest = d.rest[size:]
	return int(n)
}

// source is a text by lines.
type source struct {
	lines []string
	links Digest // of the definitions of links, which stand anywhere
	sum   hash.Hash
}

func newSource(text string) *source {
	s := &source{lines: strings.SplitAfter(text, "\n"), sum: sha256.New()}
	for i, line := range s.lines {
		if strings.Contains(line, "]:") {
			s.sum.Write([]byte(strings.Join(s.lines[i:min(i+3, len(s.lines))], ""))) // address and title may stand below
		}
	}
	s.sum.Sum(s.links[:0])
	return s
}

// own digests lines first to last. Blank ends do not count.
func (s *source) own(first, last int) (d [16]byte) {
	s.sum.Reset()
	linked := false
	end := min(max(last, 0), len(s.lines))
	for _, line := range s.lines[min(max(first, 1)-1, end):end] {
		linked = linked || strings.Contains(line, "[")
		s.sum.Write([]byte(strings.TrimSuffix(line, "\n")))
		s.sum.Write([]byte{'\n'})
	}
	if linked {
		s.sum.Write(s.links[:])
	}
	var whole Digest
	copy(d[:], s.sum.Sum(whole[:0]))
	return d
}
