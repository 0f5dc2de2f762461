package main

import (
	"net/smtp"
	"regexp"
	"strings"
	"testing"

	cdptarget "github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// The mailbox of the demo shows each mail as its reader gets it, and the links of
// a mail lead on to the right pages.
func TestMailbox(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	p := newTab(t, newBrowser(t), d.url).open("/desk/mailbox?lang=ru").status(200)
	if got := p.count("main tbody tr"); got != 12 {
		t.Errorf("the mailbox shows %d mails", got)
	}
	p.follow("main tbody a").status(200).shows("iframe", "dl.facts").audited()
	for _, to := range []string{"/privacy/", "/compare/1...2", "/me/"} {
		frame := p.frame()
		link := eval[string](frame, `document.querySelector('a[href*="' + %s + '"]').href`, to)
		page := p.newWindow(func() { frame.click(`a[href*="` + to + `"]`) })
		if got := page.where(); got != link {
			t.Errorf("the mail's link %s opens %s", link, got)
		}
		page.shows("main h1").stayedHome()
	}
	p.follow(`main a[href*="view=text"]`).status(200)
	written := p.text("pre")
	if !strings.Contains(written, "[recordings of conversations") {
		t.Error("a paragraph added to a clause has no sign of it")
	}
	for _, link := range regexp.MustCompile(`https?://\S+`).FindAllString(written, -1) {
		if strings.HasPrefix(link, d.url+"/") {
			p.stranger().open(link).status(200)
		}
	}
	p.follow(`main a[href*="view=source"]`).status(200).reads("Message-ID:", "multipart/alternative")
	p.personal(regexp.MustCompile(`https?://\S+/me/\S+`).FindString(written))
}

// personal opens the page of one recipient: it names the notice and not the
// address.
func (p *tab) personal(link string) {
	p.t.Helper()
	address := eval[string](p, `document.querySelectorAll('dl.facts dd')[1].innerText`)
	me := p.stranger().sized(320).open(link).status(200).fits().shows("dl.facts", "section.note a")
	me.audited()
	if said := me.text("body"); strings.Contains(said, address) || !strings.Contains(said, address[strings.Index(address, "@"):]) {
		p.t.Errorf("the personal page of %s does not mask the address: %q", address, me.text("dl.facts"))
	}
	me.follow(`header a[hreflang=kk]`).status(200).shows("html[lang=kk]")
	me.follow(`section.note a[href*="/compare/"]`).status(200).shows(".redline ins").stayedHome()
	if got := me.cookies(); len(got) > 0 {
		p.t.Errorf("cookies %q", got)
	}
}

// frame is the mail within its page: a process of its own, since it is sandboxed.
func (p *tab) frame() *tab {
	p.t.Helper()
	all, err := chromedp.Targets(p.ctx)
	p.must(err)
	for _, one := range all {
		if one.Type == "iframe" && one.BrowserContextID == chromedp.FromContext(p.ctx).BrowserContextID {
			return p.inside(one.TargetID)
		}
	}
	p.t.Fatalf("%s has no frame apart: %v", p.where(), all)
	return nil
}

func (p *tab) inside(id cdptarget.ID) *tab {
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel())
	p.t.Cleanup(cancel)
	f := &tab{t: p.t, ctx: ctx, origin: p.origin} // it observes nothing: its page does
	p.must(chromedp.Do(ctx))
	return f
}

// mailbox is where the built-in mailbox takes mail: the ledger says so.
func (d *running) mailbox() string {
	d.t.Helper()
	var owed struct {
		Deliveries []struct {
			Relay string `json:"relay"`
		} `json:"deliveries"`
	}
	err := socketClient(folder(d.dir)).call(d.t.Context(), "GET", "/notices/2/deliveries", nil, &owed)
	if err != nil || len(owed.Deliveries) == 0 {
		d.t.Fatalf("the ledger: %v", err)
	}
	addr, _, _ := strings.Cut(owed.Deliveries[0].Relay, " ")
	return addr
}

const hostileMail = "From: x@example.com\r\nTo: y@example.com\r\nSubject: =?utf-8?q?<script>document.title=3D'ran'</script>?=\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
	"<html><head><meta http-equiv=refresh content='0;url=https://elsewhere.example/'><link rel=stylesheet href='https://elsewhere.example/a.css'><style>@import 'https://elsewhere.example/b.css';</style></head>" +
	"<body><p id=mark>as sent</p><img src='https://elsewhere.example/pixel.gif' onerror=\"mark.textContent='ran'\"><script>mark.textContent='ran';top.location='https://elsewhere.example/'</script>" +
	"<iframe src='https://elsewhere.example/'></iframe><form id=f action='https://elsewhere.example/' method=post><input name=a></form><script>f.submit()</script></body></html>\r\n"

// Whatever a mail holds, looking at it runs nothing and asks nobody.
func TestHostileMail(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	if err := smtp.SendMail(d.mailbox(), nil, "x@example.com", []string{"y@example.com"}, []byte(hostileMail)); err != nil {
		t.Fatal(err)
	}
	p := newTab(t, newBrowser(t), d.url).open("/desk/mailbox/13").status(200).shows("iframe")
	if got := eval[string](p.frame(), `document.querySelector('#mark').textContent`); got != "as sent" {
		t.Errorf("in the frame a script %s", got)
	}
	p.stayedHome()
	p.at("/desk/mailbox/13").open("/desk/mailbox").open("/desk/mailbox/13?view=source").status(200).stayedHome()
	p.open("/desk/mailbox/13/html").status(200)
	if got := p.text("#mark"); got != "as sent" {
		t.Errorf("on a page of its own a script %s", got)
	}
	p.stayedHome()
}
