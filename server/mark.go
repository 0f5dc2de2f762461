package server

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	"image/png"
	"net/http"
	"strconv"
	"strings"

	"vestnik/documents"
)

const (
	markTypedMost = 512 << 10 // bytes of a picture that somebody uploads
	markPixels    = 4_000_000 // of it; decoded they take four bytes each
	markWidth     = 480       // of what is kept: three times what a page shows
	markHeight    = 120
	markMost      = 48 << 10 // bytes of what is kept
	markShown     = 40       // the height on a page, in CSS pixels
)

// mark is the organisation's, as it is kept: a PNG of ours.
type mark struct {
	Width, Height int
	Name          string // from its bytes
	data          string // base64
}

func (m mark) String() string {
	if m.Name == "" {
		return ""
	}
	return fmt.Sprintf("png %dx%d %s", m.Width, m.Height, m.Name)
}

// stored is m as the setting holds it.
func (m mark) stored() string { return m.String() + " " + m.data }

func parseMark(s *Settings, v string) error {
	if v == "" {
		s.Logo = mark{}
		return nil
	}
	parts := strings.Split(v, " ")
	if len(parts) != 4 || parts[0] != "png" {
		return markMalformed()
	}
	width, height, _ := strings.Cut(parts[1], "x")
	m := mark{Name: parts[2], data: parts[3]}
	var errs [2]error
	m.Width, errs[0] = strconv.Atoi(width)
	m.Height, errs[1] = strconv.Atoi(height)
	if errs[0] != nil || errs[1] != nil || m.Width < 1 || m.Height < 1 || len(m.Name) != 16 || len(m.data) > 2*markMost {
		return markMalformed()
	}
	s.Logo = m
	return nil
}

func markMalformed() error {
	return documents.Invalid("logo", "logo-malformed", "Give the mark as a PNG, JPEG or GIF picture.")
}

// keepMark turns what somebody gave, a picture in base64, into what is stored.
func keepMark(v string) (string, error) {
	_, after, isURL := strings.Cut(v, ";base64,")
	if isURL && strings.HasPrefix(v, "data:image/") {
		v = after
	}
	if len(v) > base64.StdEncoding.EncodedLen(markTypedMost) {
		return "", markLarge()
	}
	raw, err := base64.StdEncoding.DecodeString(v)
	if err != nil {
		return "", markMalformed()
	}
	m, err := newMark(raw)
	return m.stored(), err
}

func markLarge() error {
	return documents.Invalid("logo", "logo-large", "The picture is too large: it may have %d KB and %d million pixels.", markTypedMost>>10, markPixels/1_000_000)
}

// newMark draws a picture anew, no larger than pages need: nothing but its colours
// is kept.
func newMark(raw []byte) (mark, error) {
	if len(raw) > markTypedMost {
		return mark{}, markLarge()
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || head.Width < 1 || head.Height < 1 {
		return mark{}, markMalformed()
	}
	if head.Width > markPixels/head.Height {
		return mark{}, markLarge()
	}
	picture, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return mark{}, markMalformed()
	}
	for width, height := markWidth, markHeight; ; width, height = width*3/4, height*3/4 {
		small := within(picture, width, height)
		var out bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
			return mark{}, fmt.Errorf("logo: %w", err)
		}
		if out.Len() <= markMost {
			sum := documents.SHA256(out.Bytes())
			size := small.Bounds().Size()
			return mark{size.X, size.Y, hex.EncodeToString(sum[:8]), base64.StdEncoding.EncodeToString(out.Bytes())}, nil
		}
	}
}

// within is picture made smaller, if it must be, to lie within width and height:
// each pixel is the mean of those that it stands for.
func within(picture image.Image, width, height int) *image.NRGBA {
	b := picture.Bounds()
	w, h := b.Dx(), b.Dy()
	if w > width {
		w, h = width, max(1, h*width/w)
	}
	if h > height {
		w, h = max(1, w*height/h), height
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			area := image.Rect(b.Min.X+x*b.Dx()/w, b.Min.Y+y*b.Dy()/h, b.Min.X+(x+1)*b.Dx()/w, b.Min.Y+(y+1)*b.Dy()/h)
			out.Set(x, y, mean(picture, area))
		}
	}
	return out
}

func mean(picture image.Image, area image.Rectangle) color.RGBA64 {
	var sum [4]uint64
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			r, g, b, a := picture.At(x, y).RGBA() // premultiplied, so that what is transparent has no say
			for i, v := range []uint32{r, g, b, a} {
				sum[i] += uint64(v)
			}
		}
	}
	n := uint64(area.Dx() * area.Dy())
	return color.RGBA64{uint16(sum[0] / n), uint16(sum[1] / n), uint16(sum[2] / n), uint16(sum[3] / n)}
}

// showMark serves the organisation's mark, also where the pages are not open yet:
// the form to sign in shows it.
func (p *site) showMark(w http.ResponseWriter, r *http.Request) error {
	k, err := p.present.get(r.Context(), freshFor)
	if err != nil && !isAway(err) {
		return err
	}
	m := k.settings.Logo
	if m.Name == "" || r.PathValue("file") != m.Name+".png" {
		return errNoPage
	}
	body, err := base64.StdEncoding.DecodeString(m.data)
	if err != nil {
		return fmt.Errorf("logo: %w", err)
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return serveTagged(w, r, "image/png", body)
}
