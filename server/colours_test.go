package server

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Ratios as the W3C gives them in its examples.
func TestContrast(t *testing.T) {
	for pair, want := range map[[2]string]float64{
		{"#000000", "#ffffff"}: 21, {"#ffffff", "#ffffff"}: 1, {"#767676", "#ffffff"}: 4.54, {"#777777", "#ffffff"}: 4.48, {"#0000ff", "#ffffff"}: 8.59, {"#ff0000", "#ffffff"}: 4.00,
	} {
		a, _ := parseRGB(pair[0])
		b, _ := parseRGB(pair[1])
		if got := contrast(a, b); math.Abs(got-want) > 0.005 || got != contrast(b, a) {
			t.Errorf("%s on %s: %.3f, want %.2f", pair[0], pair[1], got, want)
		}
	}
}

// A colour is taken where text in it has 4.5 to 1 on each of our papers, and what is
// named instead of another has hardly more than that.
func TestColoursAreReadable(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := rgb{rapid.Byte().Draw(r, "red"), rapid.Byte().Draw(r, "green"), rapid.Byte().Draw(r, "blue")}
		for _, dark := range []bool{false, true} {
			taken := checkColour("colour", c.String(), dark) == nil
			if readable := paper.least(c, dark) >= 4.5; taken != readable {
				r.Fatalf("%s on dark paper %t: taken %t at %.3f", c, dark, taken, paper.least(c, dark))
			}
			if near := paper.nearest(c, dark); taken && near != c || !taken && (paper.least(near, dark) < 4.5 || paper.least(near, dark) > 4.7) {
				r.Fatalf("%s on dark paper %t: the nearest is %s at %.3f", c, dark, near, paper.least(near, dark))
			}
		}
	})
	for _, dark := range []bool{false, true} {
		if own := ownAccent(dark); checkColour("colour", own.String(), dark) != nil {
			t.Errorf("the stylesheet's own accent %s cannot be read", own)
		}
	}
}
