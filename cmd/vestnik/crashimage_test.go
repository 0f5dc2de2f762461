package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vestnik/notifier"
)

// promise is something that others were told, and so no crash may undo.
type promise struct {
	what string
	kept func(context.Context, *installation) bool
}

// story is a recorded life of an installation.
type story struct {
	root  string // the folder around the installation
	calls []call
	told  map[int]promise // by the number of calls before
}

func (s *story) tell(what string, kept func(context.Context, *installation) bool) {
	s.told[len(s.calls)] = promise{what, kept}
}

// Every write and sync of a life is recorded, and what a power failure could
// leave at each moment is built: what was synced, and any part of what was not.
// Each must open, balance, agree with the signed log, and hold what was promised.
func TestCrashImages(t *testing.T) {
	t.Parallel()
	s := record(t)
	r := newPlayback(s.root)
	check := newImages(t, s.root)
	var promises []promise
	syncs := 0
	for i, c := range s.calls {
		if p, ok := s.told[i]; ok {
			promises = append(promises, p)
		}
		if !r.isSync(c) {
			r.play(t, c)
			continue
		}
		syncs++
		for _, d := range r.failures(rand.New(rand.NewPCG(1, uint64(i)))) {
			check.image(d, promises, fmt.Sprintf("sync %d (%s of %s)", syncs, c.name, c.path))
		}
		r.sync(c)
	}
	if p, ok := s.told[len(s.calls)]; ok {
		promises = append(promises, p)
	}
	check.image(r.kept, promises, "the end")
	t.Logf("%d calls, %d syncs, %d promises, %d images, %d of them different", len(s.calls), syncs, len(promises), check.all, len(check.seen))
	if syncs < 50 || len(check.seen) < 100 || len(promises) < 10 {
		t.Error("this records too little to show anything")
	}
}

// failures are what may be left before the next sync has ended: nothing that is
// pending, all of it, all but one, all up to one, some, and parts of a write.
func (r *playback) failures(random *rand.Rand) (out []*disk) {
	n := len(r.pending)
	pick := func(keep func(i int) bool) {
		spared := make([]bool, n)
		for i := range spared {
			spared[i] = keep(i)
		}
		out = append(out, r.image(spared))
	}
	for k := range n + 1 {
		pick(func(i int) bool { return i < k })
	}
	for k := range n {
		pick(func(i int) bool { return i != k })
	}
	for range min(n, 4) {
		pick(func(int) bool { return random.IntN(2) == 0 })
	}
	if writes := r.pendingWrites(); len(writes) > 0 {
		one := writes[random.IntN(len(writes))]
		out = append(out, r.torn(one, func(i int) bool { return i%2 == 0 }), r.torn(one, func(i int) bool { return i%2 == 1 }),
			r.torn(one, func(int) bool { return random.IntN(2) == 0 }))
	}
	return out
}

func (r *playback) pendingWrites() (out []int) {
	for i, one := range r.pending {
		if one.data != nil {
			out = append(out, i)
		}
	}
	return out
}

// images checks images, each different one once.
type images struct {
	t    *testing.T
	root string
	dir  string
	all  int
	seen map[string]bool
}

func newImages(t *testing.T, root string) *images {
	dir, err := os.MkdirTemp("/dev/shm", "crash-*") // in memory, where there is such a place
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return &images{t: t, root: root, dir: dir, seen: map[string]bool{}}
}

func (m *images) image(d *disk, promises []promise, where string) {
	m.t.Helper()
	m.all++
	key := fmt.Sprint(len(promises), d.digest())
	if m.seen[key] {
		return
	}
	m.seen[key] = true
	at := filepath.Join(m.dir, strconv.Itoa(m.all))
	if err := os.MkdirAll(at, 0o700); err != nil {
		m.t.Fatal(err)
	}
	d.store(m.t, m.root, at)
	if err := survives(m.t.Context(), folder(filepath.Join(at, "data")), promises); err != nil {
		m.t.Fatalf("a power failure before %s: %v\n%s", where, err, strings.Join(slices.Sorted(maps.Keys(d.names)), "\n"))
	}
	os.RemoveAll(at)
}

func (d *disk) digest() [32]byte {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(d.names)) {
		sum := sha256.Sum256(d.files[d.names[name]])
		fmt.Fprintf(h, "%s\x00%x\n", name, sum)
	}
	return [32]byte(h.Sum(nil))
}

// survives opens what a power failure left as serve does.
func survives(ctx context.Context, d folder, promises []promise) error {
	in, err := openInstallation(ctx, d, true, options{loopback: true})
	if err != nil {
		return err
	}
	defer in.close()
	if err := in.sound(ctx, nil); err != nil {
		return err
	}
	for _, p := range promises {
		if !p.kept(ctx, in) {
			return fmt.Errorf("this was promised and is not so: %s", p.what)
		}
	}
	return nil
}

// record lets an installation be made, filled, opened and served while its calls
// are recorded.
func record(t *testing.T) *story {
	root := t.TempDir()
	s := &story{root: root, told: map[int]promise{}}
	dir := filepath.Join(root, "data")
	first := filepath.Join(t.TempDir(), "0001.ru.md")
	if err := os.WriteFile(first, []byte(policyBefore), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "settings", "-data", dir, "organisation=Example", "postal=Almaty", "reply-to=a@example.kz", "hold=0")
	s.tell("the name of the organisation", func(ctx context.Context, in *installation) bool {
		set, err := in.book.Read(ctx)
		return err == nil && set.Organisation == "Example"
	})
	s.run(t, "import", "-data", dir, "-document", "privacy", first)
	s.tell("an imported version", hasVersion(1))
	s.serve(t, dir)
	return s
}

func hasVersion(n int) func(context.Context, *installation) bool {
	return func(ctx context.Context, in *installation) bool {
		_, err := in.library.Version(ctx, "privacy", n)
		return err == nil
	}
}

func (s *story) run(t *testing.T, args ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "trace")
	if out, err := stracing(t, file, args...).CombinedOutput(); err != nil {
		t.Fatalf("vestnik %s: %v\n%s", args[0], err, out)
	}
	s.calls = append(s.calls, parseTrace(t, file)...)
}

// serve records a service that is opened, gets recipients, and publishes a
// version that they are told of.
func (s *story) serve(t *testing.T, dir string) {
	relay := newRecorder(t)
	file := filepath.Join(t.TempDir(), "trace")
	p := &program{t: t, dir: dir, addr: freeAddr(t)}
	p.cmd = stracing(t, file, "serve", "-data", dir, "-addr", p.addr, "-smtp", "smtp://"+relay.addr, "-from", "a@example.kz")
	p.cmd.Stderr = &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.cmd.Wait()
	pid := tracedProcess(t, file)
	defer syscall.Kill(pid, syscall.SIGKILL)
	for deadline := time.Now().Add(20 * time.Second); ; <-time.After(10 * time.Millisecond) {
		if resp, err := http.Get("http://" + p.addr + "/healthz"); err == nil {
			resp.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("serve does not answer:\n%s", p.log.String())
		}
	}
	p.command("open")
	p.command("recipients", "import", writePeople(t, 8))
	seq := publishTwo(t, p)
	syscall.Kill(pid, syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("serve ended with %v\n%s", err, p.log.String())
	}
	s.promised(t, parseTrace(t, file), relay.addr, seq)
}

// tracedProcess is the number at the beginning of the trace.
func tracedProcess(t *testing.T, file string) int {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		b, _ := os.ReadFile(file)
		if text, _, ok := strings.Cut(string(b), " "); ok {
			pid, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("nothing is recorded")
	return 0
}

// promised adds the calls of a service, and what they told others: the answers on
// the socket in the order of the requests, and each message's final dot.
func (s *story) promised(t *testing.T, calls []call, relay string, seq int64) {
	answers := []promise{
		{"that it is open", func(_ context.Context, in *installation) bool { return !in.rehearsal() }},
		{"eight recipients", func(ctx context.Context, in *installation) bool {
			rs, err := in.stores.notifier.Recipients(ctx, 0, 100)
			return err == nil && len(rs) == 8
		}},
		{"an editorial version", hasVersion(2)},
		{"a version to be told of", hasVersion(3)},
	}
	to := map[string]string{} // by connection
	for _, c := range calls {
		switch {
		case strings.Contains(c.socket, "UNIX-STREAM") && strings.HasPrefix(string(c.data), "HTTP/1.1 20") && len(answers) > 0:
			s.told[len(s.calls)] = answers[0]
			answers = answers[1:]
		case strings.Contains(c.socket, "->"+relay):
			if _, rest, ok := strings.Cut(string(c.data), "RCPT TO:<"); ok {
				to[c.socket], _, _ = strings.Cut(rest, ">")
			}
			if strings.HasSuffix("\r\n"+string(c.data), "\r\n.\r\n") {
				s.told[len(s.calls)] = promise{"an attempt at " + to[c.socket], attempted(seq, to[c.socket])}
			}
		}
		s.calls = append(s.calls, c)
	}
	if len(answers) > 0 {
		t.Fatalf("no answer told of %s", answers[0].what)
	}
}

// attempted: the delivery is known to have been tried, before the relay could
// know that the message was whole.
func attempted(seq int64, address string) func(context.Context, *installation) bool {
	number, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(address, "p"), "@example.kz"), 10, 64)
	return func(ctx context.Context, in *installation) bool {
		ds, err := in.stores.notifier.DeliveriesTo(ctx, number+1, 0, 10)
		return err == nil && slices.ContainsFunc(ds, func(d notifier.Delivery) bool {
			return int64(d.Notice) == seq && d.Attempts == 1 && (d.State == notifier.InDoubt || d.State == notifier.Accepted)
		})
	}
}
