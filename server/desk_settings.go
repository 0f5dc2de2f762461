package server

import (
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"mime"
	"strings"

	"vestnik/documents"
)

// settingFields are the settings that a person types at the desk; the rest are
// given to serve, or are a picture.
func (v *shift) settingFields(values map[string]string) []*field {
	var out []*field
	for _, s := range settings() {
		if s.recorded || s.keep != nil {
			continue
		}
		f := &field{ID: s.name, Name: s.name, Label: v.w.T("setting-" + s.name), Value: values[s.name]}
		if key := "setting-" + s.name + "-hint"; v.w.Has(key) {
			f.Hint = v.w.T(key)
		}
		if s.lines {
			f.Kind = "slot"
		}
		for _, choice := range s.choices {
			f.Kind = "select"
			f.Options = append(f.Options, link{Value: choice, Text: v.w.T("setting-" + s.name + "-" + choice), Current: choice == values[s.name]})
		}
		out = append(out, f)
	}
	return out
}

type settingsPage struct {
	formPage
	Saved   string
	Facts   []fact
	Preview string // where the form goes to be looked at
	Unsaved bool
	Logo    string // what the mark is
	Upload  *field
	LogoAt  string   // where its forms go
	Lines   []string // of HTML, that show a document on a site of the operator's own
}

func (v *shift) settingsPage(values map[string]string) *settingsPage {
	p := &settingsPage{}
	p.page = v.page(v.w.T("settings-title"))
	p.Heading, p.Fields = v.w.T("settings-title"), v.settingFields(values)
	if may(v.by, "administrator") {
		p.Action, p.Submit = v.base()+"/desk/settings", v.w.T("save")
		p.Preview, p.LogoAt = p.Action+"/preview", p.Action+"/logo"
		p.Upload = &field{ID: "logo", Name: "logo", Type: "file", Label: v.w.T("setting-logo-file"), Hint: v.w.T("setting-logo-hint")}
	}
	if m := v.settings.Logo; m.Name != "" {
		p.Logo = fmt.Sprintf("PNG, %d × %d", m.Width, m.Height)
	}
	for _, s := range settings() {
		if s.recorded && v.settings.Values()[s.name] != "" {
			p.Facts = append(p.Facts, fact{Text: v.w.T("setting-" + s.name), More: v.settings.Values()[s.name]})
		}
	}
	docs, _ := v.Library.Documents(v.ctx) // without them the page is still of use
	for _, one := range docs[:min(len(docs), linesMost)] {
		p.Lines = append(p.Lines, fmt.Sprintf("<a href=%q>%s</a>\n<script src=%q data-document=%q async></script>",
			v.absolute(v.base()+"/"+one.ID), html.EscapeString(one.Titles[one.Prevailing]), v.absolute(v.base()+"/embed.js"), one.ID))
	}
	return p
}

// linesMost is how many documents the page shows the lines of: they differ in the
// name alone.
const linesMost = 5

func (d desk) showSettings(v *shift) error {
	p := v.settingsPage(v.settings.Values())
	if v.r.URL.Query().Has("saved") {
		p.Saved = v.w.T("saved-plain")
	}
	return v.show("desk-settings.html", p)
}

// typedSettings are all values with what was typed, and those that it changes.
func (v *shift) typedSettings() (values, changes map[string]string) {
	values, changes = v.settings.Values(), map[string]string{}
	for _, f := range v.settingFields(nil) {
		if typed := strings.TrimSpace(v.text(f.Name)); typed != values[f.Name] {
			values[f.Name], changes[f.Name] = typed, typed
		}
	}
	return values, changes
}

func (d desk) changeSettings(v *shift) error {
	values, changes := v.typedSettings()
	if _, err := d.book.Change(v.ctx, changes, v.by); err != nil {
		return v.settingsRefused(values, err)
	}
	return v.to("/desk/settings?saved=1")
}

func (v *shift) settingsRefused(values map[string]string, err error) error {
	p := v.settingsPage(values)
	fields := p.Fields
	if p.Upload != nil {
		fields = append(fields, p.Upload)
	}
	if !v.refused(&p.page, err, fields...) {
		return err
	}
	return v.showAs(status(err), "desk-settings.html", p)
}

// previewSettings shows the page in the colours that were typed; nothing is
// stored.
func (d desk) previewSettings(v *shift) error {
	values, changes := v.typedSettings()
	seen := v.settings
	for _, s := range settings() {
		if value, typed := changes[s.name]; typed && value != "" {
			if err := s.parse(&seen, value); err != nil {
				return v.settingsRefused(values, err)
			}
		}
	}
	seen.Colour, seen.ColourDark = values["colour"], values["colour-dark"]
	p := v.settingsPage(values)
	p.Dress, p.Unsaved = dressOf(v.base(), v.w.Lang, seen), true
	return v.show("desk-settings.html", p)
}

// changeLogo keeps the picture that was sent, or with remove=1 none.
func (d desk) changeLogo(v *shift) error {
	given := ""
	if kind, _, _ := mime.ParseMediaType(v.r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		raw, err := v.uploaded("logo", markTypedMost)
		if err != nil {
			return v.settingsRefused(v.settings.Values(), err)
		}
		given = base64.StdEncoding.EncodeToString(raw)
	} else if v.line("remove") == "" {
		return v.settingsRefused(v.settings.Values(), markMalformed())
	}
	if _, err := d.book.Change(v.ctx, map[string]string{"logo": given}, v.by); err != nil {
		return v.settingsRefused(v.settings.Values(), err)
	}
	return v.to("/desk/settings?saved=1")
}

// uploaded reads a file of a form, up to one byte more than most.
func (v *shift) uploaded(name string, most int64) ([]byte, error) {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return nil, markMalformed()
	}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, markMalformed()
		}
		if part.FormName() != name {
			continue
		}
		raw, err := io.ReadAll(io.LimitReader(part, most+1))
		switch {
		case err != nil:
			return nil, documents.Invalid("", "form-malformed", "The form did not arrive whole. Send it again.")
		case int64(len(raw)) > most:
			return nil, markLarge()
		case len(raw) == 0:
			return nil, markMalformed()
		}
		return raw, nil
	}
}
