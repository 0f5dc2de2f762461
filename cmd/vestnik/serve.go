package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vestnik/notifier/mail"
	"vestnik/server"
	"vestnik/server/mailbox"
)

var serveCommand = command{"serve", "", "runs the service", func(f *flag.FlagSet) action {
	w := &where{}
	w.local(f)
	addr := f.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	public := f.String("url", "", "the public `URL`, with a path if need be; required off loopback")
	smtp := f.String("smtp", "", "the mail `relay`: smtp://host:587, smtps://host:465, or env:NAME or file:PATH that holds one with its password; without it mail goes to the built-in mailbox")
	from := f.String("from", "", "the sender's `address` of every mail")
	trusted := f.String("trusted-proxy", "", "`addresses` of proxies whose X-Forwarded headers count, with commas between")
	accept := f.String("accept-rollback", "", "go on after the log went back, for this public `reason`")
	drain := f.Duration("drain", 0, "how `long` to say no at /readyz and /healthz before a stop, and still answer; longer than a proxy takes between its health checks")
	senders := f.Int("senders", 4, "how `many` connections to the relay send notices at a time, from 1 to 64")
	return func(ctx context.Context, s streams, args []string) error {
		if err := errors.Join(noArguments(args), w.check()); err != nil {
			return err
		}
		if *senders < 1 || *senders > 64 {
			return usagef("-senders is a number from 1 to 64, not %d", *senders)
		}
		o, err := serveOptions(*addr, *public, *smtp, *from, *trusted, *accept)
		if err != nil {
			return err
		}
		o.store, o.drain, o.senders = w.store, *drain, *senders
		o.journal = server.NewJournal(s.err)
		defer o.journal.Flush()
		o.log = slog.New(slog.NewTextHandler(o.journal, nil))
		return serve(ctx, s, folder(w.data), *addr, o, nil)
	}
}}

func serveOptions(addr, public, smtp, from, trusted, accept string) (options, error) {
	o := options{url: strings.TrimRight(public, "/"), from: from, loopback: onLoopback(addr), accept: accept}
	_, _, err := net.SplitHostPort(addr)
	if err != nil {
		return o, usagef("-addr %q is no address to listen on; write 127.0.0.1:8080, or :8080 for all of this machine's", addr)
	}
	if o.relay, err = secret("smtp", smtp); err != nil {
		return o, err
	}
	if o.relay != "" {
		if _, err := mail.ParseRelay(o.relay); err != nil {
			return o, usagef("-smtp: %v", err)
		}
		if from == "" {
			return o, usagef("-smtp needs -from, the address that mail comes from")
		}
	}
	if _, err := netmail.ParseAddress(from); from != "" && (err != nil || strings.ContainsAny(from, "\r\n")) {
		return o, usagef("-from %q is no address; write privacy@example.kz, or Name <privacy@example.kz>", from)
	}
	if u, err := url.Parse(o.url); err != nil || (o.url != "" && (u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"))) {
		return o, usagef("-url %q is no address; write https://policies.example.kz", o.url)
	}
	if o.url == "" && !o.loopback {
		return o, usagef("-addr %s can be reached from outside, so -url must say what the public calls it", addr)
	}
	for _, one := range strings.FieldsFunc(trusted, func(r rune) bool { return r == ',' || r == ' ' }) {
		if _, err := netip.ParsePrefix(one); err == nil {
			o.trusted = append(o.trusted, one)
		} else if _, err := netip.ParseAddr(one); err == nil {
			o.trusted = append(o.trusted, one)
		} else {
			return o, usagef("-trusted-proxy: %q is no IP address or prefix", one)
		}
	}
	return o, nil
}

func onLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// service is a running installation.
type service struct {
	*installation
	url     string
	log     *slog.Logger
	stop    []func() // in the order of starting
	wait    sync.WaitGroup
	short   *server.Shortcut
	leaving atomic.Bool // it takes requests, and will not for long
	sending context.Context
	halt    context.CancelFunc // ends sending
}

// serve runs until ctx ends. ready, if set, is called once everything listens;
// its error ends the service.
func serve(ctx context.Context, s streams, d folder, addr string, o options, ready func(*service) error) (err error) {
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; name another address with -addr", addr, err)
	}
	defer tcp.Close()
	recorded := o.url
	if o.url == "" {
		o.url = "http://" + tcp.Addr().String()
	}
	bar := progress(s.err, -1, "reading everything")
	o.progress = func(done, of int) { bar.ChangeMax(of); bar.Set(done) }
	sv, err := start(ctx, d, tcp, recorded, o)
	bar.Finish()
	if err != nil {
		return o.store.said(err)
	}
	defer func() { err = errors.Join(err, sv.shutdown()) }()
	if ready != nil {
		return ready(sv)
	}
	fmt.Fprintf(s.err, "Vestnik serves %s from %s%s\n", o.url, from(d, o.store), map[bool]string{true: "; this is a rehearsal, `vestnik open` ends it"}[sv.rehearsal()])
	<-ctx.Done()
	sv.drain(o.drain)
	return nil
}

// start opens the folder and starts, in this order, the built-in mailbox, the
// notifier, the socket and the public listener. What fails stops what runs.
func start(ctx context.Context, d folder, tcp net.Listener, recorded string, o options) (sv *service, err error) {
	post, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o.mailbox = "smtp://" + post.Addr().String()
	in, err := openToServe(ctx, d, o)
	if err != nil {
		post.Close()
		return nil, err
	}
	sv = &service{installation: in, url: o.url, log: o.log}
	sv.sending, sv.halt = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			sv.shutdown()
		}
	}()
	if err = in.sound(ctx, o.progress); err != nil {
		return sv, err
	}
	if err = in.book.Record(ctx, recorded, o.relay, o.from); err != nil {
		return sv, err
	}
	sv.compareClocks(ctx)
	sv.startSigning(ctx)
	sv.startMailbox(post)
	sv.startNotifier()
	sv.startPages()
	socket, err := listenSocket(d.socket())
	if err != nil {
		return sv, err
	}
	socket.(*net.UnixListener).SetUnlinkOnClose(false)
	sv.stop = append(sv.stop, func() { os.Remove(d.socket()) })
	local := &http.Server{Handler: in.server.Local()} // commands send at leisure
	sv.startHTTP(local, socket, local.Shutdown)
	sv.startPublic(tcp)
	return sv, nil
}

// openToServe waits for another command in the folder, and not for one that serves.
func openToServe(ctx context.Context, d folder, o options) (in *installation, err error) {
	err = whenFree(ctx, d, func() (err error) {
		in, err = openInstallation(ctx, d, true, o)
		return err
	})
	if errors.Is(err, errLocked) {
		err = fmt.Errorf("another process serves %s already; stop it first, or name another folder with -data", d)
	}
	return in, err
}

// compareClocks warns of a machine whose clock the leases of all nodes suffer from.
func (sv *service) compareClocks(ctx context.Context) {
	if sv.stores.shared == nil {
		return
	}
	skew, err := sv.stores.shared.Skew(ctx)
	if err == nil && skew.Abs() > maxSkew {
		sv.log.Warn("the clock of this machine is not that of the database; set both by NTP", "ahead", skew)
	}
}

const maxSkew = 2 * time.Second // a lease lasts 30

func (sv *service) startMailbox(l net.Listener) {
	box := mailbox.New(sv.keepMail, sv.log)
	sv.run("mailbox", func() error { return box.Serve(l) })
	sv.stop = append(sv.stop, func() { box.Close() })
}

// mailboxKeeps bounds the built-in mailbox.
const mailboxKeeps = 10_000

func (sv *service) keepMail(ctx context.Context, m mailbox.Mail) error {
	return sv.stores.server.PutMail(ctx, server.StoredMail{At: m.At, From: m.From, To: m.To, Subject: m.Subject, Size: len(m.Raw), Raw: m.Raw}, mailboxKeeps)
}

func (sv *service) startNotifier() {
	done := make(chan struct{})
	sv.run("notifier", func() error { defer close(done); return sv.notifier.Run(sv.sending) })
	sv.run("erasures", func() error { return sv.folder.keepErasures(sv.sending, sv.notifier) })
	sv.stop = append(sv.stop, func() { sv.halt(); <-done })
}

// startPages keeps the pages ready, and notes what takes effect.
func (sv *service) startPages() {
	ctx, cancel := context.WithCancel(sv.sending)
	done := make(chan struct{})
	sv.run("pages", func() error { defer close(done); return sv.server.Run(ctx) })
	sv.stop = append(sv.stop, func() { cancel(); <-done })
}

// startPublic serves on tcp, kept pages by the shortcut.
func (sv *service) startPublic(tcp net.Listener) {
	sv.short = sv.server.Shortcut(tcp, idleFor)
	srv := &http.Server{Handler: sv.public(sv.server), ReadTimeout: 30 * time.Second, ConnState: sv.short.ConnState}
	sv.startHTTP(srv, sv.short, func(ctx context.Context) error { return sv.short.Shutdown(ctx, srv) })
}

// idleFor is how long a connection may wait for its next request.
const idleFor = 2 * time.Minute

// startHTTP serves with srv, which has its handler, until stop.
func (sv *service) startHTTP(srv *http.Server, l net.Listener, stop func(context.Context) error) {
	srv.ReadHeaderTimeout, srv.IdleTimeout, srv.MaxHeaderBytes = 10*time.Second, idleFor, 64<<10
	srv.ErrorLog = slog.NewLogLogger(sv.log.Handler(), slog.LevelDebug)
	sv.run("http", func() error { return srv.Serve(l) })
	sv.stop = append(sv.stop, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if stop(ctx) != nil {
			srv.Close()
		}
	})
}

func (sv *service) run(name string, what func() error) {
	sv.wait.Go(func() {
		err := what()
		if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.EOF) {
			sv.log.Error("part of the service ended", "part", name, "err", err)
		}
	})
}

// shutdown stops the last part first: no new request, then no new mail, then the
// store.
func (sv *service) shutdown() error {
	for i := len(sv.stop) - 1; i >= 0; i-- {
		sv.stop[i]()
	}
	sv.wait.Wait()
	return sv.close()
}
