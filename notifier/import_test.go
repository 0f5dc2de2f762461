package notifier_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

const csvHead = "external_id,address,language,name,registered_at,groups\n"

func TestImportRefuses(t *testing.T) {
	tomorrow := time.Now().Add(24 * time.Hour).Format(time.RFC3339)
	for _, c := range []struct{ name, row, reason string }{
		{"address as id", "a@b.kz,a@b.kz,ru,,2024-01-01T00:00:00Z,", "mail address"},
		{"full-width at as id", "a＠b.kz,a@b.kz,ru,,2024-01-01T00:00:00Z,", "mail address"},
		{"phone as id", "+7 701 123-45-67,a@b.kz,ru,,2024-01-01T00:00:00Z,", "telephone"},
		{"bare phone as id", "87011234567,a@b.kz,ru,,2024-01-01T00:00:00Z,", "telephone"},
		{"no id", ",a@b.kz,ru,,2024-01-01T00:00:00Z,", "external_id"},
		{"no address", "x,,ru,,2024-01-01T00:00:00Z,", "address"},
		{"header in the address", "x,\"a@b.kz\r\nBcc: c@d.kz\",ru,,2024-01-01T00:00:00Z,", "address"},
		{"language", "x,a@b.kz,russian!,,2024-01-01T00:00:00Z,", "BCP 47"},
		{"bidi name", "x,a@b.kz,ru,\u202Eevil,2024-01-01T00:00:00Z,", "name"},
		{"line in the name", "x,a@b.kz,ru,\"a\nb\",2024-01-01T00:00:00Z,", "name"},
		{"no date", "x,a@b.kz,ru,,,", "registered_at"},
		{"future", "x,a@b.kz,ru,," + tomorrow + ",", "future"},
		{"repeated", "ok,other@b.kz,ru,,2024-01-01T00:00:00Z,", "earlier row"},
		{"too few fields", "x,a@b.kz", "2 fields"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, nil)
			in := csvHead + "ok,ok@b.kz,ru,,2024-01-01T00:00:00Z,\n" + c.row + "\n"
			rep, err := h.n.Import(ctx, "csv", "test", strings.NewReader(in), false, staff, nil)
			var refusal *documents.InvalidError
			if !errors.As(err, &refusal) || rep.Broken != 1 || rep.Refused[0].Row != 3 || !strings.Contains(rep.Refused[0].Reason, c.reason) {
				t.Fatalf("got %v, report %+v, want row 3 refused for %q", err, rep, c.reason)
			}
			if rs, _ := h.n.Recipients(ctx, 0, 10); len(rs) != 0 {
				t.Fatalf("something was taken: %+v", rs)
			}
			rep, err = h.n.Import(ctx, "csv", "test", strings.NewReader(in), true, staff, nil)
			if err != nil || rep.Added != 1 || rep.Broken != 1 {
				t.Fatalf("keeping the good: %v, %+v", err, rep)
			}
		})
	}
}

func TestImportExportRoundTrip(t *testing.T) {
	h := newHouse(t, nil)
	in := "\ufeff" + csvHead +
		"u-1,A@Example.com,ru,\"Иванов, \"\"Иван\"\"\",2024-01-01T00:00:00.123456Z,b; a;;a\n" +
		"u-2,a@example.com,,,2024-05-31,\n" +
		"u-3,=cmd@example.com,kk,=1+1,2024-01-01T05:00:00+05:00,x\n"
	rep, err := h.n.Import(ctx, "csv", "test", strings.NewReader(in), false, staff, nil)
	if err != nil || rep.Rows != 3 || rep.Added != 3 || rep.Digest != documents.SHA256([]byte(in)) {
		t.Fatalf("%v, %+v", err, rep)
	}
	for _, format := range []string{"csv", "ndjson"} {
		var first, second bytes.Buffer
		if err := h.n.Export(ctx, format, &first); err != nil {
			t.Fatal(err)
		}
		rep, err := h.n.Import(ctx, format, "again", bytes.NewReader(first.Bytes()), false, staff, nil)
		if err != nil || rep.Unchanged != 3 {
			t.Fatalf("%s: %v, %+v", format, err, rep)
		}
		other := newHouse(t, nil)
		if _, err := other.n.Import(ctx, format, "other", bytes.NewReader(first.Bytes()), false, staff, nil); err != nil {
			t.Fatal(err)
		}
		if err := other.n.Export(ctx, format, &second); err != nil {
			t.Fatal(err)
		}
		if first.String() != second.String() {
			t.Errorf("%s:\n%s\nbecame\n%s", format, first.String(), second.String())
		}
	}
	r, err := h.n.Recipient(ctx, "u-2")
	if err != nil || !r.RegisteredAt.Equal(time.Date(2024, 5, 30, 19, 0, 0, 0, time.UTC)) {
		t.Errorf("a date is midnight in the organisation's zone: %v, %v", r.RegisteredAt, err)
	}
}

func TestImportHeaderAndForms(t *testing.T) {
	h := newHouse(t, nil)
	for _, c := range []struct{ name, format, in string }{
		{"empty", "csv", ""},
		{"wrong header", "csv", "id,mail\n1,a@b.kz\n"},
		{"header twice", "csv", "external_id,address,registered_at,address\n"},
		{"format", "xml", "<a/>"},
		{"not JSON", "ndjson", "{\n"},
		{"unknown key", "ndjson", `{"external_id":"x","address":"a@b.kz","registered_at":"2024-01-01T00:00:00Z","admin":true}` + "\n"},
		{"endless quote", "csv", csvHead + "x,\"" + strings.Repeat("a\n", 100_000)},
		{"endless line", "ndjson", strings.Repeat("a", 200_000)},
	} {
		var refusal *documents.InvalidError
		if _, err := h.n.Import(ctx, c.format, "test", strings.NewReader(c.in), false, staff, nil); !errors.As(err, &refusal) {
			t.Errorf("%s: got %v, want a refusal", c.name, err)
		}
	}
	rep, err := h.n.Import(ctx, "ndjson", "test", strings.NewReader(`{"external_id":"x","address":"a@b.kz","registered_at":"2024-01-01T00:00:00Z","groups":["g"],"known":{"privacy":3}}`), false, staff, nil)
	r, _ := h.n.Recipient(ctx, "x")
	if err != nil || rep.Added != 1 || r.Known["privacy"] != 3 || r.Groups[0] != "g" {
		t.Errorf("%v, %+v, %+v", err, rep, r)
	}
}

func TestMerge(t *testing.T) {
	h := newHouse(t, nil)
	h.person("x", "x@example.com", "ru")
	state := func(want notifier.RecipientState) {
		t.Helper()
		if r, err := h.n.Recipient(ctx, "x"); err != nil || r.State != want {
			t.Fatalf("state %q, %v, want %q", r.State, err, want)
		}
	}
	if err := h.n.Leave(ctx, "x"); err != nil {
		t.Fatal(err)
	}
	state(notifier.Left)
	h.person("x", "x@example.com", "ru")
	state(notifier.Active)
	for _, c := range []struct {
		was     notifier.RecipientState
		address string
		want    notifier.RecipientState
	}{{notifier.Unreachable, "x@example.com", notifier.Unreachable}, {notifier.Unreachable, "y@example.com", notifier.Active}, {notifier.Erased, "z@example.com", notifier.Erased}} {
		r, _ := h.n.Recipient(ctx, "x")
		r.State, r.Revision = c.was, r.Revision+1
		if _, err := h.store.PutRecipients(ctx, []notifier.Recipient{r}); err != nil {
			t.Fatal(err)
		}
		h.person("x", c.address, "ru")
		state(c.want)
	}
}

// BenchmarkImport takes 20,000 rows.
func BenchmarkImport(b *testing.B) {
	var in strings.Builder
	in.WriteString(csvHead)
	for i := range 20_000 {
		fmt.Fprintf(&in, "u-%d,u%d@example.com,ru,,2024-01-01T00:00:00Z,a;b\n", i, i)
	}
	for b.Loop() {
		h := newHouse(b, nil)
		if _, err := h.n.Import(ctx, "csv", "bench", strings.NewReader(in.String()), false, staff, nil); err != nil {
			b.Fatal(err)
		}
	}
}
