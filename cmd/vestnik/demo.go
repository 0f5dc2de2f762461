package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"vestnik/cmd/vestnik/sample"
	"vestnik/documents"
	"vestnik/notifier"
)

const defaultAddr = "127.0.0.1:8080"

var demoCommand = command{"demo", "", "the whole story on sample data, in a temporary folder", func(f *flag.FlagSet) action {
	addr := f.String("addr", defaultAddr, "the loopback `address` to listen on; if 8080 is taken, a free port")
	once := f.Bool("once", false, "tell the story once, print what came of it as JSON, and end")
	return func(ctx context.Context, s streams, args []string) error {
		if err := noArguments(args); err != nil {
			return err
		}
		if !onLoopback(*addr) {
			return usagef("-addr %s can be reached from outside; the demo signs nobody in, so it stays on loopback", *addr)
		}
		asked := false
		f.Visit(func(one *flag.Flag) { asked = asked || one.Name == "addr" })
		if !asked {
			*addr = freeUnless(*addr, *once)
		}
		return demo(ctx, s, *addr, *once)
	}
}}

func demo(ctx context.Context, s streams, addr string, once bool) (err error) {
	dir, err := os.MkdirTemp("", "vestnik-demo-*")
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGPIPE) // a reader that went away must not leave the folder
	defer func() {
		err = errors.Join(err, os.RemoveAll(dir))
		if err == nil && !once {
			fmt.Fprintln(s.out, "\nStopped; the demo's folder is gone.")
		}
	}()
	o := options{demo: true, loopback: true, from: "Үлгі Сервис <privacy@example.kz>", log: slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	return serve(ctx, s, folder(dir), addr, o, func(sv *service) error {
		t := &tale{service: sv, began: time.Now()}
		t.client = localClient(sv.server.Local(), func() error { return nil })
		defer t.client.close()
		if err := t.tell(ctx); err != nil {
			return err
		}
		if once {
			return errors.Join(t.printJSON(s.out), t.outcome())
		}
		t.print(s.out)
		<-ctx.Done()
		return nil
	})
}

// freeUnless is addr if it is free, and a free port if it is taken or does not
// matter.
func freeUnless(addr string, any bool) string {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		l.Close()
	}
	if any || errors.Is(err, syscall.EADDRINUSE) {
		return "127.0.0.1:0"
	}
	return addr
}

// tale is the story that the demo tells: a policy moves in, people are
// registered, the policy changes, and everyone is told.
type tale struct {
	*service
	client *client
	began  time.Time
	second published
	people int
	notice notifier.Notice
	by     map[string]int64
	desk   string // a link that signs the first member of staff in
}

const samplePolicy = "privacy"

func (t *tale) tell(ctx context.Context) error {
	for _, step := range []func(context.Context) error{t.settle, t.moveIn, t.register, t.publish, t.wait, t.hire} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (t *tale) settle(ctx context.Context) error {
	return t.client.call(ctx, "PUT", "/settings", map[string]string{
		"organisation": "[ru] ТОО «Үлгі Сервис»\n[kk] «Үлгі Сервис» ЖШС\n[en] Ulgi Service LLP", "bin": "000000000000",
		"postal":   "[ru] 010000, город Астана, улица Образцовая, 1\n[kk] 010000, Астана қаласы, Образцовая көшесі, 1\n[en] 1 Obraztsovaya Street, Astana 010000",
		"reply-to": "privacy@example.kz",
		"zone":     "Asia/Almaty", "languages": "ru,kk,en", "hold": "0",
	}, nil)
}

func sampleTexts(number string) (map[string]string, error) {
	names, err := fs.Glob(sample.Files, number+".*.md")
	if err != nil || len(names) == 0 {
		return nil, errors.Join(err, errors.New("the sample policy is missing"))
	}
	texts := map[string]string{}
	for _, name := range names {
		b, err := sample.Files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		texts[strings.Split(path.Base(name), ".")[1]] = string(b)
	}
	return texts, nil
}

func (t *tale) moveIn(ctx context.Context) error {
	texts, err := sampleTexts("0001")
	if err != nil {
		return err
	}
	return t.client.call(ctx, "POST", "/documents/"+samplePolicy+"/import", history{
		Prevailing: "ru", Zone: "Asia/Almaty",
		Versions: []historyVersion{{Number: 1, Effective: "2024-03-01", Published: "2024-02-15", Texts: texts}},
	}, nil)
}

func (t *tale) register(ctx context.Context) error {
	f, err := sample.Files.Open("recipients.csv")
	if err != nil {
		return err
	}
	defer f.Close()
	answer, err := t.client.stream(ctx, "POST", "/recipients:import", http.Header{"Content-Type": {contentTypes["csv"]}}, f)
	if err != nil {
		return err
	}
	defer answer.Close()
	var r importReport
	err = json.NewDecoder(answer).Decode(&r)
	t.people = r.Added
	return err
}

func (t *tale) publish(ctx context.Context) error {
	texts, err := sampleTexts("0002")
	if err != nil {
		return err
	}
	body := publication{Texts: texts, Notes: map[string]note{}, Class: string(documents.Notice)}
	reason, err := sample.Files.ReadFile("reason.txt")
	if err != nil {
		return err
	}
	body.Reason = strings.TrimSpace(string(reason))
	for tag := range texts {
		b, err := sample.Files.ReadFile("note." + tag + ".txt")
		if err != nil {
			return err
		}
		if body.Notes[tag], err = parseNote(b, tag); err != nil {
			return err
		}
	}
	return t.client.call(ctx, "POST", "/documents/"+samplePolicy+"/versions", body, &t.second)
}

const sampleLawyer = "lawyer@example.kz"

// hire lets a first person in at the desk.
func (t *tale) hire(ctx context.Context) error {
	var made struct {
		URL string `json:"url"`
	}
	err := t.client.call(ctx, "POST", "/staff", map[string]any{"address": sampleLawyer, "name": "Дана Сейітқызы", "language": "ru", "roles": strings.Split(everyRole, ",")}, &made)
	t.desk = made.URL
	return err
}

// wait returns when nothing is open any more.
func (t *tale) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		n, err := t.notifier.Notice(ctx, documents.Seq(t.second.Seq))
		if err != nil && !errors.Is(err, documents.ErrNotFound) {
			return err
		}
		if t.notice = n; err == nil && n.CountedAll && n.Figures.Open == 0 {
			t.by, err = t.notifier.AcceptedByLanguage(ctx, n.Seq)
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the notice is not through: %d of %d mails are still open: %w", n.Figures.Open, n.Figures.Due, ctx.Err())
		}
	}
}

func (t *tale) print(w io.Writer) {
	f := t.notice.Figures
	var languages []string
	for _, tag := range slices.Sorted(maps.Keys(t.by)) {
		languages = append(languages, fmt.Sprintf("%s %d", tag, t.by[tag]))
	}
	fmt.Fprintf(w, `Vestnik tells its whole story on sample data:

  1. A privacy policy moved in: version 1, in Russian, Kazakh and English, in force since 1 March 2024.
  2. %d people are registered; two of them share a mailbox, one never said which language they read.
  3. Version 2 was published with a material change. It takes effect on %s.
  4. %d people had to be told; the mail service took %d mails (%s); %d failed.
  5. Every step is an event of a signed log that anyone can check: vestnik verify %s

  the policy, as the public reads it   %s/%s
  the desk, where lawyers work         %s
  the mailbox, with every mail         %s/desk/mailbox

The link to the desk works once; after that sign in as %s, whose link comes to the mailbox.
Ctrl-C ends the demo and removes its folder.
`, t.people, effectiveText(t.second), f.Due, f.Accepted, strings.Join(languages, ", "), f.Failed, t.url, t.url, samplePolicy, t.desk, t.url, sampleLawyer)
}

// outcome is negative if anyone who was due was not told.
func (t *tale) outcome() error {
	if f := t.notice.Figures; f.Due == 0 || f.Due != f.Accepted {
		return errNegative
	}
	return nil
}

func (t *tale) printJSON(w io.Writer) error {
	f := t.notice.Figures
	b, err := json.Marshal(struct {
		OK         bool `json:"ok"`
		Recipients int  `json:"recipients"`
		notifier.Figures
		Languages map[string]int64 `json:"languages"`
		Seconds   float64          `json:"seconds"`
	}{t.outcome() == nil, t.people, f, t.by, time.Since(t.began).Seconds()})
	if err != nil {
		return err
	}
	return write(w, b)
}
