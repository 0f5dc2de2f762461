package server

import (
	"fmt"
	"net/http"

	"vestnik/documents"
	"vestnik/documents/lang"
)

type deskMailPage struct {
	page
	sentPage
	Back, Name string
}

// sent is the mail of the delivery that the address names.
func (v *shift) sent() (sentMail, error) {
	seq, err := numberIn(v.r.PathValue("seq"))
	if err != nil {
		return sentMail{}, err
	}
	recipient, err := numberIn(v.r.PathValue("recipient"))
	if err != nil {
		return sentMail{}, err
	}
	d, err := v.Notifier.Delivery(v.ctx, documents.Seq(seq), int64(recipient))
	if err != nil {
		return sentMail{}, err
	}
	return v.sentMail(v.ctx, d)
}

// showSent shows what one recipient was sent, to any member of staff: whose it was
// is masked.
func (d desk) showSent(v *shift) error {
	m, err := v.sent()
	if err != nil {
		return err
	}
	notice := fmt.Sprintf("%s/desk/notices/%d", v.base(), m.Notice)
	p := &deskMailPage{page: v.page(v.w.T("me-mail-title", "subject", m.shown.Subject)), Back: notice, Name: v.w.T("notice")}
	p.sentPage = m.page(v.w, v.zone, v.w.T("delivery-"+string(m.State)), v.r.URL.Query().Get("view"), func(rest string) string {
		return fmt.Sprintf("%s/mail/%d%s", notice, m.Recipient, rest)
	})
	p.Facts = append(p.Facts, fact{Text: v.w.T("recipient-number"), More: number(v.w, m.Recipient)}, fact{Text: v.w.T("language"), More: languageNames(v.w, splitTags(m.Language))})
	if m.Evidence.Answer != "" {
		p.Traces = append(p.Traces, fact{Text: v.w.T("answer"), More: nameless(m.Evidence.Answer)})
	}
	return v.showFramed(http.StatusOK, "desk-mail.html", p)
}

func (d desk) showSentHTML(v *shift) error {
	m, err := v.sent()
	if err != nil {
		return err
	}
	return m.writeHTML(v.out)
}

func (d desk) showSentFile(v *shift) error {
	m, err := v.sent()
	if err != nil {
		return err
	}
	return m.writeFile(v.out)
}

// showMailToBe answers with the HTML of the mail that recipients will get if the
// draft is published, for the frame in its review.
func (d desk) showMailToBe(v *shift) error {
	m, err := v.manuscript()
	if err != nil {
		return err
	}
	tag := v.r.PathValue("lang")
	if !m.open || !lang.Valid(tag) {
		return errNoPage
	}
	proposal, err := v.Library.Propose(v.ctx, m.draft)
	if err != nil {
		return err
	}
	if _, ok := proposal.Version.Text(tag); !ok || !tells(m, proposal.Version) {
		return errNoPage
	}
	_, _, markup, err := v.Notifier.Preview(v.ctx, proposal, tag)
	if err != nil {
		return err
	}
	return writeMailHTML(v.out, markup)
}
