package redline

import (
	"slices"
	"strings"
	"unicode"
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
		if !m.refers(x, y) || !(suffixed(x) || afterReference(a, ta[:i]) || beforeReference(a, ta[i+1:]) || m.listed(a, ta[i])) {
			return false
		}
	}
	return true
}

// refers tells whether the numbers in x became those in y: 6.4, 6.4–6.7, the L of
// Section L.
func (m *matching) refers(x, y string) bool {
	if utf8.RuneCountInString(x) == 1 && utf8.RuneCountInString(y) == 1 && firstRun(x)+firstRun(y) == "" {
		return m.became(strings.ToLower(x), strings.ToLower(y))
	}
	for x != "" && y != "" {
		p, q := firstRun(x), firstRun(y)
		if p != q && !m.became(strings.Trim(p, "."), strings.Trim(q, ".")) {
			return false
		}
		x, y = x[len(p):], y[len(q):]
		n := strings.IndexFunc(x, unicode.IsDigit)
		if n < 0 {
			break
		}
		if len(y) < n || x[:n] != y[:n] {
			return false
		}
		x, y = x[n:], y[n:]
	}
	return x == y
}

// became tells whether the clause numbered p is numbered q now.
func (m *matching) became(p, q string) bool {
	to, ok := m.numbers[p]
	return ok && to != "" && to == q
}

// suffixed tells whether a word says itself that its number is a clause's:
// "6.1-тармақ", "7-бап".
func suffixed(word string) bool {
	i := strings.LastIndexByte(word, '-')
	return i >= 0 && firstRun(word) != "" && begins(word[i+1:], suffixes...)
}

// beforeReference tells whether the tokens after a number end in one that says
// what they are: "6.1, 6.2 және 6.3-тармақтар".
func beforeReference(s string, after []token) bool {
	for i := 0; i < min(len(after), 16); i++ {
		w := strings.ToLower(s[after[i].start:after[i].end])
		switch {
		case suffixed(w) || begins(w, suffixes...):
			return true
		case firstRun(w) != "" || linking[w] || after[i].letters == 0 && !strings.ContainsAny(w, ".;!?\n"):
		default:
			return false
		}
	}
	return false
}

// afterReference tells whether the tokens before a number announce a clause:
// "clause ", "пунктами 6.1 и ", "§ ".
func afterReference(s string, before []token) bool {
	for i := len(before) - 1; i >= 0 && len(before)-i < 16; i-- {
		w := strings.ToLower(s[before[i].start:before[i].end])
		switch {
		case w == "." && i > 0 && firstRun(s[before[i-1].start:before[i-1].end]) != "":
			return false // the end of a sentence
		case w == "§" || w == "§§" || begins(w, referring...) || short[strings.ReplaceAll(w, ".", "")]:
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
// may stand between two such numbers; what follows it in Kazakh. Russian, English,
// German, French, Kazakh.
var (
	referring = []string{"пункт", "подпункт", "раздел", "подраздел", "стать", "част", "глав", "приложени", "абзац",
		"clause", "section", "article", "paragraph", "subsection", "chapter", "annex", "appendi", "schedule",
		"artikel", "absatz", "abschnitt", "alinéa", "chapitre", "titre"}
	suffixes = []string{"тарма", "бап", "баб", "бөлім", "бөліг", "тарау", "қосымша"}
	short    = map[string]bool{"п": true, "пп": true, "стст": true, "ст": true, "ч": true, "гл": true, "подп": true, "разд": true, "абз": true, "прил": true, "art": true, "arts": true, "sec": true, "secs": true, "para": true, "paras": true, "cl": true, "abs": true}
	linking  = map[string]bool{"и": true, "или": true, "по": true, "до": true, "and": true, "or": true, "to": true, "through": true, "und": true, "oder": true, "bis": true, "et": true, "ou": true, "à": true,
		"және": true, "мен": true, "бен": true, "пен": true, "немесе": true}
)
