package notifier

import "maps"

// Fields that a person puts right here: keys of Recipient.Corrected.
const (
	fieldAddress  = "address"
	fieldName     = "name"
	fieldLanguage = "language"
)

func (r *Recipient) field(name string) *string {
	switch name {
	case fieldAddress:
		return &r.Address
	case fieldName:
		return &r.Name
	}
	return &r.Language
}

// correct sets a field as the person wants it, and keeps what the operator's
// system says of it.
func (r *Recipient) correct(name, value string) {
	at := r.field(name)
	said, corrected := r.Corrected[name]
	if !corrected {
		said = *at
	}
	*at = value
	r.Corrected = maps.Clone(r.Corrected)
	if said == value {
		delete(r.Corrected, name)
		return
	}
	if r.Corrected == nil {
		r.Corrected = map[string]string{}
	}
	r.Corrected[name] = said
}

// keeping is what the operator's system says in r, but for what the person put
// right in old while the system says there what it said then. What is new there,
// or what agrees by now, ends the correction.
func keeping(old, r Recipient) (next Recipient, kept bool) {
	for name, said := range old.Corrected {
		if at := r.field(name); *at == said {
			*at = *old.field(name)
			if r.Corrected == nil {
				r.Corrected = map[string]string{}
			}
			r.Corrected[name] = said
			kept = true
		}
	}
	return r, kept
}
