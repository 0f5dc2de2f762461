package server

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"vestnik/documents/lang"
	"vestnik/notifier"
)

type meExportPage struct {
	page
	Lead     string
	Code     string
	File     template.URL // the JSON, in the link itself: nothing is kept to fetch it from
	FileName string
	Person   []fact
	Notices  []meExported
	Requests []meExported
}

// meExported is one thing of an export, with all that is known of it.
type meExported struct {
	Title string
	Lang  string
	Which string // version
	Facts []fact
}

// showExport shows everything that is held about a person. It is in this answer and
// nowhere else.
func (g *guest) showExport(done notifier.Done) error {
	x := done.Export
	raw, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	p := &meExportPage{page: g.page(g.w.T("me-done-export")), Code: done.Request.Code, FileName: "vestnik-" + done.Request.Code + ".json"}
	p.Lead = g.w.T("me-export-lead", "moment", lang.Moment(g.w.Lang, x.Made.In(g.zone)))
	p.File = template.URL("data:application/json;base64," + base64.StdEncoding.EncodeToString(raw))
	p.Languages = nil
	p.Person = g.exportedPerson(x.Person)
	for _, n := range x.Notices {
		one, err := g.exportedNotice(n)
		if err != nil {
			return err
		}
		p.Notices = append(p.Notices, one)
	}
	for _, q := range x.Requests {
		p.Requests = append(p.Requests, g.exportedRequest(q))
	}
	return g.show("me-export.html", p)
}

// stated drops facts of which there is nothing to say.
func stated(all ...fact) (out []fact) {
	for _, f := range all {
		if f.More != "" {
			out = append(out, f)
		}
	}
	return out
}

func (g *guest) exportedPerson(r notifier.ExportedPerson) []fact {
	var known, said []string
	for _, id := range sortedKeys(r.Known) {
		known = append(known, id+": "+versionName(g.w, r.Known[id]))
	}
	for _, name := range sortedKeys(r.Corrected) {
		said = append(said, g.w.T("me-"+name)+": "+or(r.Corrected[name], "—"))
	}
	language := g.w.T("me-language-none")
	if r.Language != "" {
		language = languageName(g.w, r.Language)
	}
	return stated(
		fact{Text: g.w.T("me-export-id"), More: r.ExternalID}, fact{Text: g.w.T("me-address"), More: r.Address}, fact{Text: g.w.T("me-name"), More: r.Name},
		fact{Text: g.w.T("me-language"), More: language}, fact{Text: g.w.T("me-export-groups"), More: strings.Join(r.Groups, ", ")},
		fact{Text: g.w.T("me-registered"), More: lang.Moment(g.w.Lang, r.RegisteredAt.In(g.zone))},
		fact{Text: g.w.T("me-export-known"), More: strings.Join(known, "; ")}, fact{Text: g.w.T("me-export-said"), More: strings.Join(said, "; ")},
	)
}

func (g *guest) exportedNotice(n notifier.ExportedNotice) (meExported, error) {
	s, err := g.subjectOf(map[string]subject{}, n.Document)
	if err != nil {
		return meExported{}, err
	}
	text, tagged := title(s.Titles, g.w.Lang, s.Prevailing, n.Document)
	told := notifier.Told{Delivery: notifier.Delivery{State: n.State, Evidence: notifier.Evidence{At: n.At}}}
	digest := ""
	if !n.Digest.IsZero() {
		digest = n.Digest.String()
	}
	return meExported{Title: text, Lang: tagged, Which: versionName(g.w, n.Version), Facts: stated(
		fact{Text: g.w.T("state"), More: g.toldState(told)}, fact{Text: g.w.T("me-export-to"), More: n.Address}, fact{Text: g.w.T("me-mail-relay"), More: n.Relay},
		fact{Text: g.w.T("me-export-relay-said"), More: n.Answer}, fact{Text: g.w.T("me-mail-id"), More: n.MessageID}, fact{Text: g.w.T("me-mail-digest"), More: digest, Digest: true},
	)}, nil
}

func (g *guest) exportedRequest(q notifier.ExportedRequest) meExported {
	facts := g.receiptFacts(notifier.Request{Kind: q.Kind, State: q.State, Received: q.Received, Due: q.Due, Settled: q.Settled, Ground: q.Ground})
	return meExported{Title: q.Code, Facts: append(facts, stated(
		fact{Text: g.w.T("me-export-words"), More: q.Words}, fact{Text: g.w.T("me-export-answer"), More: q.Answer},
	)...)}
}
