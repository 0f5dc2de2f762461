package redline

import (
	"embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vestnik/documents/lang"
)

//go:embed details/*.json
var detailFiles embed.FS

var detailWords = lang.MustLoad(detailFiles, "details")

// Say says d in one sentence without a full stop, in the language nearest to tag.
// The values of the text in it are as they are: escape them.
func (d Detail) Say(tag string) string {
	w := detailWords.In(tag)
	what, old, new := d.What, d.Old, d.New
	switch d.What {
	case "table":
		what, old, new = tableValues(w, old, new)
	case "code":
		if old == "" || new == "" {
			what, old, new = "list", codeBlock(w, old), codeBlock(w, new)
			break
		}
		old, new = codeLanguage(w, old), codeLanguage(w, new)
	case "list":
		old, new = containersIn(w, old), containersIn(w, new)
	case "emphasis":
		old, new = emphasised(w, old), emphasised(w, new)
	case "character":
		if digital(old) && digital(new) {
			what = "digit_of"
		}
		old, new = characterIn(w, old), characterIn(w, new)
	}
	switch {
	case old == "" && w.Has(what+"_new"):
		what += "_new"
	case new == "" && w.Has(what+"_gone"):
		what += "_gone"
	}
	return w.T(what, "old", isolate(old), "new", isolate(new))
}

// termIn is a term in the language of w, or the term itself.
func termIn(w lang.Words, term string) string {
	key := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(term))
	if w.Has(key) {
		return w.T(key)
	}
	return term
}

func tableValues(w lang.Words, old, new string) (what, a, b string) {
	head, was, ok := strings.Cut(old, ": ")
	_, is, _ := strings.Cut(new, ": ")
	switch {
	case !ok:
		return "list", termIn(w, old), termIn(w, new)
	case head == "alignment":
		was, is = alignmentIn(w, was, is), alignmentIn(w, is, was)
	}
	return "table_" + head, was, is
}

// alignmentIn says how the columns are aligned that are aligned otherwise in the
// other text.
func alignmentIn(w lang.Words, list, other string) string {
	of, than := strings.Split(list, ", "), strings.Split(other, ", ")
	if uniform(of) && uniform(than) {
		return termIn(w, of[0])
	}
	var out []string
	for i, t := range of {
		if i < len(than) && t != than[i] {
			out = append(out, w.T("column", "n", i+1, "term", termIn(w, t)))
		}
	}
	return strings.Join(out, ", ")
}

func uniform(of []string) bool { return len(slices.Compact(slices.Clone(of))) == 1 }

func codeBlock(w lang.Words, value string) string {
	if value == "" {
		return ""
	}
	_, language, _ := strings.Cut(value, ": ")
	return strings.TrimSpace(w.T("code_block") + " " + language)
}

func codeLanguage(w lang.Words, value string) string {
	if _, language, ok := strings.Cut(value, ": "); ok {
		return language
	}
	return w.T("unstated")
}

func containersIn(w lang.Words, value string) string {
	if value == "" {
		return ""
	}
	of := strings.Split(value, ", ")
	for i, c := range of {
		name, n, counted := strings.Cut(c, " ")
		switch {
		case counted && name == "numbered":
			of[i] = w.T("numbered_from", "n", n)
		case counted && name == "heading":
			of[i] = w.T("heading_of", "n", n)
		case c == "footnote":
			of[i] = w.T("footnote_text")
		case c == "code":
			of[i] = w.T("code_block")
		default:
			of[i] = termIn(w, c)
		}
	}
	return strings.Join(of, " → ")
}

func emphasised(w lang.Words, value string) string {
	term, words, ok := strings.Cut(value, ": ")
	if !ok {
		return value
	}
	if term == "code" {
		term = "code term"
	}
	return w.T("emphasised", "term", termIn(w, term), "words", words)
}

func digital(value string) bool {
	r, _ := utf8.DecodeRuneInString(value)
	return unicode.IsDigit(r)
}

// characterIn spells the name that a character has: the words before the code
// point, in brackets or before them.
func characterIn(w lang.Words, value string) string {
	head, code, ok := strings.Cut(value, "U+")
	sign, name, named := strings.Cut(head, " (")
	switch {
	case !ok || !named:
		return value
	case name != "": // а (Cyrillic, U+0430)
		return sign + " (" + termIn(w, strings.TrimSuffix(name, ", ")) + ", U+" + code
	case len(sign) > 4: // zero-width space (U+200B)
		return termIn(w, sign) + " (U+" + code
	}
	return value
}
