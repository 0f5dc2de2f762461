package notifier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier/mail"
)

const (
	freshLife = time.Hour // of a link that acts
	maxFresh  = 3         // letters that may be asked for within that time
)

// wish is what a link that acts sets, and for whose mailbox it was made: where the
// address on file is another one by now it does nothing.
type wish struct {
	Value    string `json:"value,omitempty"`
	Language string `json:"language"`
	Address  string `json:"address"` // keyed hash of the address on file
}

// Ask posts a letter with a fresh link to the address on file. It says the same
// whether or not one goes out. value is the new address of RequestAddress and the
// name of RequestName. once names the press.
func (n *Notifier) Ask(ctx context.Context, token string, kind RequestKind, value, tag, once string) error {
	t, r, err := n.holder(ctx, token)
	if err != nil {
		return err
	}
	if value, err = wished(kind, value); err != nil {
		return err
	}
	set, err := n.Settings(ctx)
	if err != nil {
		return err
	}
	tag = lang.Near(tag)
	link := n.freshFor(token, kind, value, once)
	_, err = n.act(ctx, r.Number, func(r *Recipient) (Act, error) {
		if err := n.unasked(ctx, link); err != nil {
			return Act{}, err
		}
		if err := r.asks(); err != nil {
			return Act{}, err
		}
		if n.notTheirs(*r) {
			return Act{}, nil
		}
		fresh, err := n.link(*r, t.Notice, LinkAct, kind, wish{value, tag, n.addressMAC(r.Address)}, link)
		if err != nil {
			return Act{}, err
		}
		return Act{Tokens: []Token{fresh}, Letters: []Letter{letterTo(*r, LetterAct, r.Address, tag, "about", string(kind), "value", shown(kind, value), "url", root(set)+FreshPath+link)}}, nil
	})
	return err
}

// asks counts what somebody may do from the link in a notice that makes us write
// to the person: it may be a stranger.
func (r *Recipient) asks() error {
	at := now()
	r.Asked = slices.DeleteFunc(slices.Clone(r.Asked), func(asked time.Time) bool { return !asked.After(at.Add(-freshLife)) })
	if len(r.Asked) >= maxFresh {
		return documents.Invalid("", "ask-often", "%d letters were sent within the last hour: use the newest one, or try again later", maxFresh)
	}
	r.Asked = append(r.Asked, at)
	return nil
}

// wished is value as it can be set, for kinds that need a fresh link.
func wished(kind RequestKind, value string) (string, error) {
	value = strings.TrimSpace(value)
	switch kind {
	case RequestExport, RequestErase:
		return "", nil
	case RequestName:
		if value == "" || !plain(value, maxName) {
			return "", documents.Invalid("value", "name-malformed", "write a name of 1 to %d characters, without control characters", maxName)
		}
		return value, nil
	case RequestAddress:
		a, err := mail.ParseAddress(value)
		if err != nil {
			return "", documents.Invalid("value", "address-malformed", "the address cannot receive mail: write it as name@example.kz")
		}
		return a.String(), nil
	}
	return "", documents.Invalid("kind", "ask-kind", "choose export, name, address or erase")
}

// link makes one that acts once. Only its hash is kept.
func (n *Notifier) link(r Recipient, notice documents.Seq, purpose Purpose, kind RequestKind, w wish, secret string) (t Token, err error) {
	t = Token{Hash: hashToken(secret), Notice: notice, Recipient: r.Number, Until: now().Add(freshLife), Purpose: purpose, Kind: kind}
	if t.Sealed, err = seal(r, w, sealLink, t.Hash); err != nil {
		return t, fmt.Errorf("link: %w", err)
	}
	return t, nil
}

// notTheirs tells whether the holder of the mailbox does not know the account.
func (n *Notifier) notTheirs(r Recipient) bool {
	return r.NotMine != "" && r.NotMine == n.addressMAC(r.Address)
}

// shown is a value as a stranger may see it.
func shown(kind RequestKind, value string) string {
	if kind == RequestAddress {
		return hidden(value)
	}
	return value
}

// letterTo is a letter to a registered user. args are name, value, name, value:
// see the head of doorletters.go.
func letterTo(r Recipient, kind LetterKind, to, tag string, args ...string) Letter {
	l := Letter{Kind: kind, To: to, Language: tag, Recipient: r.Number, State: Waiting, Next: now(), Revision: 1, Args: map[string]string{"account": account(r)}}
	for i := 0; i+1 < len(args); i += 2 {
		l.Args[args[i]] = args[i+1]
	}
	return l
}
