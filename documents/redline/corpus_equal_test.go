package redline_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vestnik/documents/redline"
)

// TestCorpusFormatting: pairs of the corpus that another renderer shows alike, or
// that differ in white space alone, show readers no difference, but for those that
// do differ.
func TestCorpusFormatting(t *testing.T) {
	differ := map[string]string{
		"osg-legal-zh/0014.md":           "an address in a raw HTML block, which the other renderer leaves out",
		"moz-firefox-privacy-en/0010.md": "a paragraph was indented into the item before it",
	}
	b, err := os.ReadFile(filepath.Join(corpusDir(t), "classes-open.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pairs []struct {
		Document string
		From, To int
		Classes  []string
		Equal    bool `json:"rendered_equal"`
	}
	if err := json.Unmarshal(b, &pairs); err != nil {
		t.Fatal(err)
	}
	alike := 0
	for _, p := range pairs {
		if !p.Equal && !slices.Contains(p.Classes, "whitespace-or-reflow-only") && !slices.Contains(p.Classes, "eol-or-bom-only") {
			continue
		}
		alike++
		is := fmt.Sprintf("%s/%04d.md", p.Document, p.To)
		old, new := corpusText(t, fmt.Sprintf("%s/%04d.md", p.Document, p.From)), corpusText(t, is)
		if e := loud(redline.Compare(old, new), old, new); (e == "") != (differ[is] == "") {
			t.Errorf("%s: %.300s", is, e)
		}
	}
	if alike < 20 {
		t.Errorf("%d such pairs", alike)
	}
}
