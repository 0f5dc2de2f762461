package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"vestnik/documents/postgres/postgrestest"
	"vestnik/server/mailbox"
)

// doorPost is a relay where people read their mail. Whoever is to be told of a
// version waits there, if the gate of that version is shut.
type doorPost struct {
	addr string
	mu   sync.Mutex
	got  map[string][]string // texts, by address
	dead string              // an address that is refused for good
	gate string              // words of a mail that waits
	held chan struct{}       // closed once it does
	open chan struct{}       // closed to let it go on
}

func newDoorPost(t *testing.T) *doorPost {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &doorPost{addr: l.Addr().String(), got: map[string][]string{}, held: make(chan struct{}), open: make(chan struct{})}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &doorPosting{doorPost: b}, nil }))
	srv.ErrorLog = log.New(io.Discard, "", 0)
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return b
}

type doorPosting struct {
	*doorPost
	to string
}

func (s *doorPosting) Mail(string, *smtp.MailOptions) error { return nil }
func (s *doorPosting) Reset()                               {}
func (s *doorPosting) Logout() error                        { return nil }
func (s *doorPosting) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to == s.dead {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	s.to = to
	return nil
}

func (s *doorPosting) Data(r io.Reader) error {
	var raw bytes.Buffer
	if _, err := io.Copy(&raw, r); err != nil {
		return err
	}
	shown, err := mailbox.Parse(raw.Bytes())
	if err != nil {
		return err
	}
	s.mu.Lock()
	waits := s.gate != "" && strings.Contains(shown.Text, s.gate)
	if waits {
		s.gate = ""
	}
	s.mu.Unlock()
	if waits {
		close(s.held)
		<-s.open
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got[s.to] = append(s.got[s.to], shown.Text)
	return nil
}

// links are those of a form in the mail to an address, newest last.
func (b *doorPost) links(to string, form *regexp.Regexp) (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.got[to] {
		if m := form.FindString(text); m != "" {
			out = append(out, m)
		}
	}
	return out
}

var (
	personalForm = regexp.MustCompile(`http://\S+/me/[A-Za-z0-9_-]{43}`)
	freshForm    = regexp.MustCompile(`http://\S+/me/act/[A-Za-z0-9_-]{43}`)
)

// registry is an installation whose registered users walk through their door.
type registry struct {
	t       *testing.T
	n       *node
	post    *doorPost
	browser context.Context
	people  string // the file of the synchronisation
}

const fivePeople = `{"external_id":"anna","address":"anna@example.kz","language":"ru","name":"Анна Ким","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"erlan","address":"erlan@example.kz","language":"kk","name":"Ерлан Оспанов","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"wife","address":"family@example.kz","language":"ru","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"husband","address":"family@example.kz","language":"kk","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"silent","address":"silent@example.kz","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"mover","address":"mover@example.kz","language":"ru","registered_at":"2024-01-01T00:00:00Z"}
`

func TestDoorWalks(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	t.Run("bolt", func(t *testing.T) {
		h := newRegistry(t, browser, nil)
		h.walks(func() {
			if err := os.Remove(filepath.Join(h.n.dir, "vestnik.db")); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("postgres", func(t *testing.T) {
		c := postgrestest.Start(t, postgrestest.Options{})
		f := &fleet{t: t, cluster: c}
		h := newRegistry(t, browser, f.database(c.Schema()))
		h.walks(func() { h.n.args = f.database(c.Schema()) })
	})
}

func newRegistry(t *testing.T, browser context.Context, store []string) *registry {
	t.Helper()
	h := &registry{t: t, post: newDoorPost(t), browser: browser, people: filepath.Join(t.TempDir(), "people.ndjson")}
	h.n = &node{t: t, dir: filepath.Join(t.TempDir(), "data"), addr: freeAddr(t), args: store}
	h.n.flags = []string{"-smtp", "smtp://" + h.post.addr, "-from", "a@example.kz"}
	t.Cleanup(func() {
		if h.n.cmd != nil {
			h.n.cmd.Process.Kill()
			h.n.cmd.Wait()
		}
	})
	h.file(h.people, fivePeople)
	h.n.command("settings", "organisation=Example", "postal=Almaty", "reply-to=a@example.kz", "hold=0", "languages=ru,kk", "unknown-languages=kk,ru")
	history := t.TempDir()
	h.file(filepath.Join(history, "0001.ru.md"), "# Политика\n\n1. Данные\n\n1.1. Десять дней.\n")
	h.file(filepath.Join(history, "0001.kk.md"), "# Саясат\n\n1. Деректер\n\n1.1. Он күн.\n")
	h.n.command("import", "-document", "privacy", history)
	h.n.start()
	h.n.command("open")
	h.n.command("recipients", "import", h.people)
	h.publish("Двадцать дней", "Жиырма күн")
	h.await("the first notice", func() bool {
		h.post.mu.Lock()
		defer h.post.mu.Unlock()
		return len(h.post.got) == 5 && len(h.post.got["family@example.kz"]) == 2
	})
	return h
}

func (h *registry) file(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *registry) publish(ru, kk string) (notice string) {
	h.t.Helper()
	body := publication{Class: "notice", Reason: "Срок.", Texts: map[string]string{"ru": "# Политика\n\n1. Данные\n\n1.1. " + ru + ".\n", "kk": "# Саясат\n\n1. Деректер\n\n1.1. " + kk + ".\n"},
		Notes: map[string]note{"ru": {What: ru, Whom: "Всех.", Means: "Дольше."}, "kk": {What: kk, Whom: "Бәріне.", Means: "Ұзағырақ."}}}
	var made published
	if err := h.n.client().callKeyed(h.t.Context(), "POST", "/documents/privacy/versions", ru, body, &made); err != nil {
		h.t.Fatal(err)
	}
	return fmt.Sprint(made.Seq)
}

func (h *registry) await(what string, is func() bool) {
	h.t.Helper()
	if !until(patience, is) {
		h.t.Fatalf("%s does not come\n%s", what, h.n.log.String())
	}
}

// link waits for the link number n of a form in the mail to an address, from 1.
func (h *registry) link(to string, form *regexp.Regexp, n int) (link string) {
	h.t.Helper()
	h.await("a link to "+to, func() bool {
		if all := h.post.links(to, form); len(all) >= n {
			link = all[n-1]
		}
		return link != ""
	})
	return link
}

func (h *registry) enter(link string) *tab {
	h.t.Helper()
	return newTab(h.t, h.browser, "http://"+h.n.addr).scriptless().sized(400).open(link)
}

func (h *registry) walks(lose func()) {
	h.objects()
	h.neverSpoke()
	h.unnamed()
	h.share()
	h.forwarded()
	h.moves()
	h.bounces()
	h.erases(lose)
}

// objects: somebody disagrees, gets a receipt, and the answer of a person.
func (h *registry) objects() {
	h.t.Helper()
	p := h.enter(h.link("anna@example.kz", personalForm, 1)).status(200).fits()
	p.audited()
	p.follow(`main a[href$="/object"]`).status(200).fits().reads("Что произойдёт", "Чего не произойдёт")
	p.audited()
	p.write("#value", "Не согласна с пунктом 1.1.").follow("main form button").status(200).fits().reads("Обращение получено", "a•••@example.kz")
	p.audited()
	code := p.text(".code.large")
	staff := newTab(h.t, h.browser, "http://"+h.n.addr)
	staff.open(strings.TrimSpace(h.n.command("staff", "invite", "-roles", everyRole, "-lang", "kk", "staff@example.kz"))).follow("main form button").at("/desk/").reads("1 өтініш жауап күтіп тұр")
	staff.follow(`nav a[href="/desk/requests"]`).status(200).reads(code).audited()
	staff.follow(`main tbody a`).status(200).reads("Не согласна с пунктом 1.1.").audited()
	staff.write("#words", "Мы хранили бы меньше, но закон обязывает.").follow("main form button").status(422).shows(".callout.bad").audited()
	if got := staff.value("#words"); !strings.Contains(got, "закон обязывает") {
		h.t.Errorf("what was typed is %q", got)
	}
	staff.click(`input[value=refused]`).click(`input[value=retention]`).follow("main form button").status(200).shows(".callout.good")
	p.open(p.where()).status(200).reads("Мотивированный отказ", "закон обязывает хранить", code).stayedHome()
	if said := p.text("body"); strings.Contains(said, "Мы хранили бы") {
		h.t.Error("the page tells a stranger what was answered")
	}
	h.await("the answer", func() bool {
		return len(h.post.links("anna@example.kz", regexp.MustCompile("Мы хранили бы меньше"))) == 1
	})
}

// neverSpoke: nobody knows the language, so the page has both and offers one.
func (h *registry) neverSpoke() {
	h.t.Helper()
	p := h.enter(h.link("silent@example.kz", personalForm, 1)).status(200).fits().reads("Ваши уведомления", "Сіздің хабарламаларыңыз")
	p.audited()
	p.follow(`main a[hreflang=kk]`).status(200).shows("html[lang=kk]").follow(`main a[href*="/language"]`).status(200)
	p.click("input[value=kk]").follow("main form button").status(200).shows("html[lang=kk]").reads("Тіл өзгертілді")
	p.follow("main .trail a").status(200).shows("html[lang=kk]")
	if p.count(".both") != 0 {
		h.t.Error("the page is still in both languages")
	}
}

// unnamed: without TLS a browser says of a form neither from which site it comes nor,
// as the page has no-referrer, from which origin.
func (h *registry) unnamed() {
	h.t.Helper()
	at := strings.Replace(h.n.addr, "127.0.0.1", plainHost, 1)
	p := newTab(h.t, h.browser, "http://"+at).scriptless().sized(400)
	p.open(strings.Replace(h.link("silent@example.kz", personalForm, 1), h.n.addr, at, 1)).status(200)
	p.follow(`main a[href*="/language"]`).status(200).click("input[value=ru]").follow("main form button").status(200).shows("html[lang=ru]").reads("Язык изменён")
}

// share: of two with one mailbox one says that the account is not theirs. The
// other's notices go on.
func (h *registry) share() {
	h.t.Helper()
	links := map[string]string{}
	for n := range 2 {
		link := h.link("family@example.kz", personalForm, n+1)
		links[eval[string](h.enter(link), `document.documentElement.lang`)] = link
	}
	p := h.enter(links["ru"]).follow(`main a[href$="/not-mine"]`).status(200).reads("Если ящиком пользуетесь не только вы")
	p.audited()
	p.follow("main form button").status(200).reads("Письма на этот адрес прекращены", "f•••@example.kz")
	p.open(links["ru"]).shows(".callout.past").fits()
	other := h.enter(links["kk"]).status(200)
	if other.count(".callout.past") != 0 {
		h.t.Error("the other of the two is stopped too")
	}
}

// forwarded: a stranger has the mail of somebody else. They learn no address and no
// name, and what they ask for goes to the mailbox on file.
func (h *registry) forwarded() {
	h.t.Helper()
	p := h.enter(h.link("erlan@example.kz", personalForm, 1)).status(200)
	for _, act := range []string{"export", "name", "address", "erase"} {
		p.open(h.link("erlan@example.kz", personalForm, 1)).follow(`main a[href$="/` + act + `"]`).status(200)
		if said := p.text("body"); strings.Contains(said, "erlan@") || strings.Contains(said, "Оспанов") || strings.Contains(said, "Ерлан") {
			h.t.Errorf("the page of %s tells a stranger who it is: %s", act, said)
		}
	}
	p.follow("main form button").status(200).reads("Поштаңызды тексеріңіз", "e•••@example.kz")
	h.link("erlan@example.kz", freshForm, 1)
	p.open(h.link("erlan@example.kz", personalForm, 1)).status(200) // nothing was erased
	p.follow(`main a[href*="/mail/"]`).status(200).shows("iframe").fits()
	if strings.Contains(eval[string](p, `document.documentElement.outerHTML`), "erlan@") {
		h.t.Error("the mail tells a stranger the address")
	}
}

// moves: while a notice is open the address changes, and the notice goes to the new
// one.
func (h *registry) moves() {
	h.t.Helper()
	me := h.link("mover@example.kz", personalForm, 1)
	h.post.mu.Lock()
	h.post.gate = "Тридцать дней"
	h.post.mu.Unlock()
	notice := h.publish("Тридцать дней", "Отыз күн")
	<-h.post.held
	h.n.command("notices", "stop", notice)
	close(h.post.open)
	p := h.enter(me).status(200).reads("m•••@example.kz")
	p.follow(`main a[href$="/address"]`).write("#value", "nowhere").follow("main form button").status(422).audited()
	p.write("#value", "fresh@example.kz").follow("main form button").status(200).reads("m•••@example.kz")
	p.open(h.link("mover@example.kz", freshForm, 1)).status(200).reads("f•••@example.kz").fits().audited()
	p.follow("main form button").status(200).reads("f•••@example.kz")
	p.open(h.link("fresh@example.kz", freshForm, 1)).status(200).follow("main form button").status(200).reads("Адрес изменён")
	p.open(me).status(200).reads("f•••@example.kz")
	h.n.command("notices", "resume", notice)
	h.link("fresh@example.kz", personalForm, 1)
	if n := len(h.post.links("mover@example.kz", personalForm)); n != 1 {
		h.t.Errorf("%d notices went to the earlier address", n)
	}
	p.open(me).reads("Передано почтовой службе").fits()
}

// bounces: a mailbox is gone, and the next synchronisation brings another one. The
// notice goes there.
func (h *registry) bounces() {
	h.t.Helper()
	h.post.mu.Lock()
	h.post.dead = "silent@example.kz"
	h.post.mu.Unlock()
	h.publish("Сорок дней", "Қырық күн")
	h.await("the refusal", func() bool {
		return strings.Contains(h.n.command("recipients", "export", "-format", "ndjson", "-"), `"unreachable"`)
	})
	h.file(h.people, strings.ReplaceAll(fivePeople, "silent@example.kz", "quiet@example.kz"))
	h.n.command("recipients", "import", h.people)
	h.enter(h.link("quiet@example.kz", personalForm, 1)).status(200).reads("q•••@example.kz")
}

// erases: somebody leaves for good. The next synchronisation does not bring them
// back, nor does a backup from before.
func (h *registry) erases(lose func()) {
	h.t.Helper()
	backup := filepath.Join(h.t.TempDir(), "backup.tar")
	h.n.command("backup", backup)
	me := h.link("anna@example.kz", personalForm, 1)
	p := h.enter(me).follow(`main a[href$="/erase"]`).status(200).shows(`a[href$="/delete"]`)
	p.follow("main form button").status(200)
	fresh := h.link("anna@example.kz", freshForm, 1)
	p.stranger().open(fresh).status(200) // a scanner looks
	p.open(fresh).status(200).fits().audited()
	p.follow("main form button").status(200).reads("Ваши данные удалены").fits().audited()
	p.open(fresh).status(200).fits().reads("Ваши данные удалены")
	p.open(me).status(404).audited()
	kept := func() bool {
		list, err := os.ReadFile(filepath.Join(h.n.dir, "state", "erasures"))
		return err == nil && len(list) > 0
	}
	h.n.command("recipients", "import", h.people)
	h.gone(p, me)
	h.await("the memory of the erasure", kept)
	h.n.end(os.Interrupt)
	lose()
	h.n.command("restore", backup)
	h.n.start()
	h.n.command("recipients", "import", h.people)
	h.gone(p, me)
	p.open(h.link("erlan@example.kz", personalForm, 1)).status(200) // the others are there
}

func (h *registry) gone(p *tab, link string) {
	h.t.Helper()
	p.open(link).status(404)
	if all := h.n.command("recipients", "export", "-"); strings.Contains(all, "anna@") || strings.Contains(all, "Анна") {
		h.t.Errorf("they are back:\n%s", all)
	}
}
