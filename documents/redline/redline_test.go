package redline_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

var numbered = regexp.MustCompile(`^(\d+(?:\.\d+)*[.)])\s`)

// plain makes a text by hand whose blocks are paragraphs; a paragraph that
// begins with a number begins a clause.
func plain(source string) *markdown.Text {
	t := &markdown.Text{Source: []byte(source)}
	line, clause := 1, -1
	lines := strings.Split(strings.TrimSuffix(source, "\n"), "\n")
	t.Lines = len(lines)
	for line <= len(lines) {
		if strings.TrimSpace(lines[line-1]) == "" {
			line++
			continue
		}
		b := markdown.Block{Kind: markdown.Paragraph, First: line}
		for line <= len(lines) && strings.TrimSpace(lines[line-1]) != "" {
			line++
		}
		b.Last = line - 1
		b.Text = strings.Join(strings.Fields(strings.Join(lines[b.First-1:b.Last], " ")), " ")
		if n := numbered.FindStringSubmatch(b.Text); n != nil {
			b.Number = n[1]
			clause++
			t.Clauses = append(t.Clauses, markdown.Clause{Number: n[1], Title: firstWords(b.Text), Level: 1, Parent: -1, First: b.First})
		}
		b.Clause = clause
		if clause >= 0 {
			t.Clauses[clause].Last = b.Last
		}
		t.Blocks = append(t.Blocks, b)
	}
	return t
}

func firstWords(s string) string {
	words := strings.Fields(s)
	return strings.Join(words[:min(6, len(words))], " ")
}

// kinds lists what is not same: kind, flags and clauses.
func kinds(r *redline.Redline) string {
	var out []string
	for _, e := range r.Changes {
		if e.Kind == redline.Same {
			continue
		}
		s := string(e.Kind)
		for i, set := range []bool{e.Moved, e.Renum, e.Reform, e.Split > 0, e.Joined > 0} {
			if set {
				s += []string{"+moved", "+renumbered", "+reformatted", "+split", "+joined"}[i]
			}
		}
		for _, c := range []*string{e.OldClause, e.NewClause} {
			if c != nil {
				s += " " + *c
			} else {
				s += " -"
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestKinds(t *testing.T) {
	const base = "Intro words for everybody who reads.\n\n1. The company keeps personal data safe.\n\n2. The user may ask for a copy at any time.\n\n3. Cookies help the pages, see clause 2 of this policy.\n"
	for _, c := range []struct{ name, new, want string }{
		{"equal", base, ""},
		{"no last line end", strings.TrimSuffix(base, "\n"), ""},
		{"blank lines only", strings.ReplaceAll(base, "\n\n", "\n\n\n"), ""},
		{"one word", strings.Replace(base, "safe", "secure", 1), "changed 1. 1."},
		{"wrapped", strings.Replace(base, "may ask", "may\nask", 1), "reformatted 2. 2."},
		{"added", strings.Replace(base, "2. The", "Some wholly other words stand in here.\n\n2. The", 1), "added - 1."},
		{"removed", strings.Replace(base, "1. The company keeps personal data safe.\n\n", "", 1), "removed 1. -"},
		{"inserted clause", strings.NewReplacer("\n2. ", "\n2. Mail goes to subscribers only.\n\n3. ", "\n3. Cookies", "\n4. Cookies", "clause 2 ", "clause 3 ").Replace(base),
			"added - 2.; renumbered 2. 3.; renumbered 3. 4."},
		{"moved", "Intro words for everybody who reads.\n\n3. Cookies help the pages, see clause 2 of this policy.\n\n1. The company keeps personal data safe.\n\n2. The user may ask for a copy at any time.\n", "moved 3. 3."},
		{"split", strings.Replace(base, "for a copy", "\n\nfor a copy", 1), "changed+split 2. 2."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := check(t, plain(base), plain(c.new))
			if got := kinds(r); got != c.want {
				t.Errorf("got  %s\nwant %s\n%s", got, c.want, r.JSON())
			}
		})
	}
}

func TestJSONIsThatOfTheWhole(t *testing.T) {
	for _, s := range [][2]string{{"# A <b>\n\n1. One & two\n", "# A\n\n1. One & <i>three</i>\n\nMore\n"}, {"", ""}} {
		r := redline.Compare(plain(s[0]), plain(s[1]))
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(r); err != nil || want.String() != string(r.JSON()) {
			t.Errorf("%v: got %s\nwant %s", err, r.JSON(), want.String())
		}
	}
}
