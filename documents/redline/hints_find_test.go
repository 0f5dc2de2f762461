package redline_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

func hintsOf(r *redline.Redline) string {
	var out []string
	for _, e := range r.Changes {
		for _, h := range e.Hints {
			out = append(out, h.What+": "+h.Old+" > "+h.New)
		}
	}
	return strings.Join(out, "; ")
}

// TestHints edits sentences, both ways.
func TestHints(t *testing.T) {
	for _, c := range hintCases {
		if got := hintsOf(check(t, parse(t, c.old), parse(t, c.new))); got != c.want {
			t.Errorf("%s\n%s\ngot  %q\nwant %q", c.old, c.new, got, c.want)
		}
	}
}

// TestHintsOfAnyText holds for odd texts: few hints, short ones, each once and of a
// known kind, words of the texts, and both directions alike.
func TestHintsOfAnyText(t *testing.T) {
	texts := [2]string{}
	rapid.Check(t, func(t *rapid.T) {
		for i := range texts {
			texts[i] = "x " + strings.Join(rapid.SliceOfN(rapid.SampledFrom(odd), 0, 60).Draw(t, "words"), rapid.SampledFrom([]string{" ", " ", "", "\n\n"}).Draw(t, "gap"))
		}
		old, e := markdown.Parse([]byte(texts[0]))
		new, f := markdown.Parse([]byte(texts[1]))
		if e != nil || f != nil {
			t.Fatal(e, f)
		}
		there, back := redline.Compare(old, new), redline.Compare(new, old)
		if f := mirrored(there, back); f != "" {
			t.Fatal(f)
		}
		for _, e := range there.Changes {
			if f := hintFault(e); f != "" {
				t.Fatal(f)
			}
		}
		for _, p := range there.Pointers("kk") {
			if !strings.Contains(there.HTML("kk"), `id="`+p.ID+`"`) || len(p.Hints) == 0 {
				t.Fatalf("pointer %+v", p)
			}
		}
	})
}

var odd = strings.Fields("не not must may may may обязана вправе міндетті бермейді 30 72 10 000 3 дней hours жыл years % $ € ₸ теңге МРП 2026 22 ноября May , . ( ) « » - – + № § +7 (727) 100-20-30 a@b.kz https://a.kz/terms ТОО Ltd «Роза» Kazakhstan Германии США храним store purpose в целях мақсатында рекламы согласие право only кроме no later than 1.2. пункт 6.1 тармақ 13 under children \u0301 \u200b 年 \u202e ü ` *")

func hintFault(e redline.Entry) string {
	seen := map[redline.Hint]bool{}
	for _, h := range e.Hints {
		switch {
		case seen[h]:
			return fmt.Sprintf("%+v twice", h)
		case h.Old == h.New || !utf8.ValidString(h.Old+h.New) || max(utf8.RuneCountInString(h.Old), utf8.RuneCountInString(h.New)) > 80:
			return fmt.Sprintf("%+v", h)
		case strings.Contains(h.Say("ru")+h.Say("kk")+h.Say("en"), "["+h.What):
			return "no sentence for " + h.What
		}
		seen[h] = true
	}
	if len(e.Hints) > 6 || len(e.Hints) > 0 && e.Kind != redline.Changed && e.Kind != redline.Added && e.Kind != redline.Removed {
		return fmt.Sprintf("%s has %d hints", e.Kind, len(e.Hints))
	}
	return ""
}

func TestNoFalseHints(t *testing.T) {
	for _, c := range plainCases {
		if got := hintsOf(check(t, parse(t, c[0]), parse(t, c[1]))); got != "" {
			t.Errorf("%s\n%s\ngot %q", c[0], c[1], got)
		}
	}
}
