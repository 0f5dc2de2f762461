package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// where names the installation that a command works on.
type where struct {
	data   string
	flag   string // -store
	store  database
	server string
}

// target declares -data, -store and -server.
func target(f *flag.FlagSet) *where {
	w := &where{}
	w.local(f)
	f.StringVar(&w.server, "server", "", "the `URL` of a running Vestnik, with a token in VESTNIK_TOKEN, instead of -data and -store")
	return w
}

// local declares -data and -store alone.
func (w *where) local(f *flag.FlagSet) {
	f.StringVar(&w.data, "data", "vestnik-data", "the `folder` of the installation")
	f.StringVar(&w.flag, "store", "bolt", storeHelp)
}

// check reads what the flags say.
func (w *where) check() (err error) {
	w.store, err = parseStore(w.flag)
	return err
}

// connect returns a client: of -server, of the process that serves the folder,
// or of the folder opened here.
func (w *where) connect(ctx context.Context, s streams, create bool) (*client, error) {
	if w.server != "" {
		return remoteClient(w.server)
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	d := folder(w.data)
	o := options{store: w.store, loopback: true, log: slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	var in *installation
	err := whenFree(ctx, d, func() (err error) {
		in, err = openInstallation(ctx, d, create, o)
		return err
	})
	if errors.Is(err, errLocked) {
		return socketClient(d), nil
	}
	if err != nil {
		return nil, err
	}
	return localClient(in.server.Local(), func() error { return errors.Join(in.signAppended(), in.close()) }), nil
}

// startingTakes bounds the wait for the process that holds the folder: one that
// serves reads everything before it listens, and another command ends soon.
const startingTakes = 30 * time.Second

// whenFree tries open until nobody else holds the folder or a service answers
// in it.
func whenFree(ctx context.Context, d folder, open func() error) error {
	for end := time.Now().Add(startingTakes); ; {
		err := open()
		if !errors.Is(err, errLocked) || answers(ctx, d) || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func answers(ctx context.Context, d folder) bool {
	conn, err := dialSocket(ctx, d.socket())
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// with connects, calls use and closes.
func (w *where) with(ctx context.Context, s streams, create bool, use func(*client) error) error {
	c, err := w.connect(ctx, s, create)
	if err != nil {
		return err
	}
	err = use(c)
	if closed := c.close(); err == nil {
		err = closed
	}
	return err
}

func noArguments(args []string) error {
	if len(args) > 0 {
		return usagef("%q is one argument too many", args[0])
	}
	return nil
}

// table prints rows in aligned columns.
func table(s streams, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%s%s", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))+2))
		}
		fmt.Fprintln(s.out, strings.TrimRight(line.String(), " "))
	}
}
