package server

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vestnik/documents/redline"
)

const listView = "list"

// compareViews are the ways to show a redline; the first is the usual one, which
// reads well on a phone and is where mails lead.
var compareViews = [...]string{listView, "inline", "side"}

const (
	// changesMost is how many bytes of changes a page has unfolded.
	changesMost = 160 << 10
	// unfoldMost is how many pieces an address may name.
	unfoldMost = 30
	jumpsMost  = 40 // how many changes a page lists
	jumpsOpen  = 8  // how many are no burden above the redline
)

func viewAsked(r *http.Request) string {
	asked := r.URL.Query().Get("view")
	if slices.Contains(compareViews[:], asked) {
		return asked
	}
	return compareViews[0]
}

// viewQuery is the query of a page in a view, with what is unfolded if that is said.
func viewQuery(name string, unfold ...string) string {
	var parts []string
	if name != compareViews[0] {
		parts = append(parts, "view="+name)
	}
	if len(unfold) > 0 && unfold[0] != "" {
		parts = append(parts, "unfold="+unfold[0])
	}
	if len(parts) == 0 {
		return ""
	}
	return "?" + strings.Join(parts, "&")
}

func (v *visit) compareViews(here, shown string) (out []link) {
	for _, name := range compareViews {
		out = append(out, link{Href: here + viewQuery(name), Text: v.w.T("view-" + name), More: v.w.T("view-" + name + "-is"), Current: name == shown})
	}
	return out
}

// unfolding is what of a redline a reader has unfolded.
type unfolding struct {
	all    bool
	pieces []int // in order
}

// unfoldAsked reads ?unfold=: numbers of pieces, or all.
func unfoldAsked(r *http.Request) (u unfolding) {
	asked := r.URL.Query().Get("unfold")
	if asked == "all" {
		return unfolding{all: true}
	}
	for one := range strings.SplitSeq(asked, ",") {
		if n, err := numberIn(one); err == nil && len(u.pieces) < unfoldMost {
			u.pieces = append(u.pieces, n)
		}
	}
	slices.Sort(u.pieces)
	u.pieces = slices.Compact(u.pieces)
	return u
}

func (u unfolding) has(n int) bool { return u.all || slices.Contains(u.pieces, n) }

// turned is the address's part with piece n unfolded, or folded if it is not.
func (u unfolding) turned(n int) string {
	pieces := slices.Clone(u.pieces)
	if i := slices.Index(pieces, n); i >= 0 {
		pieces = slices.Delete(pieces, i, i+1)
	} else if pieces = append(pieces, n); len(pieces) > unfoldMost {
		pieces = pieces[1:]
	}
	slices.Sort(pieces)
	var out []string
	for _, p := range pieces {
		out = append(out, strconv.Itoa(p))
	}
	return strings.Join(out, ",")
}

func pieceAt(n int) string { return fmt.Sprintf("#piece-%d", n) }

// unfolded answers with a comparison of which something is unfolded. As many
// choices as there are pieces are not kept.
func (p *site) unfolded() handler {
	page := p.alone(p.compare, "redline")
	return p.public(func(v *visit, w http.ResponseWriter) error {
		c, err := v.compared()
		if err == nil {
			_, err = v.redline(c) // which has turns of its own
		}
		if err != nil {
			return err
		}
		return page(w, v.r)
	})
}

// comparePiece answers with one piece, as a fragment for the page that has it
// folded.
func (p *site) comparePiece(v *visit, w http.ResponseWriter) error {
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("X-Robots-Tag", "noindex")
	return v.kept(w, htmlType, noSpot, func() ([]byte, time.Time, error) {
		piece, err := v.pieceAsked()
		return []byte(piece), time.Time{}, err
	})
}

func (v *visit) pieceAsked() (string, error) {
	n, err := numberIn(v.r.PathValue("n"))
	if err != nil {
		return "", err
	}
	c, err := v.compared()
	if err != nil {
		return "", err
	}
	line, err := v.redline(c)
	if err != nil || line == nil {
		return "", orNoPage(err)
	}
	piece, ok := line.Piece(c.tag, n, changesMost)
	if !ok {
		return "", errNoPage
	}
	return piece, nil
}

// orNoPage is why there is no redline: an error, or that one of the texts is not shown.
func orNoPage(err error) error {
	if err == nil {
		return errNoPage
	}
	return err
}

// jumps are the contents of a redline.
type jumps struct {
	Title string
	Open  bool
	Lines []link // More is the kind
	More  string // how many changes are not listed
	Total int
}

func (v *visit) jumps(of []redline.Heading) jumps {
	out := jumps{Title: v.w.N("jumps-title", len(of)), Open: len(of) <= jumpsOpen, Total: len(of)}
	for i, h := range of {
		if i == jumpsMost {
			out.More = v.w.N("jumps-more", len(of)-i)
			break
		}
		out.Lines = append(out.Lines, link{Href: "#" + h.ID, Text: h.Text, Value: string(h.Kind)})
	}
	return out
}

// pairChooser offers each version with its date and where it stands.
func (v *visit) pairChooser(c comparison, shown string) chooser {
	out := v.chooser(c.subject, c.a.Number, c.b.Number, viewName(shown))
	for i, o := range slices.Backward(c.t.Versions) {
		at := len(c.t.Versions) - 1 - i
		if at >= len(out.From) {
			break
		}
		where := " — " + shortStatus(v.w, c.t, o, v.now).Text
		out.From[at].Text += where
		out.To[at].Text += where
	}
	return out
}

// viewName is "" for the view that needs no name.
func viewName(shown string) string {
	if shown == compareViews[0] {
		return ""
	}
	return shown
}
