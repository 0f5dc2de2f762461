package documents_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vestnik/documents"
)

// The lines of an event, word for word: whoever verifies a log has these.
func TestEventBytes(t *testing.T) {
	now := time.Date(2026, 5, 6, 12, 30, 0, 123456789, time.FixedZone("", 5*3600))
	v := documents.Version{
		Document: "privacy", Number: 2, Prevailing: "ru",
		Texts:     []documents.Text{{Lang: "kk", Title: "К", Source: "k"}, {Lang: "ru", Title: "Р", Source: "r", Clauses: []documents.Clause{{ID: "c-abcdefgh", Number: "1.", Title: "T", Anchor: "p1", First: 1, Last: 2, Level: 1}}}},
		Change:    documents.Change{Class: documents.Notice, Urgent: true, Reason: "Why.", Notes: map[string]documents.Note{"ru": {What: "a", Do: "d"}}},
		Effective: documents.Effective{Zone: "Asia/Almaty"},
	}
	sum := func(s string) string { return documents.SHA256([]byte(s)).String() }
	published := documents.Event{Origin: "o.example/log", Kind: documents.Published}
	documents.Seal(&published, &v, 7, time.Time{}, now)
	closed := documents.Event{Origin: "o.example/log", Kind: documents.Closed, Document: "privacy", Version: 2, Notice: 7, Figures: "due=1 open=0", LedgerRoot: documents.SHA256(nil)}
	documents.Seal(&closed, nil, 8, published.Time.Add(time.Hour), now)
	restored := documents.Event{Origin: "o.example/log", Kind: documents.Restored, LostFirst: 9, LostLast: 11, ReasonText: "Disk."}
	documents.Seal(&restored, nil, 9, time.Time{}, now)
	corrected := documents.Event{Origin: "o.example/log", Kind: documents.Corrected, Document: "privacy", Version: 2, Notes: map[string]documents.Note{"ru": {What: "b"}, "kk": {What: "c"}}}
	documents.Seal(&corrected, nil, 10, time.Time{}, now)

	for _, c := range []struct {
		name, want string
		e          documents.Event
	}{
		{"published", "vestnik/1\norigin o.example/log\nseq 7\nkind published\ntime 2026-05-06T07:30:00.123456Z\ndocument privacy\nversion 2\n" +
			"effective 2026-05-06T07:30:00.123456Z 2026-05-06 Asia/Almaty\nclass notice\nurgent true\nprevailing ru\n" +
			"title-kk-sha256 " + sum("К") + "\nsource-kk-sha256 " + sum("k") + "\nclauses-kk-sha256 " + sum("") + "\n" +
			"title-ru-sha256 " + sum("Р") + "\nsource-ru-sha256 " + sum("r") + "\nclauses-ru-sha256 " + sum("c-abcdefgh\t1\t2\t1\t\tp1\t1.\tT\n") + "\n" +
			"note-ru-sha256 " + sum("a\n---\n\n---\n\n---\nd\n") + "\nreason-sha256 " + sum("Why.") + "\n", published},
		{"closed", "vestnik/1\norigin o.example/log\nseq 8\nkind closed\ntime 2026-05-06T08:30:00.123456Z\ndocument privacy\nversion 2\n" +
			"notice 7\nfigures due=1 open=0\nledger-root " + sum("") + "\n", closed},
		{"restored", "vestnik/1\norigin o.example/log\nseq 9\nkind restored\ntime 2026-05-06T07:30:00.123456Z\nreason-sha256 " + sum("Disk.") + "\nlost 9 11\n", restored},
		{"corrected", "vestnik/1\norigin o.example/log\nseq 10\nkind corrected\ntime 2026-05-06T07:30:00.123456Z\ndocument privacy\nversion 2\n" +
			"note-kk-sha256 " + sum("c\n---\n\n---\n\n---\n\n") + "\nnote-ru-sha256 " + sum("b\n---\n\n---\n\n---\n\n") + "\n", corrected},
	} {
		if got := string(c.e.Bytes); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
		for key, blob := range documents.Blobs(c.e, &v) {
			if c.name == "published" && !strings.Contains(c.want, key+" "+documents.SHA256(blob).String()+"\n") {
				t.Errorf("blob %s has another digest", key)
			}
		}
		parsed, err := documents.ParseEvent(c.e.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		parsed.Titles, parsed.Notes, parsed.ReasonText = c.e.Titles, c.e.Notes, c.e.ReasonText
		if !reflect.DeepEqual(parsed, c.e) {
			t.Errorf("%s: parsed\n%+v\nsealed\n%+v", c.name, parsed, c.e)
		}
	}
	if v.Seq != 7 || !v.PublishedAt.Equal(published.Time) || v.Effective != published.Effective {
		t.Errorf("the version learned %+v", v)
	}
}

func TestParseEventOfALaterVestnik(t *testing.T) {
	later := "vestnik/1\norigin o\nseq 3\nkind novelty\ntime 2026-05-06T07:30:00Z\nweather fine and warm\nsmell-kk-sha256 x\nloose-end\n"
	e, err := documents.ParseEvent([]byte(later))
	if err != nil || e.Kind != "novelty" || string(e.Bytes) != later {
		t.Fatalf("%+v, %v", e, err)
	}
	stored, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var again documents.Event
	if err := json.Unmarshal(stored, &again); err != nil || string(again.Bytes) != later {
		t.Errorf("%q, %v", again.Bytes, err)
	}
	for _, broken := range []string{"", "vestnik/2\nseq 1\n", "vestnik/1\nseq 1\nkind x\n", "vestnik/1\nseq one\nkind x\ntime 2026-05-06T07:30:00Z\n",
		"vestnik/1\nseq 1\nkind x\ntime 2026-05-06T07:30:00Z\nsource-ru-sha256 abc\n", "vestnik/1\nseq 1\nkind x\ntime 2026-05-06T07:30:00Z\neffective soon\n"} {
		if _, err := documents.ParseEvent([]byte(broken)); err == nil {
			t.Errorf("%q was taken for an event", broken)
		}
	}
}

// Two notes have the same bytes only if they are the same note, and a note file
// gives back the note.
func TestNoteBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slot := rapid.StringMatching(`([a-zә](\n?[a-zә -]){0,6}[a-z])?`)
		n := documents.Note{What: slot.Draw(t, "what"), Whom: slot.Draw(t, "whom"), Means: slot.Draw(t, "means"), Do: slot.Draw(t, "do")}
		got, err := documents.ParseNote(documents.NoteBytes(n))
		if err != nil || got != n {
			t.Fatalf("%+v came back as %+v, %v", n, got, err)
		}
	})
	for file, want := range map[string]documents.Note{
		"":                          {},
		"\ufeffOne\r\n":             {What: "One"},
		"a\n---\nb\n":               {What: "a", Whom: "b"},
		"a\n\nb\n--- \n---\nc\n---": {What: "a\n\nb", Means: "c"},
	} {
		if got, err := documents.ParseNote([]byte(file)); err != nil || got != want {
			t.Errorf("%q: got %+v, %v", file, got, err)
		}
	}
	if _, err := documents.ParseNote([]byte("a\n---\n---\n---\n---\n")); code(err) != documents.CodeNoteSlots {
		t.Errorf("five slots: %v", err)
	}
}

// Whatever stands in a log, parsing it neither panics nor alters the bytes.
func FuzzParseEvent(f *testing.F) {
	f.Add([]byte("vestnik/1\nseq 1\nkind published\ntime 2026-05-06T07:30:00Z\neffective 2026-05-06T07:30:00Z - UTC\nsource-zh-Hans-sha256 " + documents.SHA256(nil).String() + "\nlost 1 2"))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := string(b)
		e, err := documents.ParseEvent(b)
		if string(e.Bytes) != before {
			t.Errorf("%q became %q", before, e.Bytes)
		}
		if err != nil {
			return
		}
		stored, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var again documents.Event
		if err := json.Unmarshal(stored, &again); err != nil || !reflect.DeepEqual(again, e) {
			t.Errorf("%+v came back as %+v, %v", e, again, err)
		}
	})
}
