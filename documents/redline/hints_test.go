package redline

import (
	"strings"
	"testing"
)

func TestHintSentences(t *testing.T) {
	if faults := hintCatalogue.Faults(); len(faults) > 0 {
		t.Error(faults)
	}
	for _, what := range hintKinds {
		for _, form := range []string{"", "_new", "_gone"} {
			if !hintCatalogue.In("en").Has(what + form) {
				t.Errorf("no sentence for %s%s", what, form)
			}
		}
	}
	if n := len(hintCatalogue.Keys("en")); n != 3*len(hintKinds) {
		t.Errorf("%d sentences for %d kinds", n, len(hintKinds))
	}
	for _, c := range []struct {
		Hint
		tag, want string
	}{
		{Hint{"duration", "30 дней", "10 дней"}, "ru", "Срок: было «30 дней», стало «10 дней»"},
		{Hint{"negation", "", "не"}, "ru", "Появилось «не» — смысл мог стать обратным"},
		{Hint{"party", "Acme Ltd", ""}, "en-GB", "A company or other party is no longer named: “Acme Ltd”"},
		{Hint{"money", "3 АЕК", "5 АЕК"}, "kk", "Сома: бұрын «3 АЕК», енді «5 АЕК»"},
	} {
		if got := c.Say(c.tag); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestHintWords holds the word lists to what the code reads from them.
func TestHintWords(t *testing.T) {
	known := map[string]bool{}
	for _, what := range append(hintKinds, strings.Fields("near after skip unit adj month count currency scale percent firm joint ref")...) {
		known[what] = true
	}
	seen, n := map[string]string{}, 0
	for _, of := range hintWords.byHead {
		for _, p := range of {
			n++
			phrase := strings.Join(p.words, " ")
			if !known[p.what] || p.group == "" && p.what != "skip" || phrase == "" || phrase != folded(phrase) {
				t.Errorf("pattern %+v", p)
			}
			if p.what == "near" && p.group != "purpose" && topics[p.group] == 0 {
				t.Errorf("no topic %s", p.group)
			}
			key := p.what + " " + phrase
			if other, ok := seen[key]; ok && other != p.group {
				t.Errorf("%s is both %s and %s", key, other, p.group)
			}
			seen[key] = p.group
		}
	}
	if n < 900 || len(hintWords.endings) < 20 {
		t.Errorf("only %d patterns and %d endings", n, len(hintWords.endings))
	}
}
