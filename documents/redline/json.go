package redline

import (
	"bytes"
	"encoding/json"
)

// JSON is what compare -format json writes, with a line end.
func (r *Redline) JSON() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		panic(err) // strings and numbers only
	}
	return b.Bytes()
}
