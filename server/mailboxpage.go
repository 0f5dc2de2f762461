package server

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vestnik/documents/lang"
	mails "vestnik/server/mailbox"
)

// mailbox lets anybody on this machine look in the demo, else staff alone: mail
// holds people's links and addresses.
func (d desk) mailbox(h func(*shift) error) handler {
	if d.Demo && d.Loopback {
		return func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Cache-Control", "no-store")
			who, _ := d.staff(r)
			v, err := d.shift(w, r, who)
			if err != nil {
				return err
			}
			return h(v)
		}
	}
	return d.signedIn(h, "administrator")
}

type mailboxPage struct {
	page
	Mails []mailRow
	Next  string
}

type mailRow struct{ Href, Subject, To, Time, When string }

const mailboxMost = 50

func (d desk) showMailbox(v *shift) error {
	before, _ := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64)
	list, err := d.Store.Mails(v.ctx, before, mailboxMost)
	if err != nil {
		return err
	}
	p := &mailboxPage{page: v.page(v.w.T("mailbox"))}
	p.Languages = v.visitorLanguages()
	for _, m := range list {
		at := m.At.In(v.zone)
		p.Mails = append(p.Mails, mailRow{fmt.Sprintf("%s/desk/mailbox/%d%s", v.base(), m.ID, v.langQuery("?")), or(m.Subject, v.w.T("no-subject")), strings.Join(m.To, ", "), at.Format(time.RFC3339), lang.Moment(v.w.Lang, at)})
	}
	if len(list) == mailboxMost {
		p.Next = fmt.Sprintf("%s/desk/mailbox?before=%d%s", v.base(), list[len(list)-1].ID, v.langQuery("&"))
	}
	return v.show("mailbox.html", p)
}

// visitorLanguages is a switch for those who are not staff, who have a language
// of their own.
func (v *shift) visitorLanguages() (out []link) {
	if v.who.ID != "" {
		return nil
	}
	for _, tag := range interfaceLanguages(v.settings) {
		out = append(out, link{Href: "?lang=" + tag, Text: lang.Name(tag), Lang: tag, Current: tag == v.w.Lang})
	}
	return out
}

// langQuery carries a visitor's choice of language along.
func (v *shift) langQuery(sign string) string {
	if asked := v.r.URL.Query().Get("lang"); v.who.ID == "" && asked == v.w.Lang {
		return sign + "lang=" + asked
	}
	return ""
}

type mailPage struct {
	page
	Heading string
	Facts   []fact
	Views   []link
	Frame   string
	Text    string
}

func (v *shift) mail() (StoredMail, error) {
	id, err := numberIn(v.r.PathValue("id"))
	if err != nil {
		return StoredMail{}, err
	}
	return v.Store.Mail(v.ctx, int64(id))
}

func (d desk) showMail(v *shift) error {
	m, err := v.mail()
	if err != nil {
		return err
	}
	at := m.At.In(v.zone)
	p := &mailPage{page: v.page(or(m.Subject, v.w.T("no-subject"))), Heading: or(m.Subject, v.w.T("no-subject"))}
	p.Private, p.Languages = true, v.visitorLanguages()
	p.Facts = []fact{{Text: v.w.T("from-whom"), More: m.From}, {Text: v.w.T("to"), More: strings.Join(m.To, ", ")}, {Text: v.w.T("when"), More: lang.Moment(v.w.Lang, at)}}
	shown, parseErr := mails.Parse(m.Raw)
	as := v.r.URL.Query().Get("view")
	if as == "" && parseErr == nil && shown.HTML != "" {
		as = "html"
	}
	switch {
	case parseErr != nil || as == "source":
		as, p.Text = "source", string(m.Raw)
	case as == "html" && shown.HTML != "":
		p.Frame = fmt.Sprintf("%s/desk/mailbox/%d/html", v.base(), m.ID)
	default:
		as, p.Text = "text", shown.Text
	}
	if shown.From != "" {
		p.Facts[0].More = shown.From
	}
	for _, one := range []string{"html", "text", "source"} {
		if one == "html" && shown.HTML == "" || one == "text" && shown.Text == "" {
			continue
		}
		p.Views = append(p.Views, link{Href: fmt.Sprintf("%s/desk/mailbox/%d?view=%s%s", v.base(), m.ID, one, v.langQuery("&")), Text: v.w.T("mail-" + one), Current: one == as})
	}
	v.out.Header().Set("Referrer-Policy", "no-referrer")
	return v.showFramed(http.StatusOK, "mail.html", p)
}

// showFramed is showAs for a page that frames the mail beside it.
func (v *shift) showFramed(status int, name string, data any) error {
	body, err := execute(name, data)
	if err != nil {
		return err
	}
	return writeFramed(v.out, status, body)
}

func writeFramed(w http.ResponseWriter, status int, body []byte) error {
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy+"; frame-src 'self'")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", htmlType)
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

// mailPolicy is all that a mail may do in its frame: look as it was meant to. It
// runs nothing, fetches nothing and has an origin of its own. Its links may be
// followed in a window of their own.
const mailPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

func (d desk) showMailHTML(v *shift) error {
	m, err := v.mail()
	if err != nil {
		return err
	}
	shown, err := mails.Parse(m.Raw)
	if err != nil {
		return errNoPage
	}
	return writeMailHTML(v.out, shown.HTML)
}

// opened makes the links of a mail open outside its frame, in which no page of
// ours may appear.
func opened(html string) string {
	const base = `<base target="_blank">`
	if head := strings.Index(html, "<head>"); head >= 0 {
		return html[:head+6] + base + html[head+6:]
	}
	return base + html
}
