package redline_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// hostile pairs are what makes a careless comparison quadratic or worse. Their
// size is in eighths of what the name says.
var hostile = []struct {
	name string
	make func(scale int) (old, new string)
}{
	{"unrelated 1 MB", func(n int) (string, string) { return soup(1, n<<20>>3, 4000, "а"), soup(2, n<<20>>3, 4000, "я") }},
	{"shuffled 1 MB", func(n int) (string, string) { return soup(1, n<<20>>3, 4000, ""), soup(2, n<<20>>3, 4000, "") }},
	{"one line in a hundred 1 MB", func(n int) (string, string) {
		s := soup(1, n<<20>>3, 4000, "")
		return s, edited(s, 100)
	}},
	{"50,000 equal lines and one", func(n int) (string, string) {
		s := strings.Repeat("The same line again.\n\n", n*6250)
		return s, s[:len(s)/2/22*22] + "A line more.\n\n" + s[len(s)/2/22*22:]
	}},
	{"50,000 equal lines, each tenth other", func(n int) (string, string) {
		s := strings.Repeat("The same line again.\n\n", n*6250)
		var b strings.Builder
		for i, line := range slices.Collect(strings.SplitAfterSeq(strings.TrimSuffix(s, "\n\n"), "\n\n")) {
			if i%10 == 3 {
				line = "The same line again, number " + fmt.Sprint(i) + ".\n\n"
			}
			b.WriteString(line)
		}
		return s, b.String()
	}},
	{"a language of two words", func(n int) (string, string) { return two(1, n*6250), two(2, n*6250) }},
	{"a language of two words, in paragraphs", func(n int) (string, string) {
		f := func(seed uint64) string {
			words := strings.Fields(two(seed, n*6250))
			var b strings.Builder
			for chunk := range slices.Chunk(words, 20) {
				b.WriteString(strings.Join(chunk, " ") + "\n\n")
			}
			return b.String()
		}
		return f(1), f(2)
	}},
	{"one line of 1 MB", func(n int) (string, string) {
		s := strings.ReplaceAll(soup(1, n<<20>>3, 4000, ""), "\n\n", " ")
		words := strings.Fields(s)
		for i := 50; i < len(words); i += 100 {
			words[i] = "changed"
		}
		return s + "\n", strings.Join(words, " ") + "\n"
	}},
	{"one unrelated line of 1 MB", func(n int) (string, string) {
		return strings.ReplaceAll(soup(1, n<<20>>3, 4000, ""), "\n\n", " ") + "\n", strings.ReplaceAll(soup(2, n<<20>>3, 4000, ""), "\n\n", " ") + "\n"
	}},
	{"5,000 table rows, each other", func(n int) (string, string) { return table("a", n*625), table("b", n*625) }},
	{"two different policies of 100 KB", func(n int) (string, string) { return policy(1, n*12_500), policy(2, n*12_500) }},
	{"10,000 clauses moved at random", func(n int) (string, string) {
		var a, b strings.Builder
		for i, k := range rand.New(rand.NewPCG(1, 7)).Perm(n * 1250) {
			fmt.Fprintf(&a, "%d. Clause about matter %d and what follows from it.\n\n", i+1, i)
			fmt.Fprintf(&b, "%d. Clause about matter %d and what follows from it.\n\n", i+1, k)
		}
		return a.String(), b.String()
	}},
	{"10,000 clauses renumbered", func(n int) (string, string) {
		f := func(by int) string {
			var b strings.Builder
			for i := range n * 1250 {
				fmt.Fprintf(&b, "%d.%d. Matter %d is as clause %d.%d says, and clauses 1.1 to %d.%d.\n\n", i/40+by, i%40+1, i, i/50+by, i%7+1, i/90+by, i%9+1)
			}
			return b.String()
		}
		return f(1), f(2)
	}},
	{"10,000 clauses reversed", func(n int) (string, string) {
		var a, b strings.Builder
		for i := range n * 1250 {
			fmt.Fprintf(&a, "%d. Clause about matter %d and what follows from it.\n\n", i+1, i)
			fmt.Fprintf(&b, "%d. Clause about matter %d and what follows from it.\n\n", i+1, n*1250-i)
		}
		return a.String(), b.String()
	}},
	{"10,000 clauses reworded", func(n int) (string, string) {
		var a, b strings.Builder
		for i := range n * 1250 {
			fmt.Fprintf(&a, "%d. Clause about the matter and what follows from it, case %d.\n\n", i+1, i%7)
			fmt.Fprintf(&b, "%d. Clause about this matter and all that follows from it, case %d.\n\n", i+1, i%11)
		}
		return a.String(), b.String()
	}},
	{"50,000 links in one paragraph, each elsewhere", func(n int) (string, string) {
		return "| x |\n|-|\n\n" + strings.Repeat("[a](b) ", n*6250) + "\n", "| x |\n|-|\n\n" + strings.Repeat("[a](c) ", n*6250) + "z\n"
	}},
	{"1 MB without a space", func(n int) (string, string) {
		return strings.Repeat("a,", n<<16) + "b\n", strings.Repeat("a,", n<<16) + "c\n"
	}},
	{"1 MB of brackets after a URL", func(n int) (string, string) {
		return "x http://a" + strings.Repeat(")", n<<17) + "b)\n", "y http://a" + strings.Repeat(").", n<<16) + "c)\n"
	}},
	{"1 MB of digits in threes", func(n int) (string, string) {
		return strings.Repeat("000 ", n<<15) + "000x\n", strings.Repeat("000 ", n<<15) + "000y\n"
	}},
	{"50,000 paragraphs of one clause, each a clause", func(n int) (string, string) {
		var a, b strings.Builder
		for i := range n * 6250 {
			fmt.Fprintf(&a, "Matter %d and what follows.\n\n", i)
			fmt.Fprintf(&b, "%d. Matter %d and what follows.\n\n", i+1, i)
		}
		return "1. The only one.\n\n" + a.String(), b.String()
	}},
	{"50,000 paragraphs replaced", func(n int) (string, string) {
		var a, b strings.Builder
		for i := range n * 6250 {
			fmt.Fprintf(&a, "Matter%d and what follows.\n\n", i)
			fmt.Fprintf(&b, "Andere%d ganz neu dazu.\n\n", i)
		}
		return a.String(), b.String()
	}},
	{"40,000 clauses below a heading of 1 MB", func(n int) (string, string) {
		f := func(by int) string {
			var b strings.Builder
			b.WriteString("# " + strings.ReplaceAll(soup(1, n<<20>>3, 4000, ""), "\n", " ") + "\n\n")
			for i := range n * 5000 {
				fmt.Fprintf(&b, "%d. x%d\n\n", i%900+1, i*by)
			}
			return b.String()
		}
		return f(1), f(3)
	}},
	{"8,000 headings, each other", func(n int) (string, string) {
		f := func(word string) string {
			var b strings.Builder
			for i := range n * 1000 {
				fmt.Fprintf(&b, "## %s %d %s\n\nbody%s%d\n\n", strings.Repeat(word+" ", 20), i, strings.Repeat("and so on ", 6), word, i)
			}
			return b.String()
		}
		return f("one"), f("two")
	}},
	{"500 unrelated headings of 8 kB", func(n int) (string, string) { return headings("one", n*62), headings("two", n*62) }},
	{"20,000 equal headings", func(n int) (string, string) {
		s := strings.Repeat("# The same heading\n\nWords.\n\n", n*2500)
		return s, s + "# The same heading\n\nOther words.\n"
	}},
	{"5,000 table rows in another order", func(n int) (string, string) {
		s := table("a", n*625)
		rows := strings.SplitAfter(strings.TrimSuffix(s, "\n"), "\n")
		slices.Reverse(rows[2:])
		return s, strings.Join(rows, "")
	}},
	{"5,000 table rows, one cell of each other", func(n int) (string, string) {
		s := table("a", n*625)
		return s, strings.ReplaceAll(s, "country of a", "city of a")
	}},
	{"10,000 marks in one paragraph", func(n int) (string, string) {
		f := func(mark, to string) string {
			return "# m\n\n" + strings.Repeat(mark+"bold"+mark+" and [words]("+to+") ", n*625) + ".\n"
		}
		return f("**", "/a"), f("*", "/b")
	}},
	{"10,000 items moved at random", func(n int) (string, string) {
		var a, b strings.Builder
		for i, k := range rand.New(rand.NewPCG(1, 7)).Perm(n * 1250) {
			fmt.Fprintf(&a, "- item about matter %d of those that we list here\n", i)
			fmt.Fprintf(&b, "- item about matter %d of these that we list here\n", k)
		}
		return "# l\n\n" + a.String(), "# l\n\n" + b.String()
	}},
	{"nested lists and quotes", func(n int) (string, string) {
		f := func(word string) string {
			var b strings.Builder
			b.WriteString("# n\n\n")
			for i := range n * 250 {
				d := i % 20
				fmt.Fprintf(&b, "%s- %s %d\n", strings.Repeat("  ", d), word, i)
				if d == 19 {
					fmt.Fprintf(&b, "\n%s%s quoted %d\n\n", strings.Repeat("> ", 20), word, i)
				}
			}
			return b.String()
		}
		return f("item"), f("point")
	}},
	{"50,000 short lines, other ones", func(n int) (string, string) { return short(1, n*6250), short(2, n*6250) }},
	{"100,000 elements opened and none closed", func(n int) (string, string) {
		words := strings.ReplaceAll(soup(1, n<<19>>3, 4000, ""), "\n", " ")
		return "# a\n\n<div>\n" + strings.Repeat("<b>", n*12_500) + words + "\n</div>\n", "# a\n\n<div>\n" + words + "\n</div>\n"
	}},
	{"long split", func(n int) (string, string) {
		s := strings.Fields(soup(1, n*25_000, 4000, ""))
		return strings.Join(s, " ") + "\n", strings.Join(s, "\n\n") + "\n"
	}},
}

// policy is a text of numbered clauses in sections, from a small vocabulary.
func policy(seed uint64, size int) string {
	r := rand.New(rand.NewPCG(seed, 9))
	var b strings.Builder
	for section := 1; b.Len() < size; section++ {
		fmt.Fprintf(&b, "%d. Section %d\n\n", section, r.IntN(300))
		for clause := range 3 + r.IntN(9) {
			fmt.Fprintf(&b, "%d.%d. The", section, clause+1)
			for range 8 + r.IntN(60) {
				fmt.Fprintf(&b, " %s%d", []string{"data", "user", "company", "right", "term"}[r.IntN(5)], r.IntN(60))
			}
			b.WriteString(".\n\n")
		}
	}
	return b.String()
}

func headings(word string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("## ")
		for k := range 800 {
			fmt.Fprintf(&b, "%s%d ", word, i*31+k*k%977)
		}
		b.WriteString("\n\n")
	}
	return b.String()
}

// short is n paragraphs of a word or two from a hundred.
func short(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "word%d other%d\n\n", r.IntN(100), r.IntN(30))
	}
	return b.String()
}

// soup is about size bytes of random words in paragraphs.
func soup(seed uint64, size, vocabulary int, mark string) string {
	r := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	for n := 1; b.Len() < size; n++ {
		fmt.Fprintf(&b, "w%s%x", mark, r.IntN(vocabulary)*7919)
		if n%60 == 0 {
			b.WriteString("\n\n")
		} else {
			b.WriteByte(' ')
		}
	}
	return strings.TrimSpace(b.String()) + "\n"
}

func two(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 7))
	words := make([]string, n)
	for i := range words {
		words[i] = []string{"да", "нет"}[r.IntN(2)]
	}
	return strings.Join(words, " ") + "\n"
}

// edited changes each nth line.
func edited(s string, n int) string {
	lines := strings.SplitAfter(s, "\n")
	for i := range lines {
		if i%n == 0 {
			lines[i] = "now " + lines[i]
		}
	}
	return strings.Join(lines, "")
}

func table(mark string, rows int) string {
	var b strings.Builder
	b.WriteString("| id | name | place |\n| --- | --- | --- |\n")
	for i := range rows {
		fmt.Fprintf(&b, "| %d | company %s%d | country of %s |\n", i, mark, i*31, mark)
	}
	return b.String()
}

func texts(t testing.TB, a, b string) (old, new *markdown.Text) {
	if strings.HasPrefix(a, "|") || strings.HasPrefix(a, "#") {
		return parse(t, a), parse(t, b)
	}
	return plain(a), plain(b)
}

// slower is how much more a hostile pair may cost than ordinary texts of its size,
// a tenth of whose lines changed, in the same run. The worst cost 13 times as much
// when this was written, and 50 times while seven other programs ran; a cost that
// grows with the square is thousands.
const slower = 1000

// slowness is how much more it costs to compare old with new than ordinary words of
// so many bytes. What seems slow is tried again, so that what else the machine does
// counts little.
func slowness(old, new *markdown.Text, size int) float64 {
	policy := soup(1, max(size, 1<<16), 500, "")
	a, b := plain(policy), plain(edited(policy, 10))
	least := math.Inf(1)
	for tries := 0; tries < 3 && least > slower; tries++ {
		least = min(least, float64(cost(old, new))/float64(cost(a, b)))
	}
	return least
}

func cost(old, new *markdown.Text) time.Duration {
	start := time.Now()
	redline.Compare(old, new)
	return time.Since(start)
}

// TestHostile checks the rules at an eighth of the size, and the cost at half of it.
func TestHostile(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			a, b := c.make(1)
			old, new := texts(t, a, b)
			check(t, old, new)
			if brief() {
				return
			}
			a, b = c.make(4)
			old, new = texts(t, a, b)
			times := slowness(old, new, len(a))
			t.Logf("%.1f times the cost of ordinary words", times)
			if times > slower {
				t.Errorf("%.0f times the cost of ordinary words of that size", times)
			}
		})
	}
}

// BenchmarkHostile says what one comparison takes, parsing apart: seconds, what it
// allocates in all, and the most that the heap held beyond the two texts.
func BenchmarkHostile(b *testing.B) {
	for _, c := range hostile {
		b.Run(strings.ReplaceAll(c.name, " ", "_"), func(b *testing.B) {
			x, y := c.make(8)
			start := time.Now()
			old, new := texts(b, x, y)
			parsing := time.Since(start)
			b.ReportAllocs()
			top := peak(b)
			for b.Loop() {
				redline.Compare(old, new)
			}
			b.ReportMetric(top(), "MB-peak")
			b.ReportMetric(parsing.Seconds(), "s-parsing")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/op")
		})
	}
}

// peak watches the heap until it is asked for the greatest growth in MB.
func peak(b *testing.B) func() float64 {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() uint64 {
		metrics.Read(heap)
		return heap[0].Value.Uint64()
	}
	runtime.GC()
	before, top := read(), uint64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			top = max(top, read())
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() float64 {
		close(stop)
		<-done
		return float64(max(top, before)-before) / 1e6
	}
}
