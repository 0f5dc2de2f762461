package redline_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vestnik/documents/redline"
)

// long is a text of n clauses, of which every tenth has another word.
func long(n int, word string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d. The company keeps the data of kind %d for some time.\n\n", i+1, i)
		if i%10 == 9 {
			fmt.Fprintf(&b, "The term of kind %d is %s days after the contract ends.\n\n", i, word)
		}
	}
	return b.String()
}

func folded(r *redline.Redline, most int, open ...int) string {
	return r.Folded("en", redline.Folding{Most: most, Open: func(n int) bool { return slices.Contains(open, n) },
		Href: func(n int) string { return fmt.Sprint("?unfold=", n, "&x") }})
}

var pieceID = regexp.MustCompile(`id="piece-(\d+)"`)

// Every piece can be had alone, and stands then where it is missing, whichever
// others are open.
func TestPieces(t *testing.T) {
	r := redline.Compare(parse(t, long(60, "thirty")), parse(t, long(60, "forty")))
	for _, most := range []int{1 << 20, 1000} {
		closed := folded(r, most)
		var numbers []int
		for _, m := range pieceID.FindAllStringSubmatch(closed, -1) {
			n, _ := strconv.Atoi(m[1])
			numbers = append(numbers, n)
		}
		if len(numbers) < 6 || strings.Contains(closed, "kind 3 for") || strings.Contains(closed, "<details") {
			t.Fatalf("%d pieces: %s", len(numbers), closed)
		}
		if (strings.Count(closed, "forty") < 6) != (most == 1000) || strings.Count(closed, "rl-head") != 6 {
			t.Errorf("%d bytes at most hold %d changes under %d headings", most, strings.Count(closed, "forty"), strings.Count(closed, "rl-head"))
		}
		for i, n := range numbers {
			alone, ok := r.Piece("en", n, most)
			if !ok || strings.Contains(closed, alone) {
				t.Fatalf("piece %d stands on the page: %q", n, alone)
			}
			if open := folded(r, most, numbers[:i+1]...); !strings.Contains(open, alone) || !slices.Equal(pieceID.FindAllString(open, -1), pieceID.FindAllString(closed, -1)) {
				t.Fatalf("piece %d does not stand where it was asked for", n)
			}
		}
		if _, ok := r.Piece("en", 1000, most); ok {
			t.Error("there is a piece 1000")
		}
		if all := folded(r, most, numbers...); len(missing(r, regexp.MustCompile(`<[^>]*>`).ReplaceAllString(all, ""))) > 0 {
			t.Error("with all pieces open, words are missing")
		}
	}
	if a, ok := r.Piece("en", 0, 1000); ok {
		t.Errorf("piece 0 is %q", a)
	}
	if got := folded(r, 1000); !strings.Contains(got, "&amp;x\" rel=") {
		t.Error("addresses are not escaped")
	}
}

// Rows that moved together are told of in one line.
func TestMovedTogether(t *testing.T) {
	var rows []string
	for _, w := range strings.Fields("apple bread cheese dates eggs figs") {
		rows = append(rows, "| "+w+" of the best kind | stays for a year in the "+w+" store |")
	}
	table := func(rows []string, last string) string {
		return "# Terms\n\nThe kinds of goods are these.\n\n| Kind | Term |\n|---|---|\n" + strings.Join(rows, "\n") + "\n| zest " + last + " | none |\n"
	}
	moved := append(slices.Clone(rows[4:]), rows[:4]...)
	got := redline.Compare(parse(t, table(rows, "of today")), parse(t, table(moved, "of tomorrow"))).HTML("en")
	if !strings.Contains(got, "2 rows moved here, in the same order") || strings.Contains(got, ">Moved<") {
		t.Error(got)
	}
}

func TestHeadingsOfPage(t *testing.T) {
	for _, to := range []string{after, long(60, "x"), before} {
		r := redline.Compare(parse(t, before), parse(t, to))
		got := r.HTML("en")
		heads := r.Headings("en")
		if len(heads) != strings.Count(got, `id="change-`) {
			t.Errorf("%d headings for %s", len(heads), got)
		}
		for _, h := range heads {
			if !strings.Contains(got, `rl-`+string(h.Kind)) || !strings.Contains(got, `id="`+h.ID+`"`) {
				t.Errorf("no section %+v", h)
			}
		}
	}
}
