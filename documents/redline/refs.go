package redline

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// renumbering maps the numbers of clauses that continue to those that they bear
// then. It is nil where none changed.
func (m *matching) renumbering() map[string]string {
	pairs := m.clauses.pairs()
	if !slices.ContainsFunc(pairs, func(p Pair) bool { return m.a.Clauses[p.Old].Number != m.b.Clauses[p.New].Number }) {
		return nil
	}
	out := map[string]string{}
	for _, p := range pairs {
		x, y := core(m.a.Clauses[p.Old].Number), core(m.b.Clauses[p.New].Number)
		if x == "" || y == "" || p.Doubtful {
			continue
		}
		if was, ok := out[x]; ok && was != y {
			y = "" // two clauses bear it: a reference says too little
		}
		out[x] = y
	}
	return out
}

// follows tells whether b is a with references that follow the renumbering.
// Both are bodies, without their own number.
func (m *matching) follows(a, b string) bool {
	if a == b || m.numbers == nil {
		return a == b
	}
	ta, tb := tokens(a, 0), tokens(b, 0)
	if len(ta) != len(tb) {
		return false
	}
	for i := range ta {
		x, y := a[ta[i].start:ta[i].end], b[tb[i].start:tb[i].end]
		if x == y {
			continue
		}
		if !m.refers(x, y) || !(suffixed(x) || afterReference(a, ta[:i])) {
			return false
		}
	}
	return true
}

// refers tells whether number x became y.
func (m *matching) refers(x, y string) bool {
	p, q := firstRun(x), firstRun(y)
	if utf8.RuneCountInString(x) == 1 && utf8.RuneCountInString(y) == 1 { // Section L
		p, q = x, y
	}
	if p == "" || x[len(p):] != y[len(q):] {
		return false
	}
	p, q = strings.ToLower(p), strings.ToLower(q)
	to, ok := m.numbers[strings.Trim(p, ".")]
	return ok && to != "" && to == strings.Trim(q, ".")
}

// suffixed tells whether a word says itself that its number is a clause's:
// "6.1-тармақ", "7-бап".
func suffixed(word string) bool {
	_, after, ok := strings.Cut(word, "-")
	return ok && begins(after, "тарма", "бап", "баб", "бөлім", "тарау", "қосымша")
}

// afterReference tells whether the tokens before a number announce a clause:
// "clause ", "пунктами 6.1 и ", "§ ".
func afterReference(s string, before []token) bool {
	for i := len(before) - 1; i >= 0 && len(before)-i < 16; i-- {
		w := strings.ToLower(s[before[i].start:before[i].end])
		switch {
		case w == "." && i > 0 && firstRun(s[before[i-1].start:before[i-1].end]) != "":
			return false // the end of a sentence
		case w == "§" || w == "§§" || begins(w, referring...) || short[w]:
			return true
		case firstRun(w) != "" || linking[w] || before[i].letters == 0 && !strings.ContainsAny(w, ";!?\n"):
		default:
			return false
		}
	}
	return false
}

func begins(word string, stems ...string) bool {
	for _, s := range stems {
		if strings.HasPrefix(word, s) {
			return true
		}
	}
	return false
}

// The words that announce the number of a clause: stems, whole words, and what
// may stand between two such numbers. Russian, English, German, French.
var (
	referring = []string{"пункт", "подпункт", "раздел", "подраздел", "стать", "част", "глав", "приложени", "абзац",
		"clause", "section", "article", "paragraph", "subsection", "chapter", "annex", "appendi", "schedule",
		"artikel", "absatz", "abschnitt", "alinéa"}
	short   = map[string]bool{"п": true, "пп": true, "ст": true, "ч": true, "гл": true, "art": true, "sec": true, "para": true, "cl": true, "abs": true}
	linking = map[string]bool{"и": true, "или": true, "по": true, "до": true, "and": true, "or": true, "to": true, "through": true, "und": true, "oder": true, "bis": true, "et": true, "ou": true, "à": true}
)
