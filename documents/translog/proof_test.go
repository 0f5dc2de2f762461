package translog_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"vestnik/documents/translog"
)

func prove(t testing.TB, l *translog.Log, seq int) []byte {
	t.Helper()
	data, err := l.Prove(t.Context(), int64(seq), map[string][]byte{"source-ru-sha256": text(seq)})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestProofs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := &store{}
		s.grow(rapid.IntRange(1, 600).Draw(r, "events"))
		seq := rapid.IntRange(1, len(s.events)).Draw(r, "seq")
		l := open(t, config(t, s))
		p, err := translog.VerifyProof(prove(t, l, seq), l.VerifierKey())
		if err != nil {
			r.Fatal(err)
		}
		_, c := checkpoint(t, l)
		if p.Seq != int64(seq) || !p.Given || p.Checkpoint != c || !bytes.Equal(p.Event, s.events[seq-1]) || !bytes.Equal(p.Blobs["source-ru-sha256"], text(seq)) || len(p.Missing) > 0 {
			r.Fatalf("got %+v", p)
		}
	})
}

// TestProofForm reads a proof as somebody does who knows C2SP and not us.
func TestProofForm(t *testing.T) {
	s := &store{}
	s.grow(5)
	l := open(t, config(t, s))
	signed, c := checkpoint(t, l)
	data := string(prove(t, l, 3))
	head, rest, _ := strings.Cut(data, "\n\n")
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != "index 2" {
		t.Fatalf("it begins with %q", lines[:2])
	}
	var hashes tlog.RecordProof
	for _, line := range lines[2:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h)
	}
	if err := tlog.CheckRecord(hashes, c.Size, c.Root, 2, tlog.RecordHash(s.events[2])); err != nil {
		t.Error(err)
	}
	want := fmt.Sprintf("%s\nkey %d\n%s\nevent %d\n%s\nblob source-ru-sha256 %d\n%s\n",
		signed, len(l.VerifierKey()), l.VerifierKey(), len(s.events[2]), s.events[2], len(text(3)), text(3))
	if rest != want {
		t.Errorf("after the hashes stands\n%s\nwant\n%s", rest, want)
	}
}

func TestNoByteOfAProofCanBeChanged(t *testing.T) {
	s := &store{}
	s.grow(11)
	l := open(t, config(t, s))
	data := prove(t, l, 6)
	for i := range data {
		for _, flip := range []byte{0x01, 0x20, 0x80} {
			bad := bytes.Clone(data)
			bad[i] ^= flip
			if _, err := translog.VerifyProof(bad, l.VerifierKey()); !errors.Is(err, translog.ErrFault) {
				t.Fatalf("byte %d (%q) changed to %q: %v", i, data[i], bad[i], err)
			}
		}
		if p, err := translog.VerifyProof(data[:i], l.VerifierKey()); err == nil && len(p.Missing) == 0 {
			t.Fatalf("cut off after %d of %d bytes and not noticed", i, len(data))
		}
	}
	if _, err := translog.VerifyProof(append(data, '\n'), l.VerifierKey()); err == nil {
		t.Error("something was appended and not noticed")
	}
}

func TestProofOfAnotherLog(t *testing.T) {
	s := &store{}
	s.grow(4)
	mine, forged := open(t, config(t, s)), open(t, config(t, s))
	data := prove(t, forged, 2)
	if _, err := translog.VerifyProof(data, mine.VerifierKey()); !errors.Is(err, translog.ErrFault) {
		t.Errorf("a proof under another key: %v", err)
	}
	p, err := translog.VerifyProof(data, "")
	if err != nil || p.Given || p.Key != forged.VerifierKey() {
		t.Errorf("without a key: %+v, %v", p, err)
	}
	if _, err := translog.VerifyProof(data, "not a key"); err == nil || errors.Is(err, translog.ErrFault) {
		t.Errorf("a key that is none is trouble and no fault: %v", err)
	}
}

func TestMalformedProofs(t *testing.T) {
	s := &store{}
	s.grow(5)
	l := open(t, config(t, s))
	data := string(prove(t, l, 3))
	key := fmt.Sprintf("key %d\n%s\n", len(l.VerifierKey()), l.VerifierKey())
	head, parts, _ := strings.Cut(data, key)
	for name, bad := range map[string]string{
		"index with a zero":  strings.Replace(data, "index 2", "index 02", 1),
		"index with a sign":  strings.Replace(data, "index 2", "index +2", 1),
		"negative index":     strings.Replace(data, "index 2", "index -2", 1),
		"index beyond":       strings.Replace(data, "index 2", "index 5", 1),
		"length with a zero": strings.Replace(data, "\nkey ", "\nkey 0", 1),
		"no key":             head + parts,
		"two keys":           head + key + key + parts,
		"the key alone":      head + key,
		"an unknown part":    data + "more 1\nx\n",
		"a blob twice":       data + data[strings.Index(data, "blob "):],
		"empty":              "",
		"something else":     "1. Общие положения\n\n1.1. …\n\n\n\n",
	} {
		if _, err := translog.VerifyProof([]byte(bad), l.VerifierKey()); !errors.Is(err, translog.ErrFault) {
			t.Errorf("%s: %v", name, err)
		}
	}
	extra := strings.Replace(data, "\nindex", "\nextra YQ==\nindex", 1)
	if _, err := translog.VerifyProof([]byte(extra), l.VerifierKey()); err != nil {
		t.Errorf("a line extra, which C2SP allows: %v", err)
	}
	noKey := head + "key 1\nx\n" + parts
	if _, err := translog.VerifyProof([]byte(noKey), ""); !errors.Is(err, translog.ErrFault) {
		t.Errorf("a file whose key is none: %v", err)
	}
}

// TestForgedByTheHolderOfTheKey signs, with the right key, what a log of ours
// never says.
func TestForgedByTheHolderOfTheKey(t *testing.T) {
	private, public, err := translog.GenerateKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	forge := func(event, checkpoint string) []byte {
		leaf := tlog.RecordHash([]byte(event)).String()
		stray := leaf[:42] + string(leaf[42]+1) + "=" // the same 32 bytes, with a bit behind them
		signed, err := note.Sign(&note.Note{Text: strings.NewReplacer("ROOT", leaf, "STRAY", stray).Replace(checkpoint)}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Appendf(nil, "c2sp.org/tlog-proof@v1\nindex 0\n\n%s\nkey %d\n%s\nevent %d\n%s\n", signed, len(public), public, len(event), event)
	}
	good, checkpoint := "vestnik/1\norigin "+origin+"\nseq 1\n", origin+"\n1\nROOT\n"
	if _, err := translog.VerifyProof(forge(good, checkpoint), public); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]string{
		"another place":          {strings.Replace(good, "seq 1", "seq 2", 1), checkpoint},
		"no place":               {strings.Replace(good, "seq 1\n", "", 1), checkpoint},
		"an event of elsewhere":  {strings.Replace(good, origin, "elsewhere", 1), checkpoint},
		"a checkpoint of it":     {good, strings.Replace(checkpoint, origin, "elsewhere", 1)},
		"both of elsewhere":      {strings.Replace(good, origin, "elsewhere", 1), strings.Replace(checkpoint, origin, "elsewhere", 1)},
		"a size with a zero":     {good, strings.Replace(checkpoint, "\n1\n", "\n01\n", 1)},
		"a negative size":        {good, strings.Replace(checkpoint, "\n1\n", "\n-1\n", 1)},
		"no root":                {good, origin + "\n1\n"},
		"a root spelt otherwise": {good, origin + "\n1\nSTRAY\n"},
		"a root that is none":    {good, origin + "\n1\nxyz\n"},
	} {
		if _, err := translog.VerifyProof(forge(c[0], c[1]), public); !errors.Is(err, translog.ErrFault) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnEventThatChangedIsNotProved(t *testing.T) {
	s := &store{}
	s.grow(5)
	l := open(t, config(t, s))
	s.events[2] = event(3, []byte("changed behind our back"))
	if data, err := l.Prove(t.Context(), 3, nil); err == nil {
		t.Errorf("proved:\n%s", data)
	}
}

func TestBlobs(t *testing.T) {
	s := &store{}
	s.grow(2)
	l := open(t, config(t, s))
	if _, err := l.Prove(t.Context(), 1, map[string][]byte{"source-ru-sha256": text(1), "source-kk-sha256": text(1)}); err == nil {
		t.Error("a text that no digest covers: proved")
	}
	data, err := l.Prove(t.Context(), 1, map[string][]byte{"source-ru-sha256": text(2)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := translog.VerifyProof(data, l.VerifierKey()); !errors.Is(err, translog.ErrFault) {
		t.Errorf("another text: %v", err)
	}
	if data, err = l.Prove(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	p, err := translog.VerifyProof(data, l.VerifierKey())
	if err != nil || len(p.Missing) != 1 || p.Missing[0] != "source-ru-sha256" {
		t.Errorf("a text that is not shown: %+v, %v", p, err)
	}
	for _, seq := range []int64{-1, 0, 3} {
		if _, err := l.Prove(t.Context(), seq, nil); !errors.Is(err, translog.ErrNotFound) {
			t.Errorf("event %d: %v", seq, err)
		}
	}
}

func FuzzVerifyProof(f *testing.F) {
	s := &store{}
	s.grow(3)
	l := open(f, config(f, s))
	f.Add(prove(f, l, 2))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\na\n0\nb\n\n— a b\n\nevent 0\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := translog.VerifyProof(data, l.VerifierKey())
		if err == nil && !bytes.Equal(p.Event, s.events[p.Seq-1]) {
			t.Errorf("an event that is not in the log was proved: %q", p.Event)
		}
	})
}
