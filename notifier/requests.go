package notifier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vestnik/documents"
	"vestnik/documents/lang"
)

const (
	maxOpen   = 10   // requests of one person that wait for an answer
	mostWords = 4000 // characters of each side
	ofPerson  = 200  // requests of one person that are shown
)

// sides are the words of a request, as they are sealed.
type sides struct {
	Words  string `json:"words,omitempty"`
	Answer string `json:"answer,omitempty"`
}

// Grounds of a refusal: keys of the catalogue as ground-KEY. Which of them the law
// of a country has is for the organisation to know; these are of Kazakhstan:
// law 94-V, articles 8(2) and 24 to 25, and the Digital Code, article 41(3) and (4).
func Grounds() []string {
	return []string{
		"not-held", "identity", "unfounded", "retention", "obligation", "life", "offences", "justice", "public-interest", "statistics", "state", "third-parties", "not-ours",
	}
}

// GroundLapsed: the person had their data removed here, so that the request can
// neither be read nor answered.
const GroundLapsed = "lapsed"

// Lodge takes a request that a person of the organisation has to answer. once names
// the press.
func (n *Notifier) Lodge(ctx context.Context, token string, kind RequestKind, words, tag, once string) (Request, error) {
	_, r, err := n.holder(ctx, token)
	if err != nil {
		return Request{}, err
	}
	if !kind.human() {
		return Request{}, documents.Invalid("kind", "request-kind", "choose what the request is about")
	}
	if words, err = said("words", words); err != nil {
		return Request{}, err
	}
	if words == "" && (kind == RequestCorrect || kind == RequestOther) {
		return Request{}, documents.Invalid("words", "words-empty", "write what the request is about")
	}
	set, err := n.Settings(ctx)
	if err != nil {
		return Request{}, err
	}
	code := n.pressed(token, kind, words, once)
	return n.act(ctx, r.Number, func(r *Recipient) (Act, error) {
		if err := n.unrecorded(ctx, code); err != nil {
			return Act{}, err
		}
		if open, err := n.openRequests(ctx, r.Number); err != nil {
			return Act{}, err
		} else if open >= maxOpen {
			return Act{}, documents.Invalid("", "request-many", "%d requests wait for an answer already: add what is missing once they are answered", maxOpen)
		}
		q := request(*r, kind, lang.Near(tag), code)
		q.Due = n.Workdays.Due(kind, q.Received.In(zone(set.Zone)))
		if q.Sealed, err = seal(*r, sides{Words: words}, sealRequest, q.Code); err != nil {
			return Act{}, err
		}
		a := Act{Request: &q}
		if !n.notTheirs(*r) {
			a.Letters = []Letter{n.lodged(*r, q, set)}
		}
		return a, nil
	})
}

// said is s as it can be kept: plain text of several lines.
func said(field, s string) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	bad := func(c rune) bool {
		return c != '\n' && c != '\t' && (unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == '\ufeff')
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, bad) {
		return "", documents.Invalid(field, "words-plain", "the text has control or direction characters: remove them")
	}
	if utf8.RuneCountInString(s) > mostWords {
		return "", documents.Invalid(field, "words-long", "the text has more than %d characters: shorten it", mostWords)
	}
	return s, nil
}

// openRequests counts those of a person that wait for an answer.
func (n *Notifier) openRequests(ctx context.Context, recipient int64) (int, error) {
	open, err := n.Store.Requests(ctx, RequestQuery{Recipient: recipient, State: RequestOpen, Limit: maxOpen})
	return len(open), err
}

// RequestsOf lists the requests of whoever a notice was sent to, newest first,
// without words.
func (n *Notifier) RequestsOf(ctx context.Context, token string) ([]RequestView, error) {
	_, r, err := n.holder(ctx, token)
	if err != nil {
		return nil, err
	}
	all, err := n.Store.Requests(ctx, RequestQuery{Recipient: r.Number, Limit: ofPerson})
	var out []RequestView
	for _, q := range all {
		q.By, q.Sealed = "", nil
		out = append(out, RequestView{Request: q, MaskedAddress: hidden(r.Address)})
	}
	return out, err
}

// ListRequests is for staff.
func (n *Notifier) ListRequests(ctx context.Context, query RequestQuery) ([]RequestView, error) {
	all, err := n.Store.Requests(ctx, query)
	if err != nil {
		return nil, err
	}
	out := make([]RequestView, len(all))
	for i, q := range all {
		if out[i], err = n.view(ctx, q); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ShowRequest is for staff.
func (n *Notifier) ShowRequest(ctx context.Context, id int64) (RequestView, error) {
	q, err := n.Store.Request(ctx, id)
	if err != nil {
		return RequestView{}, err
	}
	return n.view(ctx, q)
}

// view opens a request. Of somebody who is erased there are no words any more.
func (n *Notifier) view(ctx context.Context, q Request) (RequestView, error) {
	v := RequestView{Request: q, Unsure: !q.Due.IsZero() && !n.Workdays.Knows(q.Due)}
	v.Sealed = nil
	r, err := n.Store.Recipient(ctx, q.Recipient)
	if errors.Is(err, documents.ErrNotFound) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.ExternalID, v.MaskedAddress = r.ExternalID, hidden(r.Address)
	s, err := sidesOf(r, q)
	v.Words, v.Answer = s.Words, s.Answer
	return v, err
}

func sidesOf(r Recipient, q Request) (s sides, err error) {
	err = unseal(r, q.Sealed, &s, sealRequest, q.Code)
	if errors.Is(err, documents.ErrNotFound) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("the words of request %d: %w", q.ID, err)
	}
	return s, err
}

// Answer settles a request that is open: as asked, or refused with one of Grounds.
// The words go to the person.
func (n *Notifier) Answer(ctx context.Context, id int64, state RequestState, ground, words string, by documents.Actor) (Request, error) {
	q, err := n.Store.Request(ctx, id)
	if err != nil {
		return q, err
	}
	if words, err = answerable(state, ground, words); err != nil {
		return q, err
	}
	return n.act(ctx, q.Recipient, func(r *Recipient) (Act, error) {
		q, err := n.Store.Request(ctx, id)
		if err != nil {
			return Act{}, err
		}
		if q.State != RequestOpen {
			return Act{}, documents.Invalid("state", "request-settled", "the request was answered already: read what was said")
		}
		s, err := sidesOf(*r, q)
		if err != nil {
			return Act{}, err
		}
		s.Answer = words
		if q.Sealed, err = seal(*r, s, sealRequest, q.Code); err != nil {
			return Act{}, err
		}
		q.State, q.Settled, q.By, q.Ground = state, now(), by.Name, ground
		q.Revision++
		a := Act{Request: &q}
		if !n.notTheirs(*r) {
			a.Letters = []Letter{n.answered(*r, q, words)}
		}
		return a, nil
	})
}

func answerable(state RequestState, ground, words string) (string, error) {
	switch {
	case state != RequestDone && state != RequestRefused:
		return "", documents.Invalid("state", "answer-state", "say whether it was done as asked or refused")
	case state == RequestRefused && !slices.Contains(Grounds(), ground):
		return "", documents.Invalid("ground", "answer-ground", "a refusal needs one of the grounds: choose it")
	case state == RequestDone && ground != "":
		return "", documents.Invalid("ground", "answer-no-ground", "what was done as asked has no ground of a refusal: leave it out")
	}
	words, err := said("words", words)
	if err == nil && words == "" {
		err = documents.Invalid("words", "answer-empty", "write to the person what was done, or why not")
	}
	return words, err
}
