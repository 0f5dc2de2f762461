package server

import (
	"errors"
	"net/http"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

// fresh is what a link of a letter would do, in the language of its reader.
func (g *guest) fresh(secret string) (notifier.Fresh, error) {
	f, err := g.Notifier.Fresh(g.ctx, secret)
	if err == nil {
		g.speak(f)
	}
	return f, err
}

func (g *guest) speak(f notifier.Fresh) {
	if g.asked == "" && f.Language != "" {
		g.visit.w = catalogue.In(lang.Near(f.Language))
	}
	g.who.MaskedAddress = f.MaskedAddress
}

// showFresh shows a button; only pressing it spends the link. A scanner that
// follows the link changes nothing.
func (d door) showFresh(g *guest) error {
	secret := g.r.PathValue("fresh")
	f, err := g.fresh(secret)
	if errors.Is(err, documents.ErrNotFound) {
		return g.spent(secret)
	}
	if err != nil {
		return err
	}
	return g.show("me-act.html", g.freshPage(f, secret))
}

func (g *guest) freshPage(f notifier.Fresh, secret string) *meActPage {
	name, heading := string(f.Kind), g.kindName(f.Kind)
	if f.Purpose == notifier.LinkConfirm {
		name, heading = "confirm", g.w.T("me-confirm")
	}
	p := &meActPage{page: g.page(heading), Heading: heading, Action: g.base() + notifier.FreshPath + secret, Submit: g.w.T("me-press-" + name)}
	if g.asked != "" {
		p.Action += "?lang=" + g.asked
	}
	p.Will, p.Not = g.will(name, "value", f.Value), g.willNot(name)
	p.Facts = []fact{{Text: g.w.T("me-address"), More: f.MaskedAddress}}
	switch {
	case f.Kind == notifier.RequestName:
		p.Facts = append(p.Facts, fact{Text: g.w.T("me-new-name"), More: f.Value})
	case f.Kind == notifier.RequestAddress:
		p.Facts = append(p.Facts, fact{Text: g.w.T("me-new-address"), More: f.Value})
	case f.Kind == notifier.RequestErase:
		p.Class = "danger"
		p.Soft = append(p.Soft, g.w.T("me-lasting"))
		if f.Open > 0 {
			p.Callout = g.w.T("me-open-lapse", "n", f.Open)
		}
	}
	until := lang.Moment(g.w.Lang, f.Until.In(g.zone))
	p.Soft = append(p.Soft, g.w.T("me-not-you"), g.w.T("me-until-hour", "time", until))
	return p
}

// deed is what a pressed button did, for the page about it.
type deed struct {
	fresh notifier.Fresh
	done  notifier.Done
}

func (d door) postFresh(g *guest) error {
	if !d.limits.allow("act "+clientOf(g.ctx), acting, 20) {
		return errTooMany
	}
	secret := g.r.PathValue("fresh")
	f, err := g.fresh(secret)
	var done notifier.Done
	if err == nil {
		done, err = g.Notifier.Do(g.ctx, secret)
	}
	if errors.Is(err, documents.ErrNotFound) {
		return g.spent(secret)
	}
	if err != nil {
		return err
	}
	return g.showDeed(deed{f, done})
}

// spent shows once more what a link did.
func (g *guest) spent(secret string) error {
	f, done, err := g.Notifier.Spent(g.ctx, secret)
	if errors.Is(err, documents.ErrNotFound) {
		return g.guessed("me-ended")
	}
	if err != nil {
		return err
	}
	g.speak(f)
	if g.r.Method != http.MethodPost {
		done.Export = nil // whoever looks has not pressed
	}
	return g.showDeed(deed{f, done})
}

func (g *guest) showDeed(one deed) error {
	if one.done.Confirm != "" {
		return g.show("me-sent.html", &meSentPage{
			page: g.page(g.w.T("me-sent-title")), Heading: g.w.T("me-sent-title"),
			Sent: g.w.T("me-confirm-sent", "value", one.done.Confirm), Until: g.w.T("me-confirm-sent-until"),
		})
	}
	if one.done.Export != nil {
		return g.showExport(one.done)
	}
	address := one.fresh.MaskedAddress
	if one.fresh.Purpose == notifier.LinkConfirm {
		address = one.fresh.Value
	}
	p := g.receipt(one.done.Request, address)
	p.Languages = nil // the page is the answer to a button: it cannot be asked for again
	return g.show("me-receipt.html", p)
}
