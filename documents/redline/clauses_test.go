package redline_test

import (
	"strings"
	"testing"

	"vestnik/documents/redline"
)

// continued spells which clause continues as which: "6.1.>6.2.", with a question
// mark where it is a guess, and only what changed its number or is a guess.
func continued(t testing.TB, old, new string) string {
	a, b := parse(t, old), parse(t, new)
	if f := clauseFault(a, b); f != "" {
		t.Error(f)
	}
	var out []string
	for _, p := range redline.Clauses(a, b) {
		s := a.Clauses[p.Old].Number + ">" + b.Clauses[p.New].Number
		if p.Doubtful {
			s += "?"
		}
		if p.Doubtful || a.Clauses[p.Old].Number != b.Clauses[p.New].Number {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

func TestClauses(t *testing.T) {
	const base = "1. General rules\n\n1.1. The company keeps personal data safe from everybody else.\n\n1.2. The user may ask for a copy of them at any time.\n\n2. Rights of users\n\n2.1. Cookies help the pages to know you again.\n\n2.2. Mail is sent to those who asked for it.\n"
	for _, c := range []struct{ name, new, want string }{
		{"equal", base, ""},
		{"inserted", strings.NewReplacer("\n1.2. ", "\n1.2. Nobody sells anything to anyone here.\n\n1.3. ").Replace(base), "1.2.>1.3."},
		{"reworded", strings.Replace(base, "keeps personal data safe from everybody", "holds personal data safe from anybody", 1), ""},
		{"moved below another section", strings.NewReplacer("1.2. The user may ask for a copy of them at any time.\n\n", "", "2.2. Mail", "2.2. The user may ask for a copy of them at any time.\n\n2.3. Mail").Replace(base), "1.2.>2.2. 2.2.>2.3."},
		{"section renumbered and renamed", strings.NewReplacer("2. Rights", "3. Claims", "2.1.", "3.1.", "2.2.", "3.2.", "\n2. ", "\n3. ").Replace(base), "2.>3. 2.1.>3.1. 2.2.>3.2."},
		{"swapped", strings.NewReplacer("1.1. The company keeps personal data safe from everybody else.", "1.1. The user may ask for a copy of them at any time.", "1.2. The user may ask for a copy of them at any time.", "1.2. The company keeps personal data safe from everybody else.").Replace(base), "1.1.>1.2. 1.2.>1.1."},
		{"replaced outright", strings.Replace(base, "Cookies help the pages to know you again.", "Children below fourteen need a guardian's consent.", 1), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := continued(t, base, c.new); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestClausesOfCorpus: lettered sections that moved up by one keep their titles.
func TestClausesOfCorpus(t *testing.T) {
	a, b := corpusText(t, "gh-terms-of-service/0009.md"), corpusText(t, "gh-terms-of-service/0010.md")
	is := map[string]string{}
	for _, p := range redline.Clauses(a, b) {
		if c := a.Clauses[p.Old]; c.Level <= 3 && !p.Doubtful {
			is[c.Number] = b.Clauses[p.New].Number
		}
	}
	for old, new := range map[string]string{"A.": "A.", "H.": "H.", "L.": "K.", "M.": "L.", "N.": "M.", "O.": "N.", "P.": "O.", "Q.": "P.", "R.": "Q.", "S.": "R."} {
		if is[old] != new {
			t.Errorf("%s continues as %q, want %s", old, is[old], new)
		}
	}
}
