package server

import (
	"net/http"
	"strings"
)

type meMailPage struct {
	page
	sentPage
	Back string
}

// mail is what the address names, if this person was owed it.
func (g *guest) mail() (sentMail, error) {
	told, err := g.toldOf()
	if err != nil {
		return sentMail{}, err
	}
	return g.sentMail(g.ctx, told.Delivery)
}

// showSent shows a mail again, as it was sent.
func (d door) showSent(g *guest) error {
	m, err := g.mail()
	if err != nil {
		return err
	}
	told, err := g.toldOf()
	if err != nil {
		return err
	}
	to := func(rest string) string {
		path, query, _ := strings.Cut(rest, "?")
		return g.withQuery(g.to("/mail/"+g.r.PathValue("seq")+path), query)
	}
	p := &meMailPage{page: g.page(g.w.T("me-mail-title", "subject", m.shown.Subject)), Back: g.to("")}
	p.sentPage = m.page(g.w, g.zone, g.toldState(told), g.r.URL.Query().Get("view"), to)
	body, err := execute("me-mail.html", p)
	if err != nil {
		return err
	}
	return writeFramed(g.out, http.StatusOK, body)
}

func (d door) showSentHTML(g *guest) error {
	m, err := g.mail()
	if err != nil {
		return err
	}
	return m.writeHTML(g.out)
}

func (d door) showSentFile(g *guest) error {
	m, err := g.mail()
	if err != nil {
		return err
	}
	return m.writeFile(g.out)
}
