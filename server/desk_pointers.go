package server

import (
	"vestnik/documents"
	"vestnik/documents/redline"
)

// pointersShown is how many changes the preview points at before a reader asks for
// the rest.
const pointersShown = 8

// pointers are the changes of a proposal that may be material. They never keep
// anybody from a class: the legal team decides.
type pointers struct {
	Lead, More  string
	First, Rest []redline.Pointer
}

// pointers lists what the redline of one language points at; nil if nothing. prefix
// is what its ids have on the page.
func (v *shift) pointers(of *redline.Redline, prefix string, class documents.Class) *pointers {
	all := of.Pointers(v.w.Lang)
	if len(all) == 0 {
		return nil
	}
	for i := range all {
		all[i].ID = prefix + all[i].ID
	}
	out := &pointers{Lead: v.w.T("pointers-lead"), First: all}
	if class == documents.Editorial {
		out.Lead = v.w.T("pointers-editorial")
	}
	if n := len(all) - pointersShown; n > 1 {
		out.First, out.Rest, out.More = all[:pointersShown], all[pointersShown:], v.w.N("pointers-more", n)
	}
	return out
}
