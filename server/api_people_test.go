package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vestnik/server"
)

func TestRecipient(t *testing.T) {
	h := newHouse(t)
	var r struct {
		ExternalID   string `json:"external_id"`
		Address      string
		State        string
		RegisteredAt time.Time `json:"registered_at"`
		Number       int64
	}
	h.local("PUT", "/recipients/u%2F1", `{"address":"aigul@example.kz","language":"kk","registered_at":"2024-05-31","groups":["cards"]}`).want(200, &r)
	if r.ExternalID != "u/1" || r.State != "active" || r.RegisteredAt.UTC().Format(time.RFC3339) != "2024-05-30T19:00:00Z" {
		t.Fatalf("recipient is %+v", r)
	}
	registered := r.RegisteredAt
	h.local("PUT", "/recipients/u%2F1", `{"address":"new@example.kz"}`).want(200, &r)
	if r.Address != "new@example.kz" || !r.RegisteredAt.Equal(registered) {
		t.Fatalf("recipient is %+v", r)
	}
	h.local("DELETE", "/recipients/u%2F1", "").want(204)
	h.local("GET", "/recipients/u%2F1", "").want(200, &r)
	if r.State != "left" {
		t.Fatalf("recipient is %+v", r)
	}
	h.local("PUT", "/recipients/someone@example.kz", `{"address":"a@example.kz"}`).refused(422, "invalid")
	h.local("PUT", "/recipients/u2", `{"address":"no address"}`).refused(422, "invalid")
	h.local("GET", "/recipients/u2", "").refused(404, "not-found")
	h.local("DELETE", "/recipients/u2", "").refused(404, "not-found")
}

const twoPeople = `{"external_id":"a","address":"a@example.kz","language":"ru","registered_at":"2024-01-01T00:00:00Z"}
{"external_id":"b","address":"b@example.kz","language":"kk","registered_at":"2024-01-01T00:00:00Z"}
`

func TestImportAndExportRecipients(t *testing.T) {
	h := newHouse(t)
	var report struct{ Rows, Added, Changed, Unchanged int }
	h.local("POST", "/recipients:import?source=crm.ndjson", twoPeople, "Content-Type", "application/x-ndjson").want(200, &report)
	if report.Rows != 2 || report.Added != 2 {
		t.Fatalf("report is %+v", report)
	}
	csv := h.local("GET", "/recipients?format=csv", "").want(200)
	if !strings.HasPrefix(csv.body, "external_id,address,language,name,registered_at,groups\n") || strings.Count(csv.body, "\n") != 3 || csv.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("export is %v\n%s", csv.header, csv.body)
	}
	h.local("POST", "/recipients:import", csv.body, "Content-Type", "text/csv").want(200, &report)
	if report.Unchanged != 2 {
		t.Fatalf("the export, imported again, gives %+v", report)
	}
	broken := twoPeople + `{"external_id":"c","address":"broken","registered_at":"2024-01-01T00:00:00Z"}` + "\n"
	p := h.local("POST", "/recipients:import", broken, "Content-Type", "application/x-ndjson").refused(422, "invalid")
	if len(p.Refused) != 1 || p.Refused[0].Row != 3 {
		t.Fatalf("problem is %+v", p)
	}
	h.local("POST", "/recipients:import?keep-good=true", broken, "Content-Type", "application/x-ndjson").want(200, &report)
	if report.Rows != 3 {
		t.Fatalf("report is %+v", report)
	}
	if nd := h.local("GET", "/recipients", "").want(200); strings.Count(nd.body, "\n") != 2 {
		t.Fatalf("export is %s", nd.body)
	}
	h.local("GET", "/recipients?format=xml", "").refused(422, "malformed")
}

func TestMoreThanAThousandPeople(t *testing.T) {
	h := newHouse(t)
	var people strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&people, `{"external_id":"u%d","address":"u%d@example.kz","registered_at":"2024-01-01T00:00:00Z"}`+"\n", i, i)
	}
	h.local("POST", "/recipients:import", people.String(), "Content-Type", "application/x-ndjson").want(200)
	// The first version tells nobody, and so nobody is counted.
	h.document("policy")
	h.local("POST", "/documents/policy/versions", publication(t, firstText, `,"class":"notice","reason":"first","effective":"now","urgent":true,"notes":{"en":`+noteJSON+`}`)).want(201)
	body := func(more string) string {
		return publication(t, secondText, `,"notes":{"en":`+noteJSON+`},"class":"notice","reason":"telephone"`+more)
	}
	for _, said := range []string{"", `,"recipients":1000`} {
		p := h.local("POST", "/documents/policy/versions", body(said), "Idempotency-Key", "k"+said).refused(422, "invalid")
		if p.Field != "recipients" || p.Due == nil || *p.Due != 1001 || !strings.Contains(p.Detail, "1001") {
			t.Fatalf("problem is %+v", p)
		}
	}
	first := h.local("POST", "/documents/policy/versions", body(`,"recipients":1001`), "Idempotency-Key", "k").want(201)
	// A replay gives the first answer, however many people there are by now.
	h.local("PUT", "/recipients/late", `{"address":"late@example.kz","registered_at":"2024-01-01"}`).want(200)
	if again := h.local("POST", "/documents/policy/versions", body(`,"recipients":1001`), "Idempotency-Key", "k").want(201); again.body != first.body {
		t.Fatalf("a replay answers\n%s, the first time it was\n%s", again.body, first.body)
	}
	h.local("POST", "/documents/policy/versions", publication(t, firstText, `,"class":"editorial","reason":"r","effective":"`+time.Now().AddDate(1, 0, 0).Format(time.DateOnly)+`"`)).want(201)
}

// eventually polls: the notifier works beside the API and has no other bell.
func eventually(t *testing.T, f func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-tick.C {
		if f() {
			return
		}
	}
	t.Fatal("it never came to pass")
}

func TestNotice(t *testing.T) {
	var c server.Config
	h := newHouse(t, func(given *server.Config) { c = *given })
	h.local("PUT", "/settings", `{"hold":"1h","organisation":"ТОО «Пример»","postal":"Алматы","reply-to":"a@example.kz"}`).want(200)
	h.local("POST", "/recipients:import", twoPeople, "Content-Type", "application/x-ndjson").want(200)
	h.published("policy")
	h.local("POST", "/documents/policy/versions", publication(t, secondText, `,"notes":{"en":`+noteJSON+`},"class":"notice","reason":"telephone"`)).want(201)
	h.run(c.Notifier.Run)
	var list struct {
		Notices []struct {
			Seq     int64
			State   string
			Counted bool
			Figures struct{ Due, Open int64 }
		}
	}
	eventually(t, func() bool {
		h.local("GET", "/notices", "").want(200, &list)
		return len(list.Notices) == 1 && list.Notices[0].Counted
	})
	if n := list.Notices[0]; n.Seq != 2 || n.State != "holding" || n.Figures.Due != 2 || n.Figures.Open != 2 {
		t.Fatalf("notice is %+v", n)
	}
	var ledger struct {
		Deliveries []struct {
			Recipient int64
			State     string
		}
		Next int64
	}
	h.local("GET", "/notices/2/deliveries?limit=1", "").want(200, &ledger)
	if len(ledger.Deliveries) != 1 || ledger.Deliveries[0].State != "waiting" || ledger.Next == 0 {
		t.Fatalf("ledger is %+v", ledger)
	}
	h.local("GET", fmt.Sprintf("/notices/2/deliveries?after=%d&state=accepted", ledger.Next), "").want(200, &ledger)
	if len(ledger.Deliveries) != 0 {
		t.Fatalf("ledger is %+v", ledger)
	}
	var told struct {
		Notices []struct{ Notice struct{ Seq int64 } }
	}
	h.local("GET", "/recipients/a/notices", "").want(200, &told)
	if len(told.Notices) != 1 || told.Notices[0].Notice.Seq != 2 {
		t.Fatalf("told is %+v", told)
	}
	var n struct{ State string }
	for _, step := range []struct{ act, state string }{{"stop", "stopped"}, {"resume", "holding"}, {"cancel", "cancelled"}} {
		h.local("POST", "/notices/2/"+step.act, "").want(200, &n)
		if n.State != step.state {
			t.Fatalf("after %s the notice is %s", step.act, n.State)
		}
	}
	h.local("GET", "/notices/9", "").refused(404, "not-found")
	h.local("POST", "/notices/9/stop", "").refused(404, "not-found")
}

func TestInstallation(t *testing.T) {
	h := newHouse(t, func(c *server.Config) {
		c.Install = installation()
	})
	if tar := h.local("GET", "/backup", "").want(200); tar.body != "the dumps" || tar.header.Get("Content-Type") != "application/x-tar" {
		t.Fatalf("backup is %q", tar.body)
	}
	var report struct {
		OK     bool
		Faults []string
	}
	h.local("POST", "/check", "{}").want(200, &report)
	if report.OK || len(report.Faults) != 1 {
		t.Fatalf("report is %+v", report)
	}
	h.local("POST", "/open", "").want(204)
	bare := newHouse(t)
	for _, act := range []string{"GET /backup", "POST /check", "POST /open"} {
		method, path, _ := strings.Cut(act, " ")
		bare.local(method, path, "").refused(422, "invalid")
	}
	var status struct {
		Ready   bool
		Version string
	}
	h.local("GET", "/status", "").want(200, &status)
	if !status.Ready || status.Version != "1.2.3" {
		t.Fatalf("status is %+v", status)
	}
}
