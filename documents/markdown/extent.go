package markdown

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"sync"
)

// bytewise is what a Text says of its source alone. It is computed once, by Parse
// or at first use.
type bytewise struct {
	once   sync.Once
	sha256 [sha256.Size]byte
	raw    [][]byte // by block
}

// SHA256 returns the digest of the source.
func (t *Text) SHA256() [sha256.Size]byte {
	t.bytewise.once.Do(t.measure)
	return t.bytewise.sha256
}

// Raw returns, by block, the bytes of its lines without the last line end. A
// byte-order mark belongs to the first block. They are the text's own.
func (t *Text) Raw() [][]byte {
	t.bytewise.once.Do(t.measure)
	return t.bytewise.raw
}

func (t *Text) measure() {
	t.bytewise.sha256 = sha256.Sum256(t.Source)
	raw, line, rest := make([][]byte, len(t.Blocks)), 1, t.Source
	for i := range t.Blocks {
		_, rest = cutLines(rest, t.Blocks[i].First-line)
		raw[i], rest = cutLines(rest, t.Blocks[i].Last+1-t.Blocks[i].First)
		raw[i], line = bytes.TrimSuffix(raw[i], []byte{'\n'}), t.Blocks[i].Last+1
	}
	if bom := []byte("\ufeff"); len(raw) > 0 && t.Blocks[0].First > 1 && bytes.HasPrefix(t.Source, bom) {
		raw[0] = slices.Concat(bom, raw[0])
	}
	t.bytewise.raw = raw
}

// cutLines cuts b after its first n lines.
func cutLines(b []byte, n int) (lines, rest []byte) {
	end := 0
	for ; n > 0 && end < len(b); n-- {
		i := bytes.IndexByte(b[end:], '\n')
		if i < 0 {
			return b, nil
		}
		end += i + 1
	}
	return b[:end], b[end:]
}
