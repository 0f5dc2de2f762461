package server

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

// actGroup is what can be done in one way.
type actGroup struct {
	ID, Title string
	Acts      []link
}

// The acts of the door by how they are done: at once, by a link that is sent to the
// address on file, or by a person of the organisation.
func actsNow() []notifier.RequestKind {
	return []notifier.RequestKind{notifier.RequestLanguage, notifier.RequestNotMine}
}

func actsByMail() []notifier.RequestKind {
	return []notifier.RequestKind{notifier.RequestExport, notifier.RequestName, notifier.RequestAddress, notifier.RequestErase}
}

func actsOfStaff() []notifier.RequestKind {
	return []notifier.RequestKind{notifier.RequestAccess, notifier.RequestCorrect, notifier.RequestRestrict, notifier.RequestObject,
		notifier.RequestWithdraw, notifier.RequestDelete, notifier.RequestOther}
}

func allActs() []notifier.RequestKind {
	return slices.Concat(actsNow(), actsByMail(), actsOfStaff())
}

func (g *guest) groups() (out []actGroup) {
	for _, one := range []struct {
		id    string
		kinds []notifier.RequestKind
	}{{"now", actsNow()}, {"mail", actsByMail()}, {"human", actsOfStaff()}} {
		group := actGroup{ID: one.id, Title: g.w.T("me-acts-" + one.id)}
		for _, kind := range one.kinds {
			group.Acts = append(group.Acts, link{Href: g.to("/" + string(kind)), Text: g.kindName(kind), More: g.w.T("me-hint-" + string(kind))})
		}
		out = append(out, group)
	}
	return out
}

type meActPage struct {
	page
	Heading, Callout string
	Facts            []fact
	Will, Not        []string
	Other            link // the act that this one is mistaken for
	Fields           []*field
	Once             string
	Action, Submit   string
	Class            string
	Soft             []string
	Back             string
}

func (d door) showAct(g *guest) error {
	kind := notifier.RequestKind(g.r.PathValue("act"))
	if !slices.Contains(allActs(), kind) {
		return errNoPage
	}
	if g.r.URL.Query().Has("sent") && slices.Contains(actsByMail(), kind) {
		return g.sent(kind)
	}
	return g.show("me-act.html", g.actPage(kind))
}

// actPage says what will happen and what will not, and has one button.
func (g *guest) actPage(kind notifier.RequestKind) *meActPage {
	p := &meActPage{page: g.page(g.kindName(kind)), Heading: g.kindName(kind), Action: g.to("/" + string(kind)), Back: g.to(""), Once: rand.Text(), Callout: g.stopped()}
	p.Not, p.Other = g.willNot(string(kind)), g.mistakenFor(kind)
	switch {
	case slices.Contains(actsNow(), kind):
		p.Will, p.Submit = g.will(g.unmailed(string(kind))), g.w.T("me-press-"+string(kind))
	case slices.Contains(actsByMail(), kind):
		p.Will, p.Submit = append(g.will("ask"), g.will(string(kind))...), g.w.T("me-press-ask")
		if g.who.NotTheirs { // no letter would go out
			p.Action, p.Will, p.Not, p.Other = "", nil, nil, link{}
			return p
		}
	default:
		due := g.Notifier.Workdays.Due(kind, g.now.In(g.zone))
		p.Will, p.Submit = g.will(g.unmailed("human"), "date", lang.Date(g.w.Lang, due.In(g.zone))), g.w.T("me-press-human")
		if !g.Notifier.Workdays.Knows(due.In(g.zone)) {
			p.Soft = append(p.Soft, g.w.T("me-unsure"))
		}
	}
	if kind == notifier.RequestErase {
		p.Soft = append(p.Soft, g.w.T("me-lasting"))
	}
	p.Fields = g.actFields(kind)
	return p
}

// will are the lines of a key, with the address on file.
func (g *guest) will(name string, args ...any) []string {
	return strings.Split(g.w.T("me-will-"+name, append(args, "address", g.who.MaskedAddress)...), "\n")
}

// unmailed is the name of what is said where no mail goes to the address on file.
func (g *guest) unmailed(name string) string {
	if stopped := name + "-stopped"; g.who.NotTheirs && g.w.Has("me-will-"+stopped) {
		return stopped
	}
	return name
}

func (g *guest) willNot(name string) []string {
	if key := "me-not-" + name; g.w.Has(key) {
		return strings.Split(g.w.T(key), "\n")
	}
	return nil
}

// mistakenFor leads to the act that people mean when they come to the wrong one.
func (g *guest) mistakenFor(kind notifier.RequestKind) link {
	other, ok := map[notifier.RequestKind]notifier.RequestKind{
		notifier.RequestErase: notifier.RequestDelete, notifier.RequestDelete: notifier.RequestErase, notifier.RequestExport: notifier.RequestAccess,
		notifier.RequestName: notifier.RequestCorrect, notifier.RequestAddress: notifier.RequestCorrect, notifier.RequestCorrect: notifier.RequestName,
	}[kind]
	if !ok || g.token == "" {
		return link{}
	}
	return link{Href: g.to("/" + string(other)), Text: g.kindName(other)}
}

// actFields are the inputs of an act, with what was typed.
func (g *guest) actFields(kind notifier.RequestKind) []*field {
	typed := strings.ReplaceAll(g.r.PostFormValue("value"), "\r\n", "\n")
	f := &field{ID: "value", Name: "value", Value: typed}
	switch kind {
	case notifier.RequestNotMine, notifier.RequestExport, notifier.RequestErase:
		return nil
	case notifier.RequestLanguage:
		f.Kind, f.Label = "radio", g.w.T("me-which-language")
		for _, tag := range interfaceLanguages(g.settings) {
			f.Options = append(f.Options, link{Value: tag, Text: lang.Name(tag), Current: tag == or(typed, g.who.Recipient.Language)})
		}
	case notifier.RequestName:
		f.Label, f.Autocomplete, f.Hint = g.w.T("me-new-name"), "name", g.w.T("me-new-name-none")
		if g.who.MaskedName != "" {
			f.Hint = g.w.T("me-new-name-hint", "name", g.who.MaskedName)
		}
	case notifier.RequestAddress:
		f.Label, f.Hint, f.Type, f.Autocomplete = g.w.T("me-new-address"), g.w.T("me-new-address-hint"), "email", "email"
	default:
		f.Kind, f.Label, f.Hint = "slot", g.w.T("me-words"), g.w.T("me-words-hint")
		if kind != notifier.RequestCorrect && kind != notifier.RequestOther {
			f.Hint = g.w.T("me-words-may")
		}
	}
	return []*field{f}
}

func (d door) postAct(g *guest) error {
	kind := notifier.RequestKind(g.r.PathValue("act"))
	if !slices.Contains(allActs(), kind) {
		return errNoPage
	}
	if !d.limits.allow("act "+clientOf(g.ctx), acting, 20) {
		return g.refusedAct(kind, errTooMany)
	}
	to, err := g.act(kind, g.r.PostFormValue("once"))
	var invalid *documents.InvalidError
	if errors.As(err, &invalid) {
		return g.refusedAct(kind, err)
	}
	if err != nil {
		return err
	}
	return g.goTo(to)
}

// acting is how often somebody may press a button of the door.
const acting = 2 * time.Second

// act does what the link of a notice suffices for, and returns where that is shown.
// once names the press.
func (g *guest) act(kind notifier.RequestKind, once string) (string, error) {
	value := strings.TrimSpace(g.r.PostFormValue("value"))
	var q notifier.Request
	var err error
	switch {
	case kind == notifier.RequestLanguage && !slices.Contains(interfaceLanguages(g.settings), value):
		return "", documents.Invalid("value", "speak-to", "choose one of the languages")
	case kind == notifier.RequestLanguage:
		g.asked = "" // it is shown in the new one
		q, err = g.Notifier.SpeakTo(g.ctx, g.token, value, once)
	case kind == notifier.RequestNotMine:
		q, err = g.Notifier.NotMine(g.ctx, g.token)
	case slices.Contains(actsByMail(), kind):
		err = g.Notifier.Ask(g.ctx, g.token, kind, value, g.w.Lang, once)
		return g.withQuery(g.to("/"+string(kind)), "sent"), err
	default:
		q, err = g.Notifier.Lodge(g.ctx, g.token, kind, value, g.w.Lang, once)
	}
	return g.to("/receipt/" + q.Code), err
}

func (g *guest) withQuery(href, name string) string {
	switch {
	case name == "":
		return href
	case strings.Contains(href, "?"):
		return href + "&" + name
	}
	return href + "?" + name
}

// refusedAct shows the form again, with what was typed.
func (g *guest) refusedAct(kind notifier.RequestKind, err error) error {
	p := g.actPage(kind)
	text, _, ok := refusal(g.w, err)
	if !ok {
		text = g.w.T("press-often")
		saysWhen(g.out.Header(), err)
	}
	p.Problem = text
	for _, f := range p.Fields {
		f.Error, p.ProblemAt = text, f.ID
	}
	var invalid *documents.InvalidError
	if !errors.As(err, &invalid) || invalid.Field == "" {
		for _, f := range p.Fields {
			f.Error, p.ProblemAt = "", ""
		}
	}
	return g.showAs(status(err), "me-act.html", p)
}

type meSentPage struct {
	page
	Heading, Sent, Until, Back string
}

// sent says where the letter went, and that nothing happens without it.
func (g *guest) sent(kind notifier.RequestKind) error {
	return g.show("me-sent.html", &meSentPage{
		page: g.page(g.w.T("me-sent-title")), Heading: g.w.T("me-sent-title"), Back: g.to(""),
		Sent: g.w.T("me-sent", "address", g.who.MaskedAddress), Until: g.w.T("me-sent-until"),
	})
}
