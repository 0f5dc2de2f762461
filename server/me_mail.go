package server

import (
	"fmt"
	"net/http"

	"vestnik/documents"
	"vestnik/documents/lang"
	mails "vestnik/server/mailbox"
)

type meMailPage struct {
	page
	Heading        string
	Facts, Traces  []fact // what matters to the reader, and to whoever checks
	Views          []link
	Frame          string
	Text           string
	File, FileName string
	Digest         string
	Back           string
}

// sentMail is the masked message of a notice: a link may be known to others, and
// its digest is of these bytes.
func (g *guest) sentMail() (raw []byte, shown mails.View, err error) {
	told, err := g.toldOf()
	if err != nil {
		return nil, shown, err
	}
	if raw, err = g.Notifier.Masked(g.ctx, told.Notice.Seq, g.who.Recipient.Number); err != nil {
		return nil, shown, err
	}
	shown, err = mails.Parse(raw)
	return raw, shown, err
}

// showSent shows a mail again, as it was sent.
func (d door) showSent(g *guest) error {
	told, err := g.toldOf()
	if err != nil {
		return err
	}
	raw, shown, err := g.sentMail()
	if err != nil {
		return err
	}
	path := "/mail/" + g.r.PathValue("seq")
	p := &meMailPage{page: g.page(g.w.T("me-mail-title", "subject", shown.Subject)), Heading: shown.Subject, Back: g.to(""), Digest: documents.SHA256(raw).String(),
		File: g.to(path + "/file"), FileName: "notice-" + g.r.PathValue("seq") + ".eml"}
	evidence := told.Delivery.Evidence
	p.Facts = append(p.Facts, fact{Text: g.w.T("from-whom"), More: shown.From}, fact{Text: g.w.T("state"), More: g.toldState(told)})
	if !evidence.At.IsZero() {
		p.Facts = append(p.Facts, fact{Text: g.w.T("when"), More: lang.Moment(g.w.Lang, evidence.At.In(g.zone))})
		p.Traces = append(p.Traces, fact{Text: g.w.T("me-mail-relay"), More: evidence.Relay})
	}
	p.Traces = append(p.Traces, fact{Text: g.w.T("me-mail-id"), More: told.Delivery.MessageID}, fact{Text: g.w.T("me-mail-digest"), More: p.Digest, Digest: true})
	as := g.r.URL.Query().Get("view")
	if as == "" && shown.HTML != "" {
		as = "html"
	}
	switch {
	case as == "source":
		p.Text = string(raw)
	case as == "html" && shown.HTML != "":
		p.Frame = g.to(path + "/html")
	default:
		as, p.Text = "text", shown.Text
	}
	for _, one := range []string{"html", "text", "source"} {
		p.Views = append(p.Views, link{Href: g.withQuery(g.to(path), "view="+one), Text: g.w.T("mail-" + one), Current: one == as})
	}
	body, err := execute("me-mail.html", p)
	if err != nil {
		return err
	}
	return writeFramed(g.out, body)
}

func (d door) showSentHTML(g *guest) error {
	_, shown, err := g.sentMail()
	if err != nil {
		return err
	}
	if shown.HTML == "" {
		return errNoPage
	}
	h := g.out.Header()
	h.Set("Content-Security-Policy", mailPolicy)
	h.Set("Content-Type", htmlType)
	_, err = g.out.Write([]byte(opened(shown.HTML)))
	return err
}

// showSentFile hands out the very bytes that the digest is of.
func (d door) showSentFile(g *guest) error {
	raw, _, err := g.sentMail()
	if err != nil {
		return err
	}
	h := g.out.Header()
	h.Set("Content-Type", "message/rfc822")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="notice-%s.eml"`, g.r.PathValue("seq")))
	g.out.WriteHeader(http.StatusOK)
	_, err = g.out.Write(raw)
	return err
}
