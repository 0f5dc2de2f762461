package redline

import (
	"slices"
	"strings"
)

// finding is something of a text that may be material if it came or went. Equal
// keys of one kind mean the same, however it is written.
type finding struct {
	what, key  string
	start, end int // of the words that say it
	shown      int // end of the words that are shown
	weak       bool
	sentence   int32
}

// topic is what a sentence is about.
type topic byte

const (
	aboutRetention topic = 1 << iota
	aboutAge
	aboutAddress
	aboutPhone
)

var topics = map[string]topic{"retention": aboutRetention, "age": aboutAge, "address": aboutAddress, "phone": aboutPhone}

// facts collects what the words of a text say.
type facts struct {
	scanning
	isIn    bool // Kazakh
	found   []finding
	about   []topic // by sentence
	purpose []marker
	ref     int // the word behind the last number of a clause
}

// marker is a word that says that a purpose stands before it, or behind it.
type marker struct {
	at     int
	behind bool // it stands behind the purpose
}

// collect reads the facts of the words scanned.
func (f *facts) collect() {
	f.isIn, f.about, f.ref = f.isKazakh(), make([]topic, f.sentence+1), -1
	for i := 0; i < len(f.words); {
		i += max(1, f.at(i))
	}
}

// at reads what stands at word i and returns how many words it takes.
func (f *facts) at(i int) int {
	w := &f.words[i]
	if w.kind == wordAddress {
		f.add(finding{what: "contact", key: bareAddress(w.text)}, i, 1)
		return 1
	}
	if w.kind != wordLetters {
		if n := f.phone(i); n > 0 {
			return n
		}
		if n := f.number(i); n > 0 {
			return n
		}
	}
	p, n := hintWords.match(f.words[i:], f.isIn)
	if f.isIn {
		if end := hintWords.ending(w.text, p); end != nil {
			f.phrase(end, i, 1) // a verb with a negation
		}
	}
	if p == nil {
		return 1
	}
	return f.phrase(p, i, n)
}

// phrase takes what the word lists say of the n words from i on.
func (f *facts) phrase(p *pattern, i, n int) int {
	if p.group == "third" && f.titled(i) && f.titled(i+n) {
		return n // Third Party Applications
	}
	switch p.what {
	case "near":
		if p.group == "purpose" {
			f.purpose = append(f.purpose, marker{at: i})
		}
		f.about[f.words[i].sentence] |= topics[p.group]
	case "after":
		f.purpose = append(f.purpose, marker{i, true})
	case "firm":
		return f.firm(i, p.group)
	case "month":
		return f.monthFirst(i, p.group)
	case "currency":
		return f.moneyFirst(i, p.group)
	case "count":
		if m := f.counted(i, n, p.group); m > 0 {
			return m
		}
	case "skip", "unit", "adj", "scale", "percent", "joint", "ref":
	default:
		if p.what == "negation" && f.is(i+n, ".") && f.digits(i+n+1) {
			return n // No. 5
		}
		if p.what == "retention" {
			f.about[f.words[i].sentence] |= aboutRetention
		}
		f.add(finding{what: p.what, key: p.group, weak: p.weak}, i, n)
		if _, m := f.group(i+n, "negation"); p.what == "negation" || p.what == "modal" && m > 0 {
			f.showNext(i + n)
		}
	}
	return n
}

// titled tells whether word i is written as in a title.
func (f *facts) titled(i int) bool {
	return i < len(f.words) && f.words[i].kind == wordLetters && f.words[i].capital
}

// add records a finding of the n words from i on.
func (f *facts) add(x finding, i, n int) {
	x.start, x.end, x.sentence = int(f.words[i].start), int(f.words[i+n-1].end), f.words[i].sentence
	x.shown = x.end
	f.found = append(f.found, x)
}

// showNext shows word j behind the last finding too.
func (f *facts) showNext(j int) {
	x := &f.found[len(f.found)-1]
	if j < len(f.words) && f.words[j].kind == wordLetters && int(f.words[j].start)-x.end <= 2 && f.words[j].sentence == x.sentence {
		x.shown = int(f.words[j].end)
	}
}

func (f *facts) is(i int, text string) bool {
	return i >= 0 && i < len(f.words) && f.words[i].text == text
}

func (f *facts) digits(i int) bool {
	return i >= 0 && i < len(f.words) && f.words[i].kind == wordDigits
}

// group returns the group of the pattern of kind what at word i, and its length.
func (f *facts) group(i int, what string) (string, int) {
	if i < 0 || i >= len(f.words) {
		return "", 0
	}
	if p, n := hintWords.matchKind(f.words[i:], what); p != nil {
		return p.group, n
	}
	return "", 0
}

// firm reads the name of a party beside the form of its company: behind it in
// Russian, before it in the other languages, in quotes on either side.
func (f *facts) firm(i int, where string) int {
	from, to := i, i+1
	if where == "before" || f.is(to, "«") {
		to = f.name(to)
	}
	if to == i+1 && where == "after" {
		from = f.nameBefore(i)
	}
	if from == i && to == i+1 {
		return 1
	}
	for len(f.found) > 0 && f.found[len(f.found)-1].start >= int(f.words[from].start) {
		f.found = f.found[:len(f.found)-1] // part of the name
	}
	var key []string
	for _, w := range f.words[from:to] {
		if w.kind != wordSign {
			key = append(key, w.text)
		}
	}
	f.add(finding{what: "party", key: strings.Join(key, " ")}, from, to-from)
	return to - i
}

const nameWords = 8

// name returns the end of a name that begins at word i.
func (f *facts) name(i int) int {
	if i < len(f.words) && strings.Contains("«“\"„", f.words[i].text) {
		for j := i + 1; j < len(f.words) && j < i+nameWords; j++ {
			if strings.Contains("»”\"“", f.words[j].text) {
				return j + 1
			}
		}
	}
	j := i
	for j < len(f.words) && j < i+4 && f.words[j].kind == wordLetters && f.words[j].capital {
		j++
	}
	return j
}

// nameBefore returns the beginning of a name that ends before word i.
func (f *facts) nameBefore(i int) int {
	j := i
	if f.is(j-1, ",") {
		j--
	}
	if j > 0 && strings.Contains("»”\"", f.words[j-1].text) {
		for k := j - 2; k >= 0 && k > j-nameWords; k-- {
			if strings.Contains("«“\"„", f.words[k].text) {
				return k
			}
		}
		return i
	}
	k := j
	for k > 0 && k > j-4 && f.words[k-1].kind == wordLetters && f.words[k-1].capital && f.words[k-1].sentence == f.words[i].sentence {
		k--
	}
	if k == j {
		return i
	}
	return k
}

// phone reads a telephone number: nine to fifteen digits with a plus, brackets
// or hyphens.
func (f *facts) phone(i int) int {
	if !f.is(i, "+") && !f.is(i, "(") && !f.digits(i) {
		return 0
	}
	digits, signs, j := 0, 0, i
	var key strings.Builder
	for ; j < len(f.words) && j < i+14; j++ {
		w := &f.words[j]
		if j > i && w.start > f.words[j-1].end+2 {
			break
		}
		if w.kind == wordDigits && strings.Trim(w.text, "0123456789-") == "" {
			n := strings.Count(w.text, "-")
			digits, signs = digits+len(w.text)-n, signs+n
			key.WriteString(strings.ReplaceAll(w.text, "-", ""))
		} else if strings.Contains("+()-–", w.text) {
			signs++
		} else {
			break
		}
	}
	for j > i && f.words[j-1].kind == wordSign {
		j--
	}
	if digits < 9 || digits > 15 || signs == 0 {
		return 0
	}
	f.add(finding{what: "contact", key: key.String()}, i, j-i)
	return j - i
}

// bareAddress is an address without what does not lead elsewhere: of a URL the
// host, and the path where it names a legal text or a way to write to somebody.
func bareAddress(s string) string {
	s = strings.ToLower(s)
	for _, scheme := range []string{"mailto:", "tel:", "https://", "http://", "www."} {
		s = strings.TrimPrefix(s, scheme)
	}
	host, path, _ := strings.Cut(s, "/")
	if strings.Contains(host, "@") || path != "" && slices.ContainsFunc(legalPaths, func(word string) bool { return strings.Contains(path, word) }) {
		return strings.TrimSuffix(s, "/")
	}
	return host
}

var legalPaths = []string{"terms", "privacy", "policy", "policies", "legal", "licen", "agreement", "consent", "contact", "opt-out", "optout", "rules", "oferta", "soglas", "pravila"}
