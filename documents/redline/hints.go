package redline

import (
	"embed"

	"vestnik/documents/lang"
)

//go:embed hints
var hintFiles embed.FS

var hintCatalogue = lang.MustLoad(hintFiles, "hints")

// Hint points at something of an entry that may be material, with what it was and
// what it is; "" where there is none on that side. Hints never decide.
type Hint struct {
	What string `json:"what"` // negation, modal, limit, consent, right, retention, duration, age, money, percent, country, party, purpose, contact, date, number
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Say is the hint as one sentence with its reason, without a full stop, in the
// language nearest to tag. It is plain text: escape it.
func (h Hint) Say(tag string) string {
	key := h.What
	switch {
	case h.Old == "":
		key += "_new"
	case h.New == "":
		key += "_gone"
	}
	return hintCatalogue.In(tag).T(key, "old", h.Old, "new", h.New)
}

// hints returns what of e may be material.
func (r *Redline) hints(*Entry) []Hint { return nil }
