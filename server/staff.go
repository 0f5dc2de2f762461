package server

import (
	"context"
	"crypto/rand"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"

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

// invite makes a member of staff, or readmits a disabled one with these roles.
func (s *Server) invite(ctx context.Context, in Invitation, by documents.Actor) (Staff, error) {
	s.second.Lock()
	defer s.second.Unlock()
	list, err := s.Store.StaffList(ctx)
	if err != nil {
		return Staff{}, err
	}
	one := Staff{ID: "s-" + strings.ToLower(rand.Text()[:10]), Address: strings.TrimSpace(in.Address), Name: strings.TrimSpace(in.Name),
		Language: in.Language, Roles: in.Roles, Created: s.now(), Revision: 1}
	one.Roles = slices.DeleteFunc(slices.Clone(one.Roles), func(r string) bool { return r == "" })
	if len(one.Roles) == 0 {
		one.Roles = []string{"author"}
		if !slices.ContainsFunc(list, func(o Staff) bool { return !o.Disabled }) {
			one.Roles = []string{"author", "approver", "publisher", "administrator"}
		}
	}
	if err := checkStaff(&one); err != nil {
		return Staff{}, err
	}
	for _, had := range list {
		if !strings.EqualFold(had.Address, one.Address) {
			continue
		}
		if !had.Disabled {
			return had, documents.Invalid("address", "staff-exists", "This address is a member of staff already. Make a link for them instead.")
		}
		one.ID, one.Created, one.Revision = had.ID, had.Created, had.Revision+1
	}
	if err := s.Store.PutStaff(ctx, one); err != nil {
		return Staff{}, err
	}
	return one, s.audit(ctx, by, "staff.invited", one.ID, "roles", strings.Join(one.Roles, " "))
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
	one, err := s.Store.Staff(ctx, name)
	if !errors.Is(err, documents.ErrNotFound) {
		return one, err
	}
	list, err := s.Store.StaffList(ctx)
	if err != nil {
		return Staff{}, err
	}
	for _, one := range list {
		if strings.EqualFold(one.Address, name) {
			return one, nil
		}
	}
	return Staff{}, documents.ErrNotFound
}

// disable shuts somebody out at once: sessions and tokens are read together with
// their owner. The tokens are revoked too: readmitting a person must not bring
// back what others may have of theirs.
func (s *Server) disable(ctx context.Context, name string, by documents.Actor) (Staff, error) {
	s.second.Lock()
	defer s.second.Unlock()
	one, err := s.findStaff(ctx, name)
	if err != nil || one.Disabled {
		return one, err
	}
	list, err := s.Store.StaffList(ctx)
	if err != nil {
		return one, err
	}
	if slices.Contains(one.Roles, "administrator") && !slices.ContainsFunc(list, func(o Staff) bool {
		return o.ID != one.ID && !o.Disabled && slices.Contains(o.Roles, "administrator")
	}) {
		return one, documents.Invalid("id", "last-administrator", "This is the last administrator. Invite another one first.")
	}
	one.Disabled = true
	one.Revision++
	if err := s.Store.PutStaff(ctx, one); err != nil {
		return one, err
	}
	if err := s.revokeAll(ctx, one.ID); err != nil {
		return one, err
	}
	return one, s.audit(ctx, by, "staff.disabled", one.ID)
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
	if !s.limits.allow("mail "+clientOf(ctx), 30*time.Second, 5) || !s.limits.allow("to "+hashSecret(strings.ToLower(address)), time.Minute, 3) {
		return errTooMany
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
