package redline

import (
	"errors"
	"io"
)

// DOCX writes the new text as an Office Open XML document (ECMA-376) in which
// every difference from the old one is a tracked change.
func (r *Redline) DOCX(w io.Writer, tag string) error { return errors.New("no .docx yet") }
