package server

import (
	"net/mail"
	"strings"
	"time"

	"vestnik/documents/lang"
	"vestnik/notifier"
)

// whyPage tells a recipient, or whoever handles complaints at their mail provider,
// why a notice came, and how to see that it is genuine. It is the same for all and
// holds nothing about anybody who was told.
type whyPage struct {
	page
	Who      string // the organisation, or "we"
	Sender   []fact
	Root     string
	Typed    string // the root as people type it
	Host     string
	Abuse    string
	Register string
	Told     []toldRow
}

// toldRow is one notice.
type toldRow struct {
	Subject, Lang          string
	Both                   string // the subject line of who has told no language
	Document, Version      string
	DocumentHref           string
	Date, When, State, Sum string
}

const (
	toldMost = 20          // notices on the page
	toldFor  = time.Minute // how old figures of a notice that is being sent may be
)

// why answers /why.
func (p *site) why(v *visit) (view, error) {
	set, err := p.book.Notifier(v.ctx)
	if err != nil {
		return view{}, err
	}
	out := &whyPage{page: v.page(v.w.T("why-title")), Who: or(v.settings.Organisation.In(v.w.Lang), v.w.T("why-we")), Root: v.absolute(v.base() + "/"), Register: v.base() + "/register"}
	out.Typed = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(out.Root, "https://"), "http://"), "/")
	out.Host = or(p.root.Hostname(), out.Typed)
	out.Sender = senderFacts(v.w, set)
	out.Abuse = or(v.settings.Abuse, bare(set.ReplyTo))
	out.Languages, out.Canonical = v.switched("/why"), v.absolute(v.base()+"/why")
	until, err := v.noticesTold(out)
	return view{"why.html", out, until}, err
}

// senderFacts are whom a genuine notice comes from.
func senderFacts(w lang.Words, set notifier.Settings) []fact {
	var out []fact
	add := func(key, value string) {
		if strings.TrimSpace(value) != "" {
			out = append(out, fact{Text: w.T(key), More: value})
		}
	}
	add("setting-organisation", set.Organisation.In(w.Lang))
	add("setting-bin", set.BIN)
	add("setting-postal", set.Postal.In(w.Lang))
	if set.From != unsent {
		from := bare(set.From)
		_, domain, _ := strings.Cut(from, "@")
		add("why-from", from)
		add("why-domain", domain)
	}
	add("why-reply", bare(set.ReplyTo))
	return out
}

// bare is the address in "Name <name@example.kz>".
func bare(mailbox string) string {
	if a, err := mail.ParseAddress(mailbox); err == nil {
		return a.Address
	}
	return mailbox
}

// noticesTold lists the latest notices of which mail went out or goes out, and says until
// when the list stays true.
func (v *visit) noticesTold(out *whyPage) (until time.Time, err error) {
	all, err := v.Notifier.Notices(v.ctx)
	if err != nil {
		return until, err
	}
	for _, x := range all {
		if x.State != notifier.Finished && x.State != notifier.Cancelled {
			until = v.now.Add(toldFor)
		}
		if len(out.Told) == toldMost || x.State == notifier.Holding || x.State == notifier.Cancelled && reached(x) == 0 {
			continue
		}
		row, err := v.toldRow(x)
		if notFound(err) {
			continue
		}
		if err != nil {
			return until, err
		}
		out.Told = append(out.Told, row)
	}
	return until, nil
}

// reached counts who was told: those whose mail the relay has, and those who saw
// it elsewhere.
func reached(x notifier.Notice) int64 {
	f := x.Figures
	if x.Closing != nil {
		f = *x.Closing
	}
	return f.Accepted + f.Covered
}

func (v *visit) toldRow(x notifier.Notice) (toldRow, error) {
	d, err := v.Library.Document(v.ctx, x.Document)
	if err != nil {
		return toldRow{}, err
	}
	subject, in, err := v.Notifier.Subject(v.ctx, x, v.w.Lang)
	if err != nil {
		return toldRow{}, err
	}
	both, all, err := v.Notifier.Subject(v.ctx, x, "")
	if err != nil {
		return toldRow{}, err
	}
	if len(all) < 2 {
		both = ""
	}
	name, tagged := title(d.Titles, v.w.Lang, d.Prevailing, d.ID)
	sent := x.SendAfter.In(v.zone)
	return toldRow{
		Subject: subject, Lang: in[0], Both: both, Document: name, Version: versionName(v.w, x.Version), DocumentHref: v.href(d.ID, tagged, "v", x.Version),
		Date: sent.Format(time.DateOnly), When: lang.Date(v.w.Lang, sent), State: v.w.T("why-state-" + string(x.State)), Sum: v.w.N("why-told", int(reached(x))),
	}, nil
}
