package markdown

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"sync"
)

// bytewise is what a Text says of its source alone. It is computed once, by Parse
// or at first use.
type bytewise struct {
	once    sync.Once
	sha256  [sha256.Size]byte
	extents []extent // by block
}

// extent is a run of bytes of the source.
type extent struct{ from, to int }

// SHA256 returns the digest of the source.
func (t *Text) SHA256() [sha256.Size]byte {
	t.bytewise.once.Do(t.measure)
	return t.bytewise.sha256
}

// Raw returns, by block, the bytes of its lines without the last line end. A
// byte-order mark belongs to the first block.
func (t *Text) Raw() []string {
	t.bytewise.once.Do(t.measure)
	source, out := string(t.Source), make([]string, len(t.Blocks))
	for i, e := range t.bytewise.extents {
		out[i] = source[e.from:e.to]
	}
	if bom := "\ufeff"; len(out) > 0 && t.Blocks[0].First > 1 && strings.HasPrefix(source, bom) {
		out[0] = bom + out[0]
	}
	return out
}

func (t *Text) measure() {
	t.bytewise.sha256 = sha256.Sum256(t.Source)
	t.bytewise.extents = make([]extent, len(t.Blocks))
	line, at := 1, 0 // at is where line starts
	to := func(last int) {
		for ; line < last && at < len(t.Source); line++ {
			n := bytes.IndexByte(t.Source[at:], '\n')
			if n < 0 {
				n = len(t.Source) - at - 1
			}
			at += n + 1
		}
	}
	for i, b := range t.Blocks {
		to(b.First)
		from := at
		to(b.Last + 1)
		t.bytewise.extents[i] = extent{from, at - len("\n")}
		if from == at || t.Source[at-1] != '\n' {
			t.bytewise.extents[i].to = at
		}
	}
}
