package server

import (
	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

// requestRow is a request in a list.
type requestRow struct {
	Href, Name, Code, State, Class string
	Date, When, Due                string
}

func requestClass(s notifier.RequestState) string {
	switch s {
	case notifier.RequestDone:
		return "in-force"
	case notifier.RequestRefused:
		return "past"
	}
	return "upcoming"
}

func (g *guest) requestRows(all []notifier.RequestView) (out []requestRow) {
	for _, q := range all {
		row := requestRow{Href: g.to("/receipt/" + q.Code), Name: g.kindName(q.Kind), Code: q.Code, State: g.w.T("me-state-" + string(q.State)), Class: requestClass(q.State)}
		row.When = lang.Date(g.w.Lang, q.Received.In(g.zone))
		if q.State == notifier.RequestOpen {
			row.Due = g.w.T("me-due") + ": " + lang.Date(g.w.Lang, q.Due.In(g.zone))
		}
		out = append(out, row)
	}
	return out
}

type meReceiptPage struct {
	page
	Heading, Kind, Sentence string
	Good                    bool
	Facts                   []fact
	Code                    string
	Notes                   []string
	Other                   link
	Back                    string
}

// showReceipt shows what came of a request, but not its words: others may know the
// link.
func (d door) showReceipt(g *guest) error {
	all, err := d.Notifier.RequestsOf(g.ctx, g.token)
	if err != nil {
		return err
	}
	for _, q := range all {
		if q.Code == g.r.PathValue("code") {
			p := g.receipt(q.Request, g.who.MaskedAddress)
			p.Back = g.to("")
			if q.State == notifier.RequestOpen && q.Unsure {
				p.Notes = append(p.Notes, g.w.T("me-unsure"))
			}
			return g.show("me-receipt.html", p)
		}
	}
	return documents.ErrNotFound
}

// receipt is the page of a request whose person is written to at an address.
func (g *guest) receipt(q notifier.Request, address string) *meReceiptPage {
	topic := string(q.Kind)
	if !q.Due.IsZero() {
		topic = string(q.State)
	}
	heading := g.w.T("me-done-" + topic)
	p := &meReceiptPage{page: g.page(heading), Heading: heading, Code: q.Code, Good: q.State != notifier.RequestRefused, Sentence: g.w.T("me-did-"+topic, "address", address)}
	if topic == string(notifier.RequestOpen) && g.who.NotTheirs {
		p.Sentence = g.w.T("me-did-open-stopped", "address", address)
	}
	p.Facts = g.receiptFacts(q)
	p.Notes = append(p.Notes, g.w.T("me-code-keep"))
	switch {
	case q.Kind == notifier.RequestNotMine || g.who.NotTheirs || address == "":
	case !q.Due.IsZero() && q.State != notifier.RequestOpen:
		p.Notes = append(p.Notes, g.w.T("me-answer-mailed", "address", address))
	default:
		p.Notes = append(p.Notes, g.w.T("me-code-mailed", "address", address))
	}
	return p
}

func (g *guest) receiptFacts(q notifier.Request) []fact {
	day := func(key string, q fact) fact { q.Text = g.w.T(key); return q }
	out := []fact{{Text: g.w.T("me-kind"), More: g.kindName(q.Kind)}}
	if q.Due.IsZero() {
		return append(out, day("me-when", fact{More: lang.Moment(g.w.Lang, q.Received.In(g.zone))}))
	}
	out = append(out, day("me-received", fact{More: lang.Moment(g.w.Lang, q.Received.In(g.zone))}))
	if q.State == notifier.RequestOpen {
		return append(out, day("me-due", fact{More: lang.Date(g.w.Lang, q.Due.In(g.zone)), Current: true}))
	}
	out = append(out, day("me-settled", fact{More: lang.Moment(g.w.Lang, q.Settled.In(g.zone))}))
	if q.Ground != "" {
		out = append(out, fact{Text: g.w.T("me-ground"), More: g.Notifier.Words(g.w.Lang).T("ground-" + q.Ground)})
	}
	return out
}
