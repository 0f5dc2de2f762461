package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

// registered is an installation of n people, each with the link of a notice.
func registered(t *testing.T, d folder, count int) *installation {
	t.Helper()
	in, err := openInstallation(t.Context(), d, true, options{url: "https://example.kz"})
	if err != nil {
		t.Fatal(err)
	}
	var tokens []notifier.Token
	for i := range count {
		id := string(rune('a' + i))
		if _, err := in.notifier.PutRecipient(t.Context(), notifier.Recipient{ExternalID: id, Address: id + "@example.kz", Language: "ru", RegisteredAt: time.Now().Add(-time.Hour)}); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte("link of " + id))
		tokens = append(tokens, notifier.Token{Hash: hex.EncodeToString(sum[:]), Notice: 1, Recipient: int64(i + 1), Until: time.Now().Add(24 * time.Hour)})
	}
	err = in.stores.notifier.PutNotice(t.Context(), notifier.Notice{Seq: 1, State: notifier.Finished, Published: time.Now(), Revision: 1}, nil)
	if err == nil {
		err = in.stores.notifier.Settle(t.Context(), notifier.Settlement{Now: time.Now(), Tokens: tokens})
	}
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// erase has somebody erased as they do it themselves.
func (in *installation) erase(t *testing.T, id string) {
	t.Helper()
	if _, err := in.notifier.Do(t.Context(), in.asked(t, id)); err != nil {
		t.Fatal(err)
	}
}

// asked is the fresh link by which somebody is erased.
func (in *installation) asked(t *testing.T, id string) string {
	t.Helper()
	if err := in.notifier.Ask(t.Context(), "link of "+id, notifier.RequestErase, "", "ru", ""); err != nil {
		t.Fatal(err)
	}
	letters, err := in.stores.notifier.Letters(t.Context(), time.Now().Add(time.Minute), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters {
		if _, secret, ok := strings.Cut(l.Args["url"], notifier.FreshPath); ok && l.To == id+"@example.kz" {
			return secret
		}
	}
	t.Fatal("no letter")
	return ""
}

// kept copies erasures until the list has count of them.
func (in *installation) kept(t *testing.T, count int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- in.folder.keepErasures(ctx, in.notifier) }()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if all, _, err := in.folder.readErasures(); err == nil && len(all) == count {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the erasures are not copied")
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func (in *installation) isErased(t *testing.T, id string, want bool) {
	t.Helper()
	r, err := in.notifier.Recipient(t.Context(), id)
	if err != nil || (r.State == notifier.Erased) != want {
		t.Errorf("%s: %+v, %v", id, r, err)
	}
}

// A backup from before an erasure, restored into the folder whose store was lost,
// brings nobody back, and neither does the next synchronisation.
func TestErasureSurvivesRestore(t *testing.T) {
	d := folder(t.TempDir())
	in := registered(t, d, 3)
	var backup bytes.Buffer
	if err := in.backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	in.notifier.PutRecipient(t.Context(), notifier.Recipient{ExternalID: "late", Address: "late@example.kz", RegisteredAt: time.Now().Add(-time.Hour)})
	in.erase(t, "b")
	in.kept(t, 1)
	in.kept(t, 1) // the next start copies nothing twice
	list, err := os.ReadFile(d.erasures())
	if err != nil || strings.Contains(string(list), "b@") || strings.Contains(string(list), `"b"`) {
		t.Errorf("%s, %v", list, err)
	}
	if err := in.close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(d.database()); err != nil {
		t.Fatal(err)
	}
	if err := (&where{data: string(d)}).restore(t.Context(), nil, &backup); err != nil {
		t.Fatal(err)
	}
	s, err := openStores(d)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := s.notifier.Recipients(t.Context(), 0, 10)
	if err != nil || len(rs) != 3 || rs[1].State != notifier.Erased || rs[1].Address != "" || rs[0].State != notifier.Active {
		t.Errorf("restored: %+v, %v", rs, err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	in, err = openInstallation(t.Context(), d, false, options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.close()
	report, err := in.notifier.Import(t.Context(), "csv", "test", strings.NewReader("external_id,address,language,name,registered_at,groups\na,a@example.kz,ru,,2020-01-01,\nb,b@example.kz,ru,,2020-01-01,\n"), false, documents.Actor{Name: "test"}, nil)
	if err != nil || report.Erased != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	in.isErased(t, "a", false)
	in.isErased(t, "b", true)
	in.erase(t, "c")
	in.kept(t, 2)
}

// What broke off in the middle of a line is left out and written over; what was
// damaged is refused.
func TestErasuresThatWereCut(t *testing.T) {
	d := folder(t.TempDir())
	in := registered(t, d, 2)
	defer in.close()
	in.erase(t, "a")
	in.kept(t, 1)
	whole, err := os.ReadFile(d.erasures())
	if err != nil {
		t.Fatal(err)
	}
	for cut := range whole {
		if err := os.WriteFile(d.erasures(), whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if all, at, err := d.readErasures(); err != nil || len(all) != 0 || at != 0 {
			t.Fatalf("cut at %d: %v, %d, %v", cut, all, at, err)
		}
	}
	in.erase(t, "b")
	in.kept(t, 2)
	if all, _, err := d.readErasures(); err != nil || len(all) != 2 || all[0].External == all[1].External {
		t.Errorf("%+v, %v", all, err)
	}
	if err := os.WriteFile(d.erasures(), append([]byte("{}\n"), whole...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.readErasures(); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("damaged: %v", err)
	}
}

func TestWorkdaysOfTheFolder(t *testing.T) {
	d := folder(t.TempDir())
	if w, err := d.readWorkdays(); err != nil || w != nil {
		t.Errorf("%+v, %v", w, err)
	}
	for text, fault := range map[string]string{"weekend sunday\nanswer access 7\n": "", "weekend sunday\noff never\n": "line 2"} {
		if err := os.WriteFile(filepath.Join(string(d), "workdays.txt"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := d.readWorkdays()
		if fault == "" && (err != nil || w == nil) || fault != "" && (err == nil || !strings.Contains(err.Error(), fault)) {
			t.Errorf("%q: %+v, %v", text, w, err)
		}
	}
}

// The end of a rehearsal forgets who tried an erasure in it.
func TestOpeningForgetsErasures(t *testing.T) {
	d := folder(t.TempDir())
	in := registered(t, d, 1)
	defer in.close()
	in.erase(t, "a")
	in.kept(t, 1)
	if err := in.open(t.Context(), local); err != nil {
		t.Fatal(err)
	}
	if exists(d.erasures()) {
		t.Error("the list is there still")
	}
	if changed, err := in.notifier.PutRecipient(t.Context(), notifier.Recipient{ExternalID: "a", Address: "a@example.kz", RegisteredAt: time.Now().Add(-time.Hour)}); err != nil || !changed {
		t.Errorf("changed %v, %v", changed, err)
	}
	in.isErased(t, "a", false)
}
