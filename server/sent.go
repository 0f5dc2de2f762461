package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"vestnik/documents/lang"
	"vestnik/notifier"
	mails "vestnik/server/mailbox"
)

// sentMail is the mail of a delivery as it was sent, with masks in the place of what
// is personal: others may see it, and the digest in the evidence is of these bytes.
type sentMail struct {
	notifier.Delivery
	raw   []byte
	shown mails.View
	other bool // the words are those that were sent, the bytes are not
}

func (s *Server) sentMail(ctx context.Context, d notifier.Delivery) (m sentMail, err error) {
	m.Delivery = d
	m.raw, err = s.Notifier.Masked(ctx, d.Notice, d.Recipient)
	if m.other = errors.Is(err, notifier.ErrOtherBytes); err != nil && !m.other {
		return m, err
	}
	m.shown, err = mails.Parse(m.raw)
	return m, err
}

// sentPage is what the pages of such a mail show.
type sentPage struct {
	Heading, In    string // the subject, and its language
	Facts, Traces  []fact // what matters to the reader, and to whoever checks
	Views          []link
	Frame          string
	Text           string
	File, FileName string
	Other          bool
}

// page shows a mail in the form that was asked for. to makes an address out of what
// comes after that of the page.
func (m sentMail) page(w lang.Words, zone *time.Location, state, as string, to func(string) string) sentPage {
	p := sentPage{Heading: m.shown.Subject, In: m.firstLanguage(), Other: m.other, File: to("/file"), FileName: m.fileName()}
	p.Facts = []fact{{Text: w.T("from-whom"), More: m.shown.From}, {Text: w.T("state"), More: state}}
	if at := m.Evidence.At; !at.IsZero() {
		p.Facts = append(p.Facts, fact{Text: w.T("when"), More: lang.Moment(w.Lang, at.In(zone))})
		p.Traces = append(p.Traces, fact{Text: w.T("me-mail-relay"), More: m.Evidence.Relay})
	}
	p.Traces = append(p.Traces, fact{Text: w.T("me-mail-id"), More: m.MessageID}, fact{Text: w.T("me-mail-digest"), More: m.Evidence.Digest.String(), Digest: true})
	if as == "" && m.shown.HTML != "" {
		as = "html"
	}
	switch {
	case as == "source":
		p.Text = string(m.raw)
	case as == "html" && m.shown.HTML != "":
		p.Frame = to("/html")
	default:
		as, p.Text = "text", m.shown.Text
	}
	for _, one := range []string{"html", "text", "source"} {
		p.Views = append(p.Views, link{Href: to("?view=" + one), Text: w.T("mail-" + one), Current: one == as})
	}
	return p
}

func (m sentMail) firstLanguage() string {
	tag, _, _ := strings.Cut(m.Language, "+")
	return tag
}

func (m sentMail) fileName() string { return fmt.Sprintf("notice-%d.eml", m.Notice) }

// writeHTML answers with the mail alone, for the frame in the page.
func (m sentMail) writeHTML(w http.ResponseWriter) error { return writeMailHTML(w, m.shown.HTML) }

// writeFile answers with the very bytes that the digest is of.
func (m sentMail) writeFile(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Content-Type", "message/rfc822")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, m.fileName()))
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(m.raw)
	return err
}

// writeMailHTML answers with the HTML of a mail, which may do nothing.
func writeMailHTML(w http.ResponseWriter, markup string) error {
	if markup == "" {
		return errNoPage
	}
	h := w.Header()
	h.Set("Content-Security-Policy", mailPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Type", htmlType)
	_, err := w.Write([]byte(opened(markup)))
	return err
}
