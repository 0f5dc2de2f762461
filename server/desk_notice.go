package server

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

type noticePage struct {
	page
	Name, State, Class, Why         string
	Heading, TextLang, DocumentHref string
	Figures                         []fact
	Facts                           []fact
	Acts                            []act
	Filters                         []link
	Deliveries                      []deliveryRow
	Next                            string
}

type deliveryRow struct {
	Recipient, Attempts           int64
	State, Language, Answer, More string
	Mail                          string // of what was sent, seen again
}

const deliveriesMost = 100

func (d desk) showNotice(v *shift) error {
	p, err := v.notice()
	if err != nil {
		return err
	}
	return v.show("desk-notice.html", p)
}

func (v *shift) notice() (*noticePage, error) {
	seq, err := numberIn(v.r.PathValue("seq"))
	if err != nil {
		return nil, err
	}
	n, err := v.Notifier.Notice(v.ctx, documents.Seq(seq))
	if err != nil {
		return nil, err
	}
	p := &noticePage{Heading: n.Document, TextLang: v.w.Lang}
	if doc, err := v.Library.Document(v.ctx, n.Document); err == nil {
		p.Heading, p.TextLang = title(doc.Titles, v.w.Lang, doc.Prevailing, doc.ID)
	}
	row := v.noticeRow(n, p.Heading)
	p.page = v.page(v.w.T("notice") + ": " + row.Name)
	p.Name, p.State, p.Class, p.Figures = v.w.T("notice")+": "+row.Name, row.State, row.Class, row.Figures
	if v.relayAway(v.ctx, n) != "" {
		n.WhyKey = "why-relay-away"
	}
	p.Why, p.DocumentHref = v.why(or(n.WhyKey, n.Why)), v.base()+"/desk/documents/"+n.Document
	if err := v.noticeFacts(p, n); err != nil {
		return nil, err
	}
	p.Acts = v.noticeActs(n)
	return p, v.ledger(p, n)
}

func (v *shift) noticeFacts(p *noticePage, n notifier.Notice) error {
	counted := v.w.T("counted-not-yet")
	if n.CountedAll {
		counted = v.w.T("counted-yes")
	}
	p.Facts = []fact{
		{Text: v.w.T("published"), More: lang.Moment(v.w.Lang, n.Published.In(v.zone))},
		{Text: v.w.T("send-after"), More: lang.Moment(v.w.Lang, n.SendAfter.In(v.zone))},
		{Text: v.w.T("counted"), More: counted},
	}
	by, err := v.Notifier.AcceptedByLanguage(v.ctx, n.Seq)
	var languages []string
	for _, tags := range sortedKeys(by) {
		languages = append(languages, languageNames(v.w, splitTags(tags))+" — "+number(v.w, by[tags]))
	}
	if len(languages) > 0 {
		p.Facts = append(p.Facts, fact{Text: v.w.T("fig-accepted"), More: strings.Join(languages, "; ")})
	}
	if f := n.Closing; f != nil {
		said := v.w.T("closed-figures", "due", f.Due, "accepted", f.Accepted, "failed", f.Failed, "excluded", f.Excluded, "covered", f.Covered)
		p.Facts = append(p.Facts, fact{Text: v.w.T("closing-figures"), More: said})
	}
	return err
}

// noticeActs are the buttons that do something in this state.
func (v *shift) noticeActs(n notifier.Notice) (out []act) {
	if !may(v.by, "publisher") {
		return nil
	}
	form := func(name, class string) {
		out = append(out, act{Title: v.w.T("act-" + name), Hint: v.w.T("act-" + name + "-hint"), Submit: v.w.T("act-" + name), Action: fmt.Sprintf("%s/desk/notices/%d/%s", v.base(), n.Seq, name), Class: class})
	}
	switch n.State {
	case notifier.Holding, notifier.Sending:
		form("stop", "")
	case notifier.Stopped:
		form("resume", "")
	default:
		return nil
	}
	form("cancel", "danger")
	return out
}

// ledger lists a page of deliveries, by the recipients' numbers: addresses are
// not for this page.
func (v *shift) ledger(p *noticePage, n notifier.Notice) error {
	q := v.r.URL.Query()
	shown := notifier.DeliveryState(q.Get("state"))
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
	path := fmt.Sprintf("%s/desk/notices/%d", v.base(), n.Seq)
	p.Filters = []link{{Href: path, Text: v.w.T("all"), Current: shown == ""}}
	for _, s := range []notifier.DeliveryState{notifier.Waiting, notifier.Deferred, notifier.InDoubt, notifier.Accepted, notifier.Failed, notifier.Excluded, notifier.Covered} {
		p.Filters = append(p.Filters, link{Href: path + "?state=" + string(s), Text: v.w.T("delivery-" + string(s)), Current: s == shown})
	}
	list, err := v.Notifier.Deliveries(v.ctx, n.Seq, shown, after, deliveriesMost)
	if err != nil {
		return err
	}
	for _, d := range list {
		p.Deliveries = append(p.Deliveries, v.deliveryRow(d))
	}
	if len(list) == deliveriesMost {
		p.Next = fmt.Sprintf("%s?state=%s&after=%d", path, shown, list[len(list)-1].Recipient)
	}
	return nil
}

func (v *shift) deliveryRow(d notifier.Delivery) deliveryRow {
	out := deliveryRow{Recipient: d.Recipient, Attempts: int64(d.Attempts), State: v.w.T("delivery-" + string(d.State)), Language: languageNames(v.w, splitTags(d.Language)), Answer: nameless(d.Evidence.Answer), More: v.why(d.Reason)}
	if !d.Evidence.Form.IsZero() {
		out.Mail = fmt.Sprintf("%s/desk/notices/%d/mail/%d", v.base(), d.Notice, d.Recipient)
	}
	if d.State == notifier.Deferred && d.Next.After(time.Time{}) {
		out.More = lang.Moment(v.w.Lang, d.Next.In(v.zone))
	}
	return out
}

// moveNotice stops, resumes or cancels.
func (d desk) moveNotice(v *shift) error {
	seq, err := numberIn(v.r.PathValue("seq"))
	if err != nil {
		return err
	}
	acts := map[string]func(context.Context, documents.Seq, documents.Actor) (notifier.Notice, error){"stop": d.Notifier.Stop, "resume": d.Notifier.Resume, "cancel": d.Notifier.Cancel}
	name := v.r.PathValue("act")
	do, ok := acts[name]
	if !ok {
		return errNoPage
	}
	if _, err := do(v.ctx, documents.Seq(seq), v.by); err != nil {
		p, buildErr := v.notice()
		if buildErr != nil || !v.refused(&p.page, err) {
			return err
		}
		return v.showAs(status(err), "desk-notice.html", p)
	}
	if err := d.audit(v.ctx, v.by, "notice."+name, fmt.Sprint(seq)); err != nil {
		return err
	}
	return v.to(fmt.Sprintf("/desk/notices/%d", seq))
}
