package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vestnik/notifier"
	"vestnik/server"
	"vestnik/server/mailbox"
)

// mailed is the secret of the link with a path in a mail to an address.
func (h *house) mailed(address, path string) (secret string) {
	h.t.Helper()
	form := regexp.MustCompile(path + `([A-Za-z0-9_-]{43})`)
	eventually(h.t, func() bool {
		list, err := h.store.Mails(h.t.Context(), 0, 50)
		must(h.t, err)
		for _, m := range list {
			full, err := h.store.Mail(h.t.Context(), m.ID)
			must(h.t, err)
			shown, err := mailbox.Parse(full.Raw)
			must(h.t, err)
			if found := form.FindStringSubmatch(shown.Text); found != nil && m.To[0] == address {
				secret = found[1]
			}
		}
		return secret != ""
	})
	return secret
}

// Staff answer a request by the API, and the operator's own system follows what
// registered users did.
func TestRequestsByAPI(t *testing.T) {
	h, c := toldHouse(t, twoPeople)
	token := h.mailed("b@example.kz", "/me/")
	n := c.Notifier
	q, err := n.Lodge(t.Context(), token, notifier.RequestAccess, "Что у вас есть обо мне?", "kk", "")
	must(t, err)
	_, err = n.SpeakTo(t.Context(), token, "ru", "")
	must(t, err)

	var list server.RequestList
	h.local("GET", "/requests?state=open", "").want(200, &list)
	if len(list.Requests) != 1 || list.Open != 1 || list.Overdue != 0 || list.Requests[0].Code != q.Code || list.Requests[0].ExternalID != "b" || list.Requests[0].Due == nil {
		t.Fatalf("%+v", list)
	}
	at := fmt.Sprintf("/requests/%d", q.ID)
	var one server.RequestWords
	h.local("GET", at, "").want(200, &one)
	if one.Words != "Что у вас есть обо мне?" || strings.Contains(h.log.String(), "обо мне") {
		t.Errorf("%+v", one)
	}
	h.local("POST", at+"/answer", `{"state":"refused","words":"Нет."}`).refused(422, "invalid")
	h.local("POST", at+"/answer", `{"state":"done","words":"Вот всё."}`).want(200, &one)
	if one.State != "done" || one.By != "local" || one.Answer != "Вот всё." {
		t.Errorf("%+v", one)
	}
	h.local("POST", at+"/answer", `{"state":"done","words":"Ещё раз."}`).refused(422, "invalid")
	h.local("GET", "/requests/99", "").refused(404, "not-found")

	var acts server.ActList
	h.local("GET", "/acts", "").want(200, &acts)
	if len(acts.Acts) != 2 || acts.Acts[1].Kind != "language" || acts.Acts[1].Value != "ru" || acts.Acts[1].ExternalID != "b" || acts.Next != acts.Acts[1].ID {
		t.Fatalf("%+v", acts)
	}
	var rest server.ActList
	h.local("GET", fmt.Sprintf("/acts?after=%d", acts.Next), "").want(200, &rest)
	if len(rest.Acts) != 0 {
		t.Errorf("%+v", rest)
	}
	auditor := h.token("auditor", "a")
	for _, path := range []string{"/requests", at, "/acts"} {
		h.remote(auditor, "GET", path, "").refused(403, "forbidden")
	}
}

// The operator's system brings somebody who had their data removed here: it is told
// so, and nothing comes back.
func TestErasedStayErasedByAPI(t *testing.T) {
	h, c := toldHouse(t, twoPeople)
	token := h.mailed("b@example.kz", "/me/")
	must(t, c.Notifier.Ask(t.Context(), token, notifier.RequestErase, "", "ru", ""))
	_, err := c.Notifier.Do(t.Context(), h.mailed("b@example.kz", notifier.FreshPath))
	must(t, err)
	var r struct {
		State, Address string
		Number         int64
	}
	h.local("PUT", "/recipients/b", `{"address":"b@example.kz"}`).want(200, &r)
	if r.State != "erased" || r.Address != "" {
		t.Errorf("%+v", r)
	}
	var report struct{ Rows, Erased, Unchanged int }
	h.local("POST", "/recipients:import", twoPeople, "Content-Type", "application/x-ndjson").want(200, &report)
	if report.Erased != 1 || report.Unchanged != 2 {
		t.Errorf("%+v", report)
	}
	var acts server.ActList
	h.local("GET", "/acts", "").want(200, &acts)
	if len(acts.Acts) != 1 || acts.Acts[0].Kind != "erase" || acts.Acts[0].Recipient != r.Number || !strings.HasPrefix(acts.Acts[0].ExternalID, "erased:") {
		t.Errorf("%+v", acts)
	}
}

// Whatever the door refuses has its sentence in every language.
func TestRefusalsOfTheDoorAreTranslated(t *testing.T) {
	found := 0
	for _, name := range []string{"act.go", "ask.go", "requests.go"} {
		src, err := os.ReadFile(filepath.Join("..", "notifier", name))
		must(t, err)
		for _, m := range regexp.MustCompile(`documents\.Invalid\((?:"[a-z]*"|field), "([a-z-]+)"`).FindAllStringSubmatch(string(src), -1) {
			found++
			for _, tag := range []string{"ru", "kk", "en"} {
				if sentences(t, tag)["invalid."+m[1]] == nil {
					t.Errorf("%s has no sentence for %s", tag, m[1])
				}
			}
		}
	}
	if found < 12 {
		t.Fatalf("found %d codes: the search is broken", found)
	}
}
