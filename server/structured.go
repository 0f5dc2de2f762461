package server

import (
	"time"

	"vestnik/documents"
)

// structured says what a page is in the words of schema.org, for programs. It is
// data: html/template writes it as JSON in which no sign can end its element, and no
// policy needs to let it run.
func (v *visit) structured(s subject, show documents.Standing, ver documents.Version, text documents.Text) map[string]any {
	out := map[string]any{
		"@context": "https://schema.org", "@type": "DigitalDocument", "@id": v.absolute(v.href(s.ID, s.tag, "v", show.Number)),
		"url": v.absolute(v.href(s.ID, s.tag, "v", show.Number)), "name": or(text.Title, s.ID), "inLanguage": text.Lang, "version": show.Number,
		"creativeWorkStatus": statusOf(v.w, s.t, show, v.now).Text, "publisher": v.publisher(),
		"isPartOf": map[string]any{"@type": "WebPage", "@id": v.absolute(v.href(s.ID, s.tag))},
	}
	switch {
	case show.Imported && ver.Stated != "":
		out["datePublished"] = ver.Stated
	case !show.Imported:
		out["datePublished"] = show.Published.In(v.zone).Format(time.RFC3339)
	}
	if day := machineDate(show.Effective); day != "" {
		out["temporalCoverage"] = day + "/.."
		if next, ok := successor(s.t, show); ok && next.Effective.Date != "" {
			out["temporalCoverage"] = day + "/" + machineDate(next.Effective)
		}
	}
	var others []map[string]any
	for _, tag := range ver.Languages() {
		if tag != text.Lang {
			others = append(others, map[string]any{"@type": "DigitalDocument", "inLanguage": tag, "url": v.absolute(v.href(s.ID, tag, "v", show.Number))})
		}
	}
	if others != nil {
		out["workTranslation"] = others
	}
	return out
}

func (v *visit) publisher() map[string]any {
	out := map[string]any{"@type": "Organization", "name": or(v.settings.Organisation.In(v.w.Lang), v.w.T("name")), "url": v.absolute(v.base() + "/")}
	for key, value := range map[string]string{"taxID": v.settings.BIN, "address": v.settings.Postal.In(v.w.Lang)} {
		if value != "" {
			out[key] = value
		}
	}
	return out
}
