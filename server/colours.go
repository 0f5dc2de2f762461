package server

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"

	"vestnik/documents"
)

// enough is the contrast that text needs (WCAG 2.2, 1.4.3).
const enough = 4.5

// rgb is a colour of sRGB.
type rgb [3]uint8

var colourForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)

func parseRGB(s string) (c rgb, ok bool) {
	if !colourForm.MatchString(s) {
		return c, false
	}
	_, err := hex.Decode(c[:], []byte(s[1:]))
	return c, err == nil
}

func (c rgb) String() string { return "#" + hex.EncodeToString(c[:]) }

// luminance is the relative one of WCAG 2.2.
func (c rgb) luminance() float64 {
	l := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(c[i]) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		l += weight * v
	}
	return l
}

func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// papers are what links and buttons stand on, by whether it is dark.
type papers map[bool][]rgb

// paper is read from the stylesheet, so that a check cannot differ from what is
// shown.
var paper = mustPapers(style.body)

func mustPapers(sheet []byte) papers {
	out := papers{}
	for _, m := range regexp.MustCompile(`--(?:paper|panel|good-tint|soon-tint|past-tint|bad-tint): (#[0-9a-f]{6})`).FindAllSubmatch(sheet, -1) {
		c, _ := parseRGB(string(m[1]))
		dark := c.luminance() < 0.18 // half-way, as the eye sees it
		out[dark] = append(out[dark], c)
	}
	if len(out[false]) == 0 || len(out[true]) == 0 {
		panic("the stylesheet has no papers")
	}
	return out
}

// least is the contrast of c on the paper where it is least.
func (p papers) least(c rgb, dark bool) float64 {
	worst := math.Inf(1)
	for _, one := range p[dark] {
		worst = min(worst, contrast(c, one))
	}
	return worst
}

// nearest mixes c with as little black, or on dark paper white, as makes it
// readable.
func (p papers) nearest(c rgb, dark bool) rgb {
	end := 0.0
	if dark {
		end = 255
	}
	for part := 0.0; part <= 1; part += 1.0 / 256 {
		var mixed rgb
		for i, v := range c {
			mixed[i] = uint8(math.Round(float64(v)*(1-part) + end*part))
		}
		if p.least(mixed, dark) >= enough {
			return mixed
		}
	}
	return rgb{uint8(end), uint8(end), uint8(end)}
}

// checkColour refuses a colour in which links could not be read.
func checkColour(field, v string, dark bool) error {
	if v == "" {
		return nil
	}
	c, ok := parseRGB(v)
	if !ok {
		return documents.Invalid(field, "colour-malformed", "Give %s as six hexadecimal digits, such as #0b4f75.", field)
	}
	if ratio := paper.least(c, dark); ratio < enough {
		said := strconv.FormatFloat(math.Floor(ratio*100)/100, 'f', 2, 64)
		return documents.Invalid(field, "colour-contrast", "The colour %s has a contrast of %s to 1, and text needs 4.5 to 1: %s is the nearest that has it.", c, said, paper.nearest(c, dark))
	}
	return nil
}

// coloursName is what the sheet of two colours is called. It holds all that the
// sheet is made of, so any node has it, also of settings that were changed since,
// and for a preview.
func coloursName(light, dark string) string {
	l, hasLight := parseRGB(light)
	d, hasDark := parseRGB(dark)
	name := func(c rgb, has bool) string {
		if !has {
			return "own"
		}
		return c.String()[1:]
	}
	if !hasLight && !hasDark {
		return ""
	}
	pair := name(l, hasLight) + "-" + name(d, hasDark)
	sum := documents.SHA256(coloursSheet(l, hasLight, d, hasDark))
	return pair + "." + hex.EncodeToString(sum[:4]) + ".css"
}

// coloursSheet is the part of the style that an organisation chooses. Print stays
// black.
func coloursSheet(light rgb, hasLight bool, dark rgb, hasDark bool) []byte {
	var b bytes.Buffer
	if hasLight {
		fmt.Fprintf(&b, "@media screen { :root { --accent: %s; --link: %s; } }\n", light, light)
		fmt.Fprintf(&b, ".swatch-light { --accent: %s; --link: %s; }\n", light, light)
	}
	if hasDark {
		fmt.Fprintf(&b, "@media screen and (prefers-color-scheme: dark) { :root { --accent: %s; --link: %s; } }\n", dark, dark)
		fmt.Fprintf(&b, ".swatch-dark { --accent: %s; --link: %s; }\n", dark, dark)
	} else if hasLight {
		own := ownAccent(true)
		fmt.Fprintf(&b, "@media screen and (prefers-color-scheme: dark) { :root { --accent: %s; --link: %s; } }\n", own, own)
	}
	return b.Bytes()
}

// ownAccent is the stylesheet's own, for light paper and for dark.
func ownAccent(dark bool) rgb {
	var out rgb
	for _, m := range regexp.MustCompile(`--accent: (#[0-9a-f]{6})`).FindAllSubmatch(style.body, -1) {
		if c, _ := parseRGB(string(m[1])); paper.least(c, dark) >= enough {
			out = c
		}
	}
	return out
}

var coloursForm = regexp.MustCompile(`^([0-9a-f]{6}|own)-([0-9a-f]{6}|own)\.[0-9a-f]{8}\.css$`)

// showColours serves the sheet that its own name describes.
func showColours(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("pair")
	m := coloursForm.FindStringSubmatch(name)
	if m == nil || coloursName("#"+m[1], "#"+m[2]) != name {
		return errNoPage
	}
	l, hasLight := parseRGB("#" + m[1])
	d, hasDark := parseRGB("#" + m[2])
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return serveTagged(w, r, "text/css; charset=utf-8", coloursSheet(l, hasLight, d, hasDark))
}
