package server

import (
	"regexp"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

// The forms below are what the API shows. They are apart from the rooms' own
// types, so that a change inside is no change of the API.

// DocumentView is one policy.
type DocumentView struct {
	ID         string            `json:"id"`
	Titles     map[string]string `json:"titles"`
	Prevailing string            `json:"prevailing" doc:"The language that decides where texts differ"`
	Groups     []string          `json:"groups" doc:"The groups of registered users it concerns; none: all"`
	Revision   int               `json:"revision"`
}

func documentView(d documents.Document) DocumentView {
	return DocumentView{ID: d.ID, Titles: d.Titles, Prevailing: d.Prevailing, Groups: d.Groups, Revision: d.Revision}
}

// NoteView is a note of a change, in plain text.
type NoteView struct {
	What  string `json:"what,omitempty" doc:"What changes"`
	Whom  string `json:"whom,omitempty" doc:"Whom it concerns"`
	Means string `json:"means,omitempty" doc:"What it means for you"`
	Do    string `json:"do,omitempty" doc:"What you must do and by when; empty: nothing"`
}

func notesIn(in map[string]NoteView) map[string]documents.Note {
	if in == nil {
		return nil
	}
	out := make(map[string]documents.Note, len(in))
	for lang, n := range in {
		out[lang] = documents.Note(n)
	}
	return out
}

func notesOut(in map[string]documents.Note) map[string]NoteView {
	out := make(map[string]NoteView, len(in))
	for lang, n := range in {
		out[lang] = NoteView(n)
	}
	return out
}

// BasisView is the order that a version rests on.
type BasisView struct {
	Number    string `json:"number,omitempty"`
	Date      string `json:"date,omitempty" doc:"2006-01-02"`
	Signatory string `json:"signatory,omitempty"`
}

// EffectiveView is when a version takes effect. An imported version may have no
// date: then it took effect at the import.
type EffectiveView struct {
	Instant time.Time `json:"instant" doc:"What decides"`
	Date    string    `json:"date,omitempty" doc:"The local date that people were told"`
	Zone    string    `json:"zone,omitempty"`
}

func effectiveView(e documents.Effective) EffectiveView {
	at := e.Instant
	if zone, err := time.LoadLocation(e.Zone); err == nil {
		at = at.In(zone)
	}
	return EffectiveView{Instant: at, Date: e.Date, Zone: e.Zone}
}

// VersionView is a version as the events leave it.
type VersionView struct {
	Document    string              `json:"document"`
	Number      int                 `json:"number"`
	Seq         int64               `json:"seq" doc:"The event that brought it"`
	Effective   EffectiveView       `json:"effective"`
	PublishedAt time.Time           `json:"published_at"`
	Stated      string              `json:"published_stated,omitempty" doc:"Of an imported version: the date of publication that the organisation states"`
	Class       string              `json:"class"`
	Urgent      bool                `json:"urgent,omitempty"`
	Reason      string              `json:"reason,omitempty"`
	Titles      map[string]string   `json:"titles"`
	Notes       map[string]NoteView `json:"notes,omitempty"`
	Imported    bool                `json:"imported,omitempty"`
	Withdrawn   bool                `json:"withdrawn,omitempty"`
	Withheld    bool                `json:"withheld,omitempty"`
}

func versionView(document string, st documents.Standing) VersionView {
	return VersionView{
		Document: document, Number: st.Number, Seq: int64(st.Seq), Effective: effectiveView(st.Effective), PublishedAt: st.Published,
		Stated: st.Stated, Class: string(st.Class), Urgent: st.Urgent, Reason: st.ReasonText, Titles: st.Titles, Notes: notesOut(st.Notes),
		Imported: st.Imported, Withdrawn: st.Withdrawn, Withheld: st.Withheld,
	}
}

// ScheduledVersion is one that is published and not yet in force.
type ScheduledVersion struct {
	Number    int           `json:"number"`
	Effective EffectiveView `json:"effective"`
}

// ClauseView is one line of a clause map.
type ClauseView struct {
	ID     string  `json:"id" doc:"Permanent"`
	Number *string `json:"number" doc:"Exactly as written"`
	Title  string  `json:"title"`
	Anchor string  `json:"anchor,omitempty"`
	Level  int     `json:"level"`
	Lines  [2]int  `json:"lines"`
	Parent string  `json:"parent,omitempty"`
}

// TextView is a version in one language.
type TextView struct {
	Title   string       `json:"title"`
	Source  string       `json:"source" doc:"Markdown, byte for byte as given"`
	SHA256  string       `json:"sha256"`
	Clauses []ClauseView `json:"clauses"`
}

func textView(t documents.Text) TextView {
	out := TextView{Title: t.Title, Source: t.Source, SHA256: t.SourceDigest().String(), Clauses: []ClauseView{}}
	for _, c := range t.Clauses {
		v := ClauseView{ID: c.ID, Title: c.Title, Anchor: c.Anchor, Level: c.Level, Lines: [2]int{c.First, c.Last}, Parent: c.Parent}
		if c.Number != "" {
			v.Number = &c.Number
		}
		out.Clauses = append(out.Clauses, v)
	}
	return out
}

// DigestsView is what an event says of one language.
type DigestsView struct {
	Title   string `json:"title,omitempty"`
	Source  string `json:"source,omitempty"`
	Clauses string `json:"clauses,omitempty"`
	Note    string `json:"note,omitempty"`
}

func digest(d documents.Digest) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// EventView is one line of the public log.
type EventView struct {
	Seq        int64                  `json:"seq"`
	Kind       string                 `json:"kind"`
	Time       time.Time              `json:"time"`
	Origin     string                 `json:"origin"`
	Document   string                 `json:"document,omitempty"`
	Version    int                    `json:"version,omitempty"`
	Effective  *EffectiveView         `json:"effective,omitempty"`
	Class      string                 `json:"class,omitempty"`
	Urgent     bool                   `json:"urgent,omitempty"`
	Prevailing string                 `json:"prevailing,omitempty"`
	Digests    map[string]DigestsView `json:"sha256,omitempty" doc:"By language"`
	Titles     map[string]string      `json:"titles,omitempty"`
	Notes      map[string]NoteView    `json:"notes,omitempty"`
	Reason     string                 `json:"reason,omitempty"`
	ReasonSHA  string                 `json:"reason_sha256,omitempty"`
	Notice     int64                  `json:"notice,omitempty"`
	Figures    string                 `json:"figures,omitempty"`
	LedgerRoot string                 `json:"ledger_root,omitempty"`
	LostFirst  int64                  `json:"lost_first,omitempty"`
	LostLast   int64                  `json:"lost_last,omitempty"`
	Bytes      string                 `json:"bytes" doc:"The line itself: UTF-8, as it is hashed into the log"`
}

func eventView(e documents.Event) EventView {
	v := EventView{
		Seq: int64(e.Seq), Kind: string(e.Kind), Time: e.Time, Origin: e.Origin, Document: e.Document, Version: e.Version,
		Class: string(e.Class), Urgent: e.Urgent, Prevailing: e.Prevailing, Titles: e.Titles, Reason: e.ReasonText, ReasonSHA: digest(e.Reason),
		Notice: int64(e.Notice), Figures: e.Figures, LedgerRoot: digest(e.LedgerRoot), LostFirst: int64(e.LostFirst), LostLast: int64(e.LostLast),
		Bytes: string(e.Bytes),
	}
	if !e.Effective.Instant.IsZero() {
		eff := effectiveView(e.Effective)
		v.Effective = &eff
	}
	if len(e.Notes) > 0 {
		v.Notes = notesOut(e.Notes)
	}
	for _, t := range e.Texts {
		if v.Digests == nil {
			v.Digests = map[string]DigestsView{}
		}
		v.Digests[t.Lang] = DigestsView{Title: digest(t.Title), Source: digest(t.Source), Clauses: digest(t.Clauses), Note: digest(t.Note)}
	}
	return v
}

// FiguresView are those of a ledger: due is always the sum of the others.
type FiguresView struct {
	Due      int64 `json:"due"`
	Open     int64 `json:"open"`
	Accepted int64 `json:"accepted"`
	Failed   int64 `json:"failed"`
	Excluded int64 `json:"excluded"`
	Covered  int64 `json:"covered"`
}

// NoticeView is one event told to an audience.
type NoticeView struct {
	Seq       int64            `json:"seq" doc:"The event; also the name of the notice"`
	Document  string           `json:"document"`
	Version   int              `json:"version"`
	State     string           `json:"state"`
	Why       string           `json:"why,omitempty" doc:"What a held or stopped notice waits for"`
	Published time.Time        `json:"published"`
	SendAfter time.Time        `json:"send_after"`
	Counted   bool             `json:"counted" doc:"Everybody is in the ledger"`
	Figures   FiguresView      `json:"figures" doc:"Today's"`
	Closing   *FiguresView     `json:"closing,omitempty" doc:"When open became 0"`
	Closed    int64            `json:"closed,omitempty" doc:"The event that says so"`
	Languages map[string]int64 `json:"languages,omitempty" doc:"Accepted mails by language; kk+ru is one mail in two"`
}

func noticeView(n notifier.Notice) NoticeView {
	v := NoticeView{
		Seq: int64(n.Seq), Document: n.Document, Version: n.Version, State: string(n.State), Why: whyOf(n), Published: n.Published,
		SendAfter: n.SendAfter, Counted: n.CountedAll, Figures: FiguresView(n.Figures), Closed: int64(n.ClosedSeq),
	}
	if n.Closing != nil {
		c := FiguresView(*n.Closing)
		v.Closing = &c
	}
	return v
}

// whyOf says it in English, as everything else in the API.
func whyOf(n notifier.Notice) string {
	if w := catalogue.In("en"); n.WhyKey != "" && w.Has(n.WhyKey) {
		return w.T(n.WhyKey)
	}
	return n.Why
}

// DeliveryView is one notice owed to one recipient, without their address.
type DeliveryView struct {
	Recipient int64       `json:"recipient" doc:"The recipient's number"`
	State     string      `json:"state"`
	Reason    string      `json:"reason,omitempty"`
	Attempts  int         `json:"attempts"`
	Next      *time.Time  `json:"next,omitempty"`
	Language  string      `json:"language,omitempty"`
	Since     int         `json:"since,omitempty" doc:"The version that the excerpt runs from"`
	MessageID string      `json:"message_id,omitempty"`
	Relay     string      `json:"relay,omitempty"`
	TLS       string      `json:"tls,omitempty"`
	At        *time.Time  `json:"at,omitempty"`
	Answer    string      `json:"answer,omitempty" doc:"The relay's, without the names before an @ that it repeats"`
	SHA256    string      `json:"sha256,omitempty" doc:"Of the message with personal tokens masked"`
	History   []MovedView `json:"history,omitempty"`
}

// MovedView is one change of a delivery's state.
type MovedView struct {
	At   time.Time `json:"at"`
	From string    `json:"from"`
	To   string    `json:"to"`
	Why  string    `json:"why,omitempty"`
}

func deliveryView(d notifier.Delivery) DeliveryView {
	v := DeliveryView{
		Recipient: d.Recipient, State: string(d.State), Reason: d.Reason, Attempts: d.Attempts, Next: when(d.Next), Language: d.Language,
		Since: d.Since, MessageID: d.MessageID, Relay: d.Evidence.Relay, TLS: d.Evidence.TLS, At: when(d.Evidence.At),
		Answer: nameless(d.Evidence.Answer), SHA256: digest(d.Evidence.Digest),
	}
	for _, m := range d.History {
		v.History = append(v.History, MovedView{At: m.At, From: string(m.From), To: string(m.To), Why: m.Why})
	}
	return v
}

var mailboxName = regexp.MustCompile(`[^\s<>"'()\[\]:;,]+@`)

// nameless is a relay's answer for those who may not see whose mail it is about:
// relays like to repeat the address.
func nameless(answer string) string { return mailboxName.ReplaceAllString(answer, "•••@") }

func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
