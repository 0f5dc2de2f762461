package redline_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"vestnik/documents/redline"
)

// TestShowingIsLinear tells of one change with many passages that showing it takes
// no memory for each pair of them.
func TestShowingIsLinear(t *testing.T) {
	few, many := shown(t, 500), shown(t, 4000)
	if many > 16*few {
		t.Errorf("500 moved items take %d bytes, 4000 take %d", few, many)
	}
}

// shown is how many bytes it takes to show n items in another order.
func shown(t *testing.T, n int) uint64 {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf("- item %d is about word%d\n", i, i*7919%n)
	}
	old := parse(t, strings.Join(items, ""))
	for i := range items {
		j := i * 7919 % n
		items[i], items[j] = items[j], items[i]
	}
	r := redline.Compare(old, parse(t, strings.Join(items, "")))
	var begin, end runtime.MemStats
	runtime.ReadMemStats(&begin)
	r.HTML("en")
	if err := r.Text(io.Discard, "en"); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&end)
	return end.TotalAlloc - begin.TotalAlloc
}
