package redline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vestnik/documents/redline"
)

// seed is the policy that the project was made for.
func seed(t testing.TB) string {
	files, _ := filepath.Glob(filepath.Join(corpusDir(t), "..", "seeds", "*.txt"))
	if len(files) == 0 {
		t.Skip("there is no seed beside the corpus")
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSeed amends clauses 2.8 and 6.1 and finds these two and nothing else.
func TestSeed(t *testing.T) {
	old := seed(t)
	new := strings.Replace(old, "называемые cookies", "называемые файлами cookie", 1)
	new = strings.Replace(new, "на вашу почту или разместив", "на вашу почту и разместив", 1)
	r := check(t, parse(t, old), parse(t, new))
	if got, want := kinds(r), "changed 2.8. 2.8.; changed 6.1. 6.1."; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if e := differing(r)[1]; spansOf(e, "removed") != "или" || spansOf(e, "added") != "и" {
		t.Errorf("6.1. says %v", e.Spans)
	}
}

// TestSeedRenumbered puts a clause before 6.1. and joins what a line end had
// parted in 2.8.
func TestSeedRenumbered(t *testing.T) {
	old := seed(t)
	new := strings.NewReplacer("\n6.1. ", "\n6.1. Компания назначает ответственное лицо.\n\n6.2. ", "\n6.2. ", "\n6.3. ", "\n6.3. ", "\n6.4. ",
		"связанных\n\nфункций", "связанных функций").Replace(old)
	r := check(t, parse(t, old), parse(t, new))
	want := "changed+joined 2.8. 2.8.; added - 6.1.; renumbered 6.1. 6.2.; renumbered 6.2. 6.3.; renumbered 6.3. 6.4."
	if got := kinds(r); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestSeedClauses(t *testing.T) {
	source := seed(t)
	old := parse(t, source)
	new := parse(t, strings.NewReplacer("\n6.1. ", "\n6.1. Компания назначает ответственное лицо.\n\n6.2. ", "\n6.2. ", "\n6.3. ", "\n6.3. ", "\n6.4. ").Replace(source))
	pairs := redline.Clauses(old, new)
	if len(pairs) != len(old.Clauses) {
		t.Fatalf("%d pairs of %d clauses", len(pairs), len(old.Clauses))
	}
	for _, p := range pairs {
		a, b := old.Clauses[p.Old].Number, new.Clauses[p.New].Number
		if map[string]string{"6.1.": "6.2.", "6.2.": "6.3.", "6.3.": "6.4."}[a] != b && a != b || p.Doubtful {
			t.Errorf("%s continues as %s, doubtful %v", a, b, p.Doubtful)
		}
	}
}
