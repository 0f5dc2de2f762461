package server_test

import (
	"strings"
	"testing"

	"vestnik/documents/lang"
	"vestnik/web"
)

// Every sentence with a number takes the form that CLDR 48 says, in each language.
func TestPluralsOfEverySentence(t *testing.T) {
	all, err := lang.Load(web.Files, "words")
	must(t, err)
	forms := map[string]map[int]string{
		"ru": {0: "many", 1: "one", 2: "few", 5: "many", 11: "many", 21: "one", 22: "few", 111: "many", 1000: "many"},
		"kk": {0: "other", 1: "one", 2: "other", 5: "other", 11: "other", 21: "other", 1000: "other"},
		"en": {0: "other", 1: "one", 2: "other", 5: "other", 11: "other", 21: "other", 1000: "other"},
	}
	for tag, of := range forms {
		n := 0
		for key, sentence := range sentences(t, tag) {
			if sentence["other"] == "" {
				continue
			}
			n++
			for number, form := range of {
				want := strings.ReplaceAll(sentence[form], "{n}", lang.Number(tag, number))
				if got := all.In(tag).N(key, number); got != want {
					t.Errorf("%s: %q of %d is %q, not %q", tag, key, number, got, want)
				}
			}
		}
		if n < 12 {
			t.Errorf("%s has only %d sentences with a number", tag, n)
		}
	}
}
