package server

import (
	"context"
	"crypto/rand"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

// Roles are those that a member of staff, or a token, may have.
func Roles() []string {
	return []string{"author", "approver", "publisher", "administrator", "auditor"}
}

// Invitation asks somebody to the desk.
type Invitation struct {
	Address, Name, Language string
	Roles                   []string // none: what the first member of staff needs, or author
}

// rosterTries bounds how often a change of who works here is decided anew because
// somebody else was faster. One of them always was.
const rosterTries = 20

// changeRoster stores what decide returns, if it still stands on what decide saw:
// two nodes can neither make two first members of staff nor shut out the last
// administrator. decide reads tokens, if it must, after the office, and may run
// several times.
func (s *Server) changeRoster(ctx context.Context, decide func(Office) ([]Staff, []Token, error)) error {
	for range rosterTries {
		office, err := s.Store.Office(ctx)
		if err != nil {
			return err
		}
		staff, tokens, err := decide(office)
		if err != nil || len(staff)+len(tokens) == 0 {
			return err
		}
		if err := s.Store.ChangeRoster(ctx, office.Roster, staff, tokens); !errors.Is(err, documents.ErrConflict) {
			return err
		}
	}
	return documents.ErrConflict
}

// invite makes a member of staff, or readmits a disabled one with these roles.
func (s *Server) invite(ctx context.Context, in Invitation, by documents.Actor) (one Staff, err error) {
	err = s.changeRoster(ctx, func(o Office) ([]Staff, []Token, error) {
		one, err = s.invited(o, in)
		return []Staff{one}, nil, err
	})
	if err != nil {
		return one, err
	}
	return one, s.audit(ctx, by, "staff.invited", one.ID, "roles", strings.Join(one.Roles, " "))
}

// invited is who an invitation makes, beside those who are there.
func (s *Server) invited(o Office, in Invitation) (Staff, error) {
	one := Staff{ID: "s-" + strings.ToLower(rand.Text()[:10]), Address: strings.TrimSpace(in.Address), Name: strings.TrimSpace(in.Name),
		Language: in.Language, Roles: in.Roles, Created: s.now(), Revision: 1}
	one.Roles = slices.DeleteFunc(slices.Clone(one.Roles), func(r string) bool { return r == "" })
	if len(one.Roles) == 0 {
		one.Roles = []string{"author"}
		if o.active() == 0 {
			one.Roles = []string{"author", "approver", "publisher", "administrator"}
		}
	}
	if err := checkStaff(&one); err != nil {
		return Staff{}, err
	}
	for _, had := range o.Staff {
		if !strings.EqualFold(had.Address, one.Address) {
			continue
		}
		if !had.Disabled {
			return had, documents.Invalid("address", "staff-exists", "This address is a member of staff already. Make a link for them instead.")
		}
		one.ID, one.Created, one.Revision = had.ID, had.Created, had.Revision+1
	}
	return one, nil
}

// active counts those who may act.
func (o Office) active() (n int) {
	for _, one := range o.Staff {
		if !one.Disabled {
			n++
		}
	}
	return n
}

func checkStaff(one *Staff) error {
	a, err := mail.ParseAddress(one.Address)
	if err != nil || a.Address != one.Address || len(one.Address) > 254 {
		return documents.Invalid("address", "address-malformed", "Give the address as name@example.kz.")
	}
	if err := line("name", one.Name, 200); err != nil {
		return err
	}
	if one.Language == "" {
		one.Language = lang.Interface[0]
	}
	if !lang.Valid(one.Language) {
		return documents.Invalid("language", "language-malformed", "%q is no language tag: give one such as kk, ru or en.", one.Language)
	}
	slices.Sort(one.Roles)
	one.Roles = slices.Compact(one.Roles)
	for _, role := range one.Roles {
		if !slices.Contains(Roles(), role) {
			return documents.Invalid("roles", "role-unknown", "There is no role %q; there are %s.", role, strings.Join(Roles(), ", "))
		}
	}
	return nil
}

// findStaff looks somebody up by id or by address.
func (s *Server) findStaff(ctx context.Context, name string) (Staff, error) {
	list, err := s.Store.StaffList(ctx)
	if err != nil {
		return Staff{}, err
	}
	return Office{Staff: list}.find(name)
}

func (o Office) find(name string) (Staff, error) {
	i := slices.IndexFunc(o.Staff, func(one Staff) bool { return one.ID == name })
	if i < 0 {
		i = slices.IndexFunc(o.Staff, func(one Staff) bool { return strings.EqualFold(one.Address, name) })
	}
	if i < 0 {
		return Staff{}, documents.ErrNotFound
	}
	return o.Staff[i], nil
}

// disable shuts somebody out at once: sessions and tokens are read together with
// their owner. The tokens are revoked too: readmitting a person must not bring
// back what others may have of theirs.
func (s *Server) disable(ctx context.Context, name string, by documents.Actor) (one Staff, err error) {
	done := false
	err = s.changeRoster(ctx, func(o Office) ([]Staff, []Token, error) {
		one, err = o.find(name)
		if done = err == nil && one.Disabled; err != nil || done {
			return nil, nil, err
		}
		if o.lastAdministrator(one) {
			return nil, nil, documents.Invalid("id", "last-administrator", "This is the last administrator. Invite another one first.")
		}
		one.Disabled = true
		one.Revision++
		tokens, err := s.revoked(ctx, one.ID)
		return []Staff{one}, tokens, err
	})
	if err != nil || done {
		return one, err
	}
	return one, s.audit(ctx, by, "staff.disabled", one.ID)
}

func (o Office) lastAdministrator(one Staff) bool {
	return slices.Contains(one.Roles, "administrator") && !slices.ContainsFunc(o.Staff, func(other Staff) bool {
		return other.ID != one.ID && !other.Disabled && slices.Contains(other.Roles, "administrator")
	})
}

// staffLink makes a sign-in link for somebody, to be handed over in person.
func (s *Server) staffLink(ctx context.Context, name string, by documents.Actor) (link string, until time.Time, err error) {
	one, err := s.findStaff(ctx, name)
	if err != nil {
		return "", until, err
	}
	if one.Disabled {
		return "", until, documents.Invalid("id", "staff-disabled", "This member of staff is disabled. Invite them again.")
	}
	if link, until, err = s.newLink(ctx, one.ID, "sign-in", ""); err != nil {
		return "", until, err
	}
	return link, until, s.audit(ctx, by, "staff.link", one.ID)
}

// mailLink sends a sign-in link to whoever works here under that address. What
// the caller shows must not depend on the outcome: it would tell who does.
func (s *Server) mailLink(ctx context.Context, address, next string) error {
	if err := s.allow(ctx, "mail "+clientOf(ctx), 30*time.Second, 5); err != nil {
		return err
	}
	if err := s.allow(ctx, "to "+folded(address), time.Minute, 3); err != nil {
		return err
	}
	one, err := s.findStaff(ctx, address)
	if errors.Is(err, documents.ErrNotFound) || err == nil && one.Disabled {
		return nil
	}
	if err != nil {
		return err
	}
	return s.postLink(ctx, one, next)
}

func (s *Server) postLink(ctx context.Context, one Staff, next string) error {
	link, _, err := s.newLink(ctx, one.ID, "sign-in", next)
	if err != nil {
		return err
	}
	return s.Notifier.Post(ctx, notifier.Letter{Kind: notifier.LetterSignIn, To: one.Address, Language: one.Language, Args: map[string]string{"url": link, "name": one.Name}})
}

// folded is the same for all spellings that strings.EqualFold takes for one.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, s)
}
