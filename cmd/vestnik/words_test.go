package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"vestnik/web"
)

// TestRefusalsHaveWords: the desk says in its reader's language what this package
// refuses.
func TestRefusalsHaveWords(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes [][]byte
	for _, name := range sources {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`documents\.Invalid\("[a-z]*", "([a-z-]+)"`).FindAllSubmatch(src, -1) {
			codes = append(codes, m[1])
		}
	}
	if len(codes) < 4 {
		t.Fatalf("found %d codes: the search is broken", len(codes))
	}
	for _, tag := range []string{"ru", "kk", "en"} {
		b, err := web.Files.ReadFile("words/" + tag + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]any
		if err := json.Unmarshal(b, &words); err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			if words["invalid."+string(code)] == nil {
				t.Errorf("%s has no words for the refusal %s", tag, code)
			}
		}
	}
}
