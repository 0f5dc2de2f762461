package redline

import "testing"

func TestHintSentences(t *testing.T) {
	if faults := hintCatalogue.Faults(); len(faults) > 0 {
		t.Error(faults)
	}
	for _, c := range []struct {
		Hint
		tag, want string
	}{
		{Hint{"duration", "30 дней", "10 дней"}, "ru", "Срок: было «30 дней», стало «10 дней»"},
		{Hint{"negation", "", "не"}, "ru", "Появилось «не» — смысл мог стать обратным"},
		{Hint{"party", "Acme Ltd", ""}, "en-GB", "A party was removed: “Acme Ltd”"},
		{Hint{"money", "3 АЕК", "5 АЕК"}, "kk", "Сома: бұрын «3 АЕК», енді «5 АЕК»"},
	} {
		if got := c.Say(c.tag); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
