package server

import "vestnik/documents/lang"

// said is what stands in one language only, such as a reason. Lang and In are "" where
// the page is in that one.
type said struct{ Text, Lang, Dir, In string }

// saidTo is text for a page in w.
func saidTo(w lang.Words, text string) said {
	text, tag := lang.Said(text, w.Lang, lang.Interface...)
	if tag == "" || tag == w.Lang {
		return said{Text: text}
	}
	return said{text, tag, lang.Dir(tag), lang.In(w.Lang, tag)}
}

// String is s where there is no markup.
func (s said) String() string {
	if s.In == "" {
		return s.Text
	}
	return s.Text + " (" + s.In + ")"
}
