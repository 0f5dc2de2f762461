package redline_test

import (
	"fmt"
	"strings"
	"testing"

	"vestnik/documents/redline"
)

// TestManyDetails: thousands of marks cost no more than words do, within measure, and
// make no output beyond all measure.
func TestManyDetails(t *testing.T) {
	each := func(n int, one func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(one(i))
		}
		return b.String()
	}
	far := "https://example.kz/" + strings.Repeat("x", 2000)
	for name, c := range map[string][2]string{
		"emphasis otherwise": {each(20_000, func(i int) string { return fmt.Sprintf("word%d **bold%d** ", i, i) }), each(20_000, func(i int) string { return fmt.Sprintf("word%d *bold%d* ", i, i) })},
		"emphasis gone":      {each(20_000, func(i int) string { return fmt.Sprintf("word%d **bold%d** ", i, i) }), each(20_000, func(i int) string { return fmt.Sprintf("word%d bold%d ", i, i) })},
		"nested emphasis":    {strings.Repeat("*a **b ", 5_000) + strings.Repeat("** *", 5_000), strings.Repeat("*a b ", 5_000) + strings.Repeat("*", 5_000)},
		"addresses": {each(5_000, func(i int) string { return fmt.Sprintf("[w%d][a%d]\n\n", i, i%50) }) + each(50, func(i int) string { return fmt.Sprintf("[a%d]: %s/%d\n", i, far, i) }),
			each(5_000, func(i int) string { return fmt.Sprintf("[w%d][a%d]\n\n", i, i/50%50) }) + each(50, func(i int) string { return fmt.Sprintf("[a%d]: %s/%d\n", i, far, -i) })},
		"addresses in one block": {each(15_000, func(i int) string { return fmt.Sprintf("[w%d][a%d] ", i, i%50) }) + "\n\n" + each(50, func(i int) string { return fmt.Sprintf("[a%d]: %s/%d\n", i, far, i) }),
			each(15_000, func(i int) string { return fmt.Sprintf("[w%d][a%d] ", i, i/50%50) }) + "\n\n" + each(50, func(i int) string { return fmt.Sprintf("[a%d]: %s/%d\n", i, far, -i) })},
		"footnotes":   {strings.Repeat("a[^n] ", 10_000) + "\n\n[^n]: x\n", strings.Repeat("a ", 10_000) + "\n\n[^n]: x\n"},
		"look-alikes": {strings.Repeat("сор ", 20_000), strings.Repeat("cop ", 20_000)},
		"tags":        {"<table><tr>" + strings.Repeat("<td>a", 20_000) + "</table>\n", "<table><tr>" + strings.Repeat("<td><b>a</b>", 20_000) + "</table>\n"},
	} {
		t.Run(name, func(t *testing.T) {
			old, new := parse(t, c[0]), parse(t, c[1])
			if !brief() {
				if times := slowness(old, new, len(c[0])); times > slower {
					t.Errorf("%.0f times the cost of ordinary words of that size", times)
				}
			}
			r := redline.Compare(old, new)
			if size := len(r.JSON()); size > 60*(len(c[0])+len(c[1]))+100_000 {
				t.Errorf("%d bytes of two texts of %d and %d", size, len(c[0]), len(c[1]))
			}
			for _, e := range r.Changes {
				if len(e.Details) > 101 {
					t.Errorf("%d details", len(e.Details))
				}
			}
		})
	}
}
