package redline

import (
	"bytes"
	"encoding/json"
)

// JSON is what compare -format json writes, with a line end. Entries are encoded
// one by one, because the whole is large.
func (r *Redline) JSON() []byte {
	head, err := json.MarshalIndent(Redline{Old: r.Old, New: r.New, Summary: r.Summary, Changes: []Entry{}}, "", "  ")
	must(err)
	b := bytes.NewBuffer(bytes.TrimSuffix(head, []byte("]\n}")))
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("    ", "  ")
	for i := range r.Changes {
		b.WriteString("\n    ")
		must(e.Encode(&r.Changes[i]))
		b.Truncate(b.Len() - 1)
		if i+1 < len(r.Changes) {
			b.WriteByte(',')
		} else {
			b.WriteString("\n  ")
		}
	}
	b.WriteString("]\n}\n")
	return b.Bytes()
}

// must stops at what cannot be: strings and numbers encode.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
