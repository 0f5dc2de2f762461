package server

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// How many bytes a redline holds, beside what weight takes it for: few changes in a
// common text, many, and a text of 1.5 MB.
func BenchmarkRedlineWeight(b *testing.B) {
	for _, c := range []struct{ clauses, every int }{{300, 100}, {300, 1}, {4000, 10}, {4000, 1}} {
		b.Run(fmt.Sprintf("%d-clauses-1-in-%d", c.clauses, c.every), func(b *testing.B) {
			var held, taken float64
			for b.Loop() {
				before := heapInUse()
				line := redline.Compare(clausesOf(b, c.clauses, c.every, "thirty"), clausesOf(b, c.clauses, c.every, "forty"))
				held, taken = heapInUse()-before, float64(weight(line))
				runtime.KeepAlive(line)
			}
			b.ReportMetric(held, "bytes")
			b.ReportMetric(taken, "weight")
			b.ReportMetric(held/taken, "of-weight")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func heapInUse() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// clausesOf parses a text of some 370 bytes a clause, in every so many of which a
// word is another.
func clausesOf(b *testing.B, clauses, every int, word string) *markdown.Text {
	b.Helper()
	var out strings.Builder
	for i := range clauses {
		said := "sixty"
		if i%every == 0 {
			said = word
		}
		fmt.Fprintf(&out, "%d. The term for matter %d is %s days. %s\n\n", i+1, i, said, strings.Repeat("Whoever asks in writing is answered in writing. ", 6))
	}
	text, err := markdown.Parse([]byte(out.String()))
	if err != nil {
		b.Fatal(err)
	}
	return text
}
