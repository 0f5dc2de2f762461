package redline

// Hint points at something of an entry that may be material, with what it was and
// what it is; "" where there is none on that side. Hints never decide.
type Hint struct {
	What string `json:"what"` // number, date, money, age, party, purpose, retention, country, right, contact, negation, modal
	Old  string `json:"old"`
	New  string `json:"new"`
}

// hints returns what of e may be material.
func (r *Redline) hints(*Entry) []Hint { return nil }
