package server

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

// requestRoutes registers the queue of what registered users ask for.
func (d desk) requestRoutes(m *mux) {
	m.handle("GET /desk/requests", d.signedIn(d.showRequests, "publisher", "administrator"))
	m.handle("GET /desk/requests/{id}", d.signedIn(d.showRequest, "publisher", "administrator"))
	m.handle("POST /desk/requests/{id}", d.signedIn(d.answerRequest, "publisher", "administrator"))
}

type requestsPage struct {
	page
	Filters []link
	Rows    []deskRequest
	Next    string
}

// deskRequest is a request in the queue.
type deskRequest struct {
	Href, Name, Code, Person, State, Class string
	Received, Due                          string
	Overdue                                bool
}

const (
	requestsMost = 50  // on a page
	requestsRead = 200 // at a time
)

func (d desk) showRequests(v *shift) error {
	p := &requestsPage{page: v.page(v.w.T("requests"))}
	state, path := notifier.RequestOpen, v.base()+"/desk/requests"
	switch asked := v.r.URL.Query().Get("state"); asked {
	case "done", "refused":
		state = notifier.RequestState(asked)
	case "all":
		state = ""
	}
	for _, one := range []string{"open", "done", "refused", "all"} {
		p.Filters = append(p.Filters, link{Href: path + "?state=" + one, Text: v.w.T("requests-" + one), Current: or(string(state), "all") == one})
	}
	var rows []notifier.RequestView
	var err error
	if state == notifier.RequestOpen {
		rows, p.Next, err = v.waitingRequests(path)
	} else {
		rows, p.Next, err = v.settledRequests(path, state)
	}
	if err != nil {
		return err
	}
	for _, q := range rows {
		p.Rows = append(p.Rows, v.deskRequest(q))
	}
	return v.show("desk-requests.html", p)
}

// waitingRequests are all that are open, what is due first first; a page of them.
func (v *shift) waitingRequests(path string) (rows []notifier.RequestView, next string, err error) {
	query := notifier.RequestQuery{State: notifier.RequestOpen, Limit: requestsRead}
	for {
		some, err := v.Notifier.ListRequests(v.ctx, query)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, some...)
		if len(some) < requestsRead {
			break
		}
		query.Before = some[len(some)-1].ID
	}
	slices.SortStableFunc(rows, func(a, b notifier.RequestView) int {
		if by := a.Due.Compare(b.Due); by != 0 {
			return by
		}
		return int(a.ID - b.ID)
	})
	from, _ := strconv.Atoi(v.r.URL.Query().Get("from"))
	from = min(max(from, 0), len(rows))
	to := min(from+requestsMost, len(rows))
	if to < len(rows) {
		next = fmt.Sprintf("%s?state=open&from=%d", path, to)
	}
	return rows[from:to], next, nil
}

// settledRequests are the newest first.
func (v *shift) settledRequests(path string, state notifier.RequestState) (rows []notifier.RequestView, next string, err error) {
	before, _ := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64)
	rows, err = v.Notifier.ListRequests(v.ctx, notifier.RequestQuery{State: state, Before: max(before, 0), Limit: requestsMost})
	if len(rows) == requestsMost {
		next = fmt.Sprintf("%s?state=%s&before=%d", path, or(string(state), "all"), rows[len(rows)-1].ID)
	}
	return rows, next, err
}

func (v *shift) requestKind(kind notifier.RequestKind) string {
	return v.Notifier.Words(v.w.Lang).T("request-" + string(kind))
}

func (v *shift) deskRequest(q notifier.RequestView) deskRequest {
	row := deskRequest{
		Href: fmt.Sprintf("%s/desk/requests/%d", v.base(), q.ID), Name: v.requestKind(q.Kind), Code: q.Code, Person: q.MaskedAddress,
		State: v.w.T("me-state-" + string(q.State)), Class: requestClass(q.State), Received: lang.Date(v.w.Lang, q.Received.In(v.zone)),
	}
	if q.State == notifier.RequestOpen {
		row.Due, row.Overdue = lang.Date(v.w.Lang, q.Due.In(v.zone)), q.Due.Before(v.now)
		if !row.Overdue && sameDay(q.Due, v.now, v.zone) {
			row.Due = v.w.T("request-today")
		}
	}
	return row
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	return a.In(zone).Format(time.DateOnly) == b.In(zone).Format(time.DateOnly)
}

type requestPage struct {
	page
	Heading, State, Class string
	Overdue, Unsure       bool
	Facts                 []fact
	Words, WordsLang      string
	NoWords               string
	Answer                string
	Saved                 bool
	Automatic             bool
	Form                  bool
	Action                string
	Results               *field
	Grounds               []ground
	GroundError           string
	Reply                 *field
}

// ground is a reason for a refusal, in the words of staff and of the person.
type ground struct {
	Value, Text, More, Lang string
	Current                 bool
}

func (d desk) showRequest(v *shift) error {
	p, err := v.request()
	if err != nil {
		return err
	}
	p.Saved = v.r.URL.Query().Has("saved")
	return v.show("desk-request.html", p)
}

func (v *shift) requestID() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, errNoPage
	}
	return id, nil
}

// request is the page of one, with what was typed into the form of its answer.
func (v *shift) request() (*requestPage, error) {
	id, err := v.requestID()
	if err != nil {
		return nil, err
	}
	q, err := v.Notifier.ShowRequest(v.ctx, id)
	if err != nil {
		return nil, err
	}
	row := v.deskRequest(q)
	p := &requestPage{page: v.page(row.Name + " — " + q.Code), Heading: row.Name, State: row.State, Class: row.Class, Overdue: row.Overdue, Unsure: q.Unsure && q.State == notifier.RequestOpen}
	p.Words, p.WordsLang, p.Answer, p.Automatic = q.Words, q.Language, q.Answer, q.Due.IsZero()
	p.Facts = v.requestFacts(q, row)
	if q.Words == "" {
		p.NoWords = v.w.T("request-no-words")
		if q.Ground == notifier.GroundLapsed {
			p.NoWords = v.w.T("request-words-gone")
		}
	}
	p.Form = q.State == notifier.RequestOpen && (may(v.by, "publisher") || may(v.by, "administrator"))
	if p.Form {
		v.answerForm(p, q)
	}
	return p, nil
}

func (v *shift) requestFacts(q notifier.RequestView, row deskRequest) []fact {
	out := []fact{{Text: v.w.T("me-code"), More: q.Code}, {Text: v.w.T("request-address"), More: q.MaskedAddress}, {Text: v.w.T("request-external"), More: q.ExternalID}}
	out = append(out, fact{Text: v.w.T("request-spoken"), More: languageName(v.w, q.Language)}, fact{Text: v.w.T("me-received"), More: lang.Moment(v.w.Lang, q.Received.In(v.zone))})
	if !q.Due.IsZero() {
		out = append(out, fact{Text: v.w.T("me-due"), More: lang.Date(v.w.Lang, q.Due.In(v.zone)), Current: row.Overdue})
	}
	if q.State == notifier.RequestOpen {
		return stated(out...)
	}
	if q.By != "" {
		out = append(out, fact{Text: v.w.T("me-settled"), More: lang.Moment(v.w.Lang, q.Settled.In(v.zone))}, fact{Text: v.w.T("request-by"), More: v.staffName(q.By)})
	}
	if q.Ground != "" {
		out = append(out, fact{Text: v.w.T("me-ground"), More: v.Notifier.Words(v.w.Lang).T("ground-" + q.Ground)})
	}
	return stated(out...)
}

// staffName is who answered.
func (v *shift) staffName(id string) string {
	if id == "local" {
		return v.w.T("audit-local")
	}
	return v.person(id)
}

func (v *shift) answerForm(p *requestPage, q notifier.RequestView) {
	p.Action = fmt.Sprintf("%s/desk/requests/%d", v.base(), q.ID)
	p.Results = &field{ID: "state", Name: "state", Kind: "radio", Label: v.w.T("request-result")}
	for _, s := range []notifier.RequestState{notifier.RequestDone, notifier.RequestRefused} {
		p.Results.Options = append(p.Results.Options, link{Value: string(s), Text: v.w.T("request-result-" + string(s)), Current: v.line("state") == string(s)})
	}
	ours, theirs := v.Notifier.Words(v.w.Lang), v.Notifier.Words(q.Language)
	for _, key := range notifier.Grounds() {
		one := ground{Value: key, Text: ours.T("ground-" + key), Current: v.line("ground") == key}
		if theirs.Lang != ours.Lang {
			one.More, one.Lang = theirs.T("ground-"+key), theirs.Lang
		}
		p.Grounds = append(p.Grounds, one)
	}
	hint := v.w.T("request-reply-hint", "address", q.MaskedAddress, "language", languageName(v.w, q.Language))
	p.Reply = &field{ID: "words", Name: "words", Kind: "slot", Label: v.w.T("request-reply"), Hint: hint, Value: v.text("words"), Lang: q.Language, Dir: lang.Dir(q.Language)}
}

// answerRequest settles a request. A refusal of the form keeps what was typed.
func (d desk) answerRequest(v *shift) error {
	id, err := v.requestID()
	if err != nil {
		return err
	}
	state, ground := notifier.RequestState(v.line("state")), v.line("ground")
	if state == notifier.RequestDone {
		ground = "" // chosen before they thought better of it, and not to be seen since
	}
	q, err := d.Notifier.Answer(v.ctx, id, state, ground, v.text("words"), v.by)
	if err != nil {
		return v.refusedAnswer(err)
	}
	if err := d.audit(v.ctx, v.by, "request."+string(q.State), fmt.Sprint(id)); err != nil {
		return err
	}
	return v.to(fmt.Sprintf("/desk/requests/%d?saved=1", id))
}

func (v *shift) refusedAnswer(err error) error {
	if notFound(err) {
		return err
	}
	p, pageErr := v.request()
	if pageErr != nil {
		return pageErr
	}
	fields := []*field{}
	if p.Form {
		fields = append(fields, p.Results, p.Reply)
	}
	if !v.refused(&p.page, err, fields...) {
		return err
	}
	if _, name, _ := refusal(v.w, err); name == "ground" && p.Form {
		p.GroundError, p.ProblemAt = p.Problem, "ground"
	}
	return v.showAs(status(err), "desk-request.html", p)
}

// mayAnswer tells who sees the queue.
func mayAnswer(by documents.Actor) bool {
	return may(by, "publisher") || may(by, "administrator") || may(by, "auditor")
}

// requestsWait is a line for the home of the desk; empty if nothing waits.
func (v *shift) requestsWait() (link, error) {
	if !mayAnswer(v.by) {
		return link{}, nil
	}
	open, overdue, err := v.Notifier.Unanswered(v.ctx)
	if err != nil || open == 0 {
		return link{}, err
	}
	text := v.w.N("waits-requests", open)
	if overdue > 0 {
		text += ", " + v.w.N("waits-overdue", overdue)
	}
	return link{Href: v.base() + "/desk/requests", Text: text}, nil
}

// requestsName names the queue in the frame of the desk, with how many wait.
func (v *shift) requestsName() string {
	open, _, err := v.Notifier.Unanswered(v.ctx)
	if err != nil || open == 0 {
		return v.w.T("requests")
	}
	return v.w.T("nav-requests", "n", lang.Number(v.w.Lang, open))
}
