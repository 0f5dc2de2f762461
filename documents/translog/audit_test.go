package translog_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vestnik/documents/translog"
)

// serve speaks for a log as the server does, below a path, and lets twist change
// what is answered.
func serve(t *testing.T, l *translog.Log, twist func(path string, data []byte) []byte) string {
	t.Helper()
	answer := func(r *http.Request, path string) (data []byte, err error) {
		seq, isProof := strings.CutPrefix(path, "proof/")
		switch {
		case path == "key":
			return []byte(l.VerifierKey() + "\n"), nil
		case path == "checkpoint":
			return l.Checkpoint(r.Context())
		case isProof:
			n, _ := strconv.ParseInt(seq, 10, 64)
			return l.Prove(r.Context(), n, map[string][]byte{"source-ru-sha256": text(int(n))})
		}
		data, _, err = l.Tile(r.Context(), path)
		return data, err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/policies/log/")
		data, err := answer(r, path)
		if errors.Is(err, translog.ErrNotFound) {
			http.NotFound(w, r)
			return
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if twist != nil {
			if data = twist(path, data); data == nil {
				http.NotFound(w, r)
				return
			}
		}
		w.Write(data)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/policies/"
}

func TestVerifyURL(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 257, 600} {
		s := &store{}
		s.grow(n)
		l := open(t, config(t, s))
		var said []string
		a, err := translog.VerifyURL(t.Context(), http.DefaultClient, serve(t, l, nil), l.VerifierKey(), func(line string) { said = append(said, line) })
		if err != nil {
			t.Fatalf("%d events: %v", n, err)
		}
		if a.Checkpoint.Size != int64(n) || a.Texts != n || a.Missing != 0 || !a.Given || len(said) == 0 {
			t.Errorf("%d events: %+v %q", n, a.Checkpoint, said)
		}
	}
}

func TestVerifyURLWithoutAKey(t *testing.T) {
	s := &store{}
	s.grow(3)
	l := open(t, config(t, s))
	var said strings.Builder
	a, err := translog.VerifyURL(t.Context(), http.DefaultClient, serve(t, l, nil), "", func(line string) { said.WriteString(line) })
	if err != nil || a.Given || a.Key != l.VerifierKey() || !strings.Contains(said.String(), l.VerifierKey()) || !strings.Contains(said.String(), "unchecked") {
		t.Errorf("%+v, %v, said %q", a, err, said.String())
	}
}

// TestAnyChangeIsFound lets a server lie in each thing that it serves, one byte
// at a time and by leaving it out.
func TestAnyChangeIsFound(t *testing.T) {
	s := &store{}
	s.grow(258)
	l := open(t, config(t, s))
	for _, lie := range []string{"checkpoint", "tile/entries/000", "tile/entries/001.p/2", "tile/0/000", "tile/0/001.p/2", "tile/1/000.p/1", "proof/1", "proof/258"} {
		data := answer(t, l, lie)
		for _, at := range []int{0, len(data) / 3, len(data) / 2, len(data) - 1} {
			base := serve(t, l, func(path string, data []byte) []byte {
				if path == lie {
					data = bytes.Clone(data)
					data[at] ^= 1
				}
				return data
			})
			if _, err := translog.VerifyURL(t.Context(), http.DefaultClient, base, l.VerifierKey(), nil); !errors.Is(err, translog.ErrFault) {
				t.Errorf("%s: byte %d changed: %v", lie, at, err)
			}
		}
		base := serve(t, l, func(path string, data []byte) []byte {
			if path == lie {
				return nil
			}
			return data
		})
		_, err := translog.VerifyURL(t.Context(), http.DefaultClient, base, l.VerifierKey(), nil)
		if isFault := errors.Is(err, translog.ErrFault); err == nil || isFault != (lie != "checkpoint") {
			t.Errorf("%s left out: %v", lie, err)
		}
	}
}

func answer(t *testing.T, l *translog.Log, path string) (data []byte) {
	t.Helper()
	var err error
	if seq, is := strings.CutPrefix(path, "proof/"); is {
		n, _ := strconv.Atoi(seq)
		return prove(t, l, n)
	}
	if path == "checkpoint" {
		data, err = l.Checkpoint(t.Context())
	} else {
		data, _, err = l.Tile(t.Context(), path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestSignedNonsense has the right signature over a log that breaks its rules.
func TestSignedNonsense(t *testing.T) {
	for name, harm := range map[string]func(*store){
		"time runs back": func(s *store) { s.events[5] = bytes.Replace(s.events[5], []byte("2026"), []byte("2025"), 1) },
		"no time":        func(s *store) { s.events[5] = bytes.Replace(s.events[5], []byte("time "), []byte("when "), 1) },
		"another origin": func(s *store) {
			s.events[5] = []byte("vestnik/1\norigin another.kz/log\nseq 6\nkind closed\ntime 2026-11-22T10:00:06.000001Z\n")
		},
	} {
		s := &store{}
		s.grow(9)
		harm(s)
		l := open(t, config(t, s))
		if _, err := translog.VerifyURL(t.Context(), http.DefaultClient, serve(t, l, nil), l.VerifierKey(), nil); !errors.Is(err, translog.ErrFault) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAnswersInWrongPlaces has every answer well signed, and out of place.
func TestAnswersInWrongPlaces(t *testing.T) {
	s := &store{}
	s.grow(3)
	c := config(t, s)
	l := open(t, c)
	older := prove(t, l, 1)
	s.grow(6)
	fork := &store{events: slices.Clone(s.events)}
	fork.events[7] = event(8, []byte("another text"))
	c.Source, c.State = fork.source, c.State+"-of-the-fork"
	for name, lie := range map[string]struct {
		path string
		data []byte
	}{
		"the proof of another event":   {"proof/1", prove(t, l, 2)},
		"an older proof":               {"proof/1", older},
		"a proof in another history":   {"proof/1", prove(t, open(t, c), 1)},
		"more than the bundle":         {"tile/entries/000.p/9", append(answer(t, l, "tile/entries/000.p/9"), 0)},
		"half a length":                {"tile/entries/000.p/9", answer(t, l, "tile/entries/000.p/9")[:1]},
		"a checkpoint of another size": {"checkpoint", bytes.Replace(answer(t, l, "checkpoint"), []byte("\n9\n"), []byte("\n8\n"), 1)},
		"an endless checkpoint":        {"checkpoint", bytes.Repeat([]byte("x"), 2<<20)},
		"an empty checkpoint":          {"checkpoint", []byte{}},
	} {
		base := serve(t, l, func(path string, data []byte) []byte {
			if path == lie.path {
				return lie.data
			}
			return data
		})
		if _, err := translog.VerifyURL(t.Context(), http.DefaultClient, base, l.VerifierKey(), nil); !errors.Is(err, translog.ErrFault) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestConsistentForgery serves entries and tiles that agree with each other, for
// events without texts, under a checkpoint of other events.
func TestConsistentForgery(t *testing.T) {
	closed := func(figures string) *store {
		return &store{events: [][]byte{[]byte("vestnik/1\norigin " + origin + "\nseq 1\nkind closed\ntime 2026-11-22T10:00:00Z\nfigures " + figures + "\n")}}
	}
	c := config(t, closed("due=12 failed=5"))
	signed, _ := checkpoint(t, open(t, c))
	c.Source, c.State = closed("due=12 failed=0").source, c.State+"-of-the-forgery"
	l := open(t, c)
	base := serve(t, l, func(path string, data []byte) []byte {
		if path == "checkpoint" {
			return signed
		}
		return data
	})
	if _, err := translog.VerifyURL(t.Context(), http.DefaultClient, base, l.VerifierKey(), nil); !errors.Is(err, translog.ErrFault) {
		t.Errorf("got %v", err)
	}
}

func TestServerInTrouble(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadGateway) }))
	defer server.Close()
	if _, err := translog.VerifyURL(t.Context(), http.DefaultClient, server.URL, "", nil); err == nil || errors.Is(err, translog.ErrFault) {
		t.Errorf("an answer of 502 is trouble and no fault: %v", err)
	}
}
