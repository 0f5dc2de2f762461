package server

import (
	"strings"
	"testing"
)

func TestSpansOfNumbers(t *testing.T) {
	v := &visit{w: catalogue.In("ru")}
	var odd []int
	for n := range 100 {
		odd = append(odd, 2*n+1)
	}
	for _, c := range []struct {
		numbers []int
		want    string
	}{
		{nil, ""}, {[]int{4}, "4"}, {[]int{1, 2}, "1 2"}, {[]int{1, 2, 3, 5, 7, 8}, "1–3 5 7 8"}, {[]int{2, 4, 5, 6}, "2 4–6"},
		{odd, "1 3 5 7 9 11 13 15 17 19 21 23 25 27 29 31 33 35 37 39 …"},
	} {
		if got := strings.Join(v.spans(c.numbers), " "); got != c.want {
			t.Errorf("%v: %s", c.numbers, got)
		}
	}
}
