package markdown

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// title is the heading without its number, or the first words of the clause. It
// names the clause wherever that is spoken of, so it has an end.
func title(b Block) string {
	text := strings.TrimLeft(b.Text[len(b.Number):], " \u00a0")
	if b.Number != "" {
		text = strings.TrimLeft(strings.TrimPrefix(text, "- "), "—–: \u00a0")
	}
	if b.Kind == Heading {
		return cut(strings.ReplaceAll(text, "\n", " "), headingLength)
	}
	text, _, _ = strings.Cut(text, "\n")
	return cut(text, titleLength)
}

// cut shortens text to that many characters, at the end of a word if there is one.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	short := string([]rune(text[:min(len(text), most*utf8.UTFMax)])[:most])
	if at := strings.LastIndexByte(short, ' '); at > len(short)/2 {
		short = short[:at]
	}
	return strings.TrimRight(short, " ,;:–—-") + "…"
}

// anchors gives each number that is unique its own anchor, others one behind
// their parent's; later duplicates get none.
func (o *outliner) anchors() {
	count := map[string]int{}
	for _, c := range o.clauses {
		count[slug(c.Number)]++
	}
	used := map[string]bool{}
	for i := range o.clauses {
		c := &o.clauses[i]
		s := slug(c.Number)
		if s == "" {
			continue
		}
		a := "p" + s
		if count[s] > 1 {
			if around, ok := o.around(i); ok {
				a = around + "-" + strings.TrimPrefix(s, "-")
			}
		}
		if used[a] || a[0] == '-' || len(a) > 64 {
			continue
		}
		used[a] = true
		c.Anchor = a
	}
}

// around is the anchor of the nearest numbered clause around i. ok is false if
// there is none.
func (o *outliner) around(i int) (string, bool) {
	for p := o.clauses[i].Parent; p >= 0; p = o.clauses[p].Parent {
		if o.clauses[p].Number != "" {
			return o.clauses[p].Anchor, true
		}
	}
	return "", false
}

// slug is a number in ASCII: 6.1, a, -s-5, -statya-7.
func slug(n string) string {
	num, _, ok := scan(n + " x")
	if n == "" {
		return ""
	}
	if !ok {
		return strings.Trim(n, ".)")
	}
	letters := strings.Trim(n, "().")
	if rank(&num) < plainRank {
		digits := strings.IndexFunc(n, unicode.IsDigit)
		end := strings.LastIndexFunc(n, func(r rune) bool { return r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || unicode.IsDigit(r)) })
		if num.style == "bap" || num.style == "tarmaq" {
			end = strings.IndexByte(n, '-') - 1
		}
		return "-" + num.style + "-" + n[digits:end+1]
	}
	if letters != "" && letters[0] >= utf8.RuneSelf {
		return latin(letters)
	}
	return letters
}

// latin spells a Cyrillic letter in ASCII.
func latin(s string) string {
	const from = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
	to := strings.Fields("a ae b v g gh d e yo zh z i j k q l m n ng o oe p r s t u uu ue f x h c ch sh shh qq y ii qj eh yu ya")
	lower := []rune(strings.ToLower(s))
	for i, r := range []rune(from) {
		if len(lower) > 0 && r == lower[0] {
			return to[i]
		}
	}
	return ""
}

// OutlineJSON is the outline in the form that DESIGN section 10 fixes. A lone
// file has no permanent ids.
func (t *Text) OutlineJSON() ([]byte, error) {
	type entry struct {
		ID     *string `json:"id"`
		Number *string `json:"number"`
		Title  string  `json:"title"`
		Level  int     `json:"level"`
		Lines  [2]int  `json:"lines"`
	}
	out := make([]entry, len(t.Clauses))
	for i, c := range t.Clauses {
		out[i] = entry{Title: c.Title, Level: c.Level, Lines: [2]int{c.First, c.Last}}
		if c.Number != "" {
			out[i].Number = &c.Number
		}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(out)
	return []byte(b.String()), err
}
