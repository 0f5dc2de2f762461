package redline

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed hints
var hintFiles embed.FS

var hintWords = mustReadWordlist(hintFiles, "hints/words")

// pattern is a phrase of the word lists: words, stems (ending in *), or one
// ending (beginning with *).
type pattern struct {
	what, group string
	weak        bool // counts only beside another of its kind
	russian     bool // one of the short words that mean something else in Kazakh
	words       []string
	stems       []bool // of words
}

// wordlist finds patterns by the first two letters of their first word.
type wordlist struct {
	byHead  [1 << 12][]*pattern // longest first
	endings []*pattern
}

// mustReadWordlist reads lines "what group: pattern, pattern"; en.txt explains them.
func mustReadWordlist(files fs.FS, dir string) *wordlist {
	l := &wordlist{}
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		b, err := fs.ReadFile(files, dir+"/"+e.Name())
		if err != nil {
			panic(err)
		}
		for line := range strings.Lines(string(b)) {
			l.add(line, e.Name() == "ru.txt")
		}
	}
	for _, of := range l.byHead {
		slices.SortStableFunc(of, func(x, y *pattern) int { return y.weight() - x.weight() })
	}
	return l
}

func (l *wordlist) add(line string, russian bool) {
	what, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
	if !ok || strings.HasPrefix(line, "#") {
		return
	}
	what, group, _ := strings.Cut(what, " ")
	for phrase := range strings.SplitSeq(list, ", ") {
		p := &pattern{what: strings.TrimSuffix(what, "~"), group: group, weak: strings.HasSuffix(what, "~"), words: strings.Fields(phrase)}
		p.russian = russian && !strings.Contains(phrase, "*")
		if strings.HasPrefix(phrase, "*") {
			p.words[0] = phrase[1:]
			l.endings = append(l.endings, p)
			continue
		}
		p.stems = make([]bool, len(p.words))
		for i, w := range p.words {
			p.words[i], p.stems[i] = strings.CutSuffix(w, "*")
		}
		h := head(p.words[0])
		l.byHead[h] = append(l.byHead[h], p)
	}
}

// weight orders patterns: more words first, then longer ones.
func (p *pattern) weight() int { return 1000*len(p.words) + len(strings.Join(p.words, "")) }

// head is where the patterns stand whose first word begins with the same two
// letters as word; others may stand there too.
func head(word string) int {
	a, n := utf8.DecodeRuneInString(word)
	b, m := utf8.DecodeRuneInString(word[n:])
	if m == 0 {
		b = 0
	}
	return int(a*67+b) & (1<<12 - 1)
}

// match finds the pattern that words begin with and how many words it takes.
func (l *wordlist) match(words []term, kazakh bool) (*pattern, int) {
	for _, p := range l.byHead[head(words[0].text)] {
		if !(p.russian && kazakh) && p.fits(words) {
			return p, len(p.words)
		}
	}
	return nil, 0
}

// ending finds the pattern that a word of more than six letters ends in, unless p,
// which the word matches, lists it whole.
func (l *wordlist) ending(word string, p *pattern) *pattern {
	if len(word) <= 12 || p != nil && !p.stems[0] {
		return nil
	}
	for _, p := range l.endings {
		if strings.HasSuffix(word, p.words[0]) {
			return p
		}
	}
	return nil
}

// matchKind finds a pattern of one kind that words begin with.
func (l *wordlist) matchKind(words []term, what string) (*pattern, int) {
	for _, p := range l.byHead[head(words[0].text)] {
		if p.what == what && p.fits(words) {
			return p, len(p.words)
		}
	}
	return nil, 0
}

func (p *pattern) fits(words []term) bool {
	if len(p.words) > len(words) {
		return false
	}
	for i, want := range p.words {
		if got := words[i].text; got != want && !(p.stems[i] && strings.HasPrefix(got, want)) {
			return false
		}
	}
	switch p.what {
	case "country":
		return words[0].capital && (words[0].upper || utf8.RuneCountInString(words[0].text) > 3) || p.group == "abroad"
	case "firm":
		return words[0].capital
	}
	return true
}
