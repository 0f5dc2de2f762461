package markdown

import (
	"crypto/sha256"
	"strings"
	"sync"
	"testing"
)

// TestRaw: the bytes of each block's lines, whatever ends them, for a parsed text
// and for one made by hand, which many readers may share.
func TestRaw(t *testing.T) {
	for _, source := range []string{
		"# T\n\none\ntwo\n\n- a\n- b\n", "# T\r\n\r\none\r\ntwo", "\ufeff\n\nfirst\n\nsecond", "---\ntitle: x\n---\n\n| a |\n|---|\n| b |\n\n\n", "one",
	} {
		parsed, err := Parse([]byte(source))
		if err != nil {
			t.Fatal(err)
		}
		byHand := &Text{Source: []byte(source), Blocks: parsed.Blocks}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { byHand.SHA256() })
		}
		all.Wait()
		lines := strings.SplitAfter(source, "\n")
		for _, text := range []*Text{parsed, byHand} {
			if text.SHA256() != sha256.Sum256([]byte(source)) {
				t.Errorf("%q: another digest", source)
			}
			for i, b := range text.Blocks {
				want := strings.TrimSuffix(strings.Join(lines[b.First-1:b.Last], ""), "\n")
				if i == 0 && b.First > 1 && strings.HasPrefix(source, "\ufeff") {
					want = "\ufeff" + want
				}
				if got := string(text.Raw()[i]); got != want {
					t.Errorf("%q: block %d is %q, want %q", source, i, got, want)
				}
			}
		}
	}
}
