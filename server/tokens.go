package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
)

// tokenActor finds who a bearer token acts for. All that is wrong with one looks
// the same from outside.
func (s *Server) tokenActor(ctx context.Context, header string) (caller, error) {
	scheme, secret, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return caller{}, errUnauthorized
	}
	t, err := s.Store.Token(ctx, hashSecret(strings.TrimSpace(secret)))
	if errors.Is(err, documents.ErrNotFound) || err == nil && t.Revoked {
		return caller{}, errUnauthorized
	}
	if err != nil {
		return caller{}, err
	}
	me := caller{Actor: documents.Actor{Name: t.Staff, Roles: []string{t.Role}}, Token: t.Name}
	if t.Staff == "local" {
		return me, nil
	}
	maker, err := s.Store.Staff(ctx, t.Staff)
	if err != nil && !errors.Is(err, documents.ErrNotFound) {
		return caller{}, err
	}
	// A token can never do more than its maker still may.
	if err != nil || maker.Disabled || !may(maker.actor(), t.Role) {
		return caller{}, errUnauthorized
	}
	return me, nil
}

// newToken makes a token for by, and returns the secret, which nobody can see
// again.
func (s *Server) newToken(ctx context.Context, role, name string, by documents.Actor) (string, Token, error) {
	s.second.Lock()
	defer s.second.Unlock()
	name = strings.TrimSpace(name)
	if !slices.Contains(Roles(), role) {
		return "", Token{}, documents.Invalid("role", "role-unknown", "There is no role %q; there are %s.", role, strings.Join(Roles(), ", "))
	}
	if !may(by, role) {
		return "", Token{}, documents.Invalid("role", "role-not-yours", "A token can have only a role of its maker.")
	}
	if name == "" || strings.ContainsAny(name, "/") {
		return "", Token{}, documents.Invalid("name", "name-missing", "Give the token a name without slashes that says who uses it.")
	}
	if err := line("name", name, 100); err != nil {
		return "", Token{}, err
	}
	if _, err := s.findToken(ctx, name); err == nil {
		return "", Token{}, documents.Invalid("name", "token-exists", "There is a token named %q. Choose another name, or revoke it first.", name)
	} else if !errors.Is(err, documents.ErrNotFound) {
		return "", Token{}, err
	}
	secret, hash := newSecret()
	t := Token{Hash: hash, Name: name, Staff: by.Name, Role: role, Created: s.now()}
	if err := s.Store.PutToken(ctx, t); err != nil {
		return "", t, err
	}
	return secret, t, s.audit(ctx, by, "token.made", name, "role", role)
}

// findToken looks up a token that is not revoked by its name.
func (s *Server) findToken(ctx context.Context, name string) (Token, error) {
	list, err := s.liveTokens(ctx)
	if err != nil {
		return Token{}, err
	}
	i := slices.IndexFunc(list, func(t Token) bool { return t.Name == name })
	if i < 0 {
		return Token{}, documents.ErrNotFound
	}
	return list[i], nil
}

func (s *Server) liveTokens(ctx context.Context) ([]Token, error) {
	list, err := s.Store.Tokens(ctx)
	list = slices.DeleteFunc(list, func(t Token) bool { return t.Revoked })
	slices.SortFunc(list, func(a, b Token) int { return strings.Compare(a.Name, b.Name) })
	return list, err
}

func (s *Server) revoke(ctx context.Context, name string, by documents.Actor) error {
	t, err := s.findToken(ctx, name)
	if err != nil {
		return err
	}
	t.Revoked = true
	if err := s.Store.PutToken(ctx, t); err != nil {
		return err
	}
	return s.audit(ctx, by, "token.revoked", name)
}

// revokeAll revokes every token of a member of staff.
func (s *Server) revokeAll(ctx context.Context, staff string) error {
	list, err := s.liveTokens(ctx)
	for _, t := range list {
		if t.Staff != staff {
			continue
		}
		t.Revoked = true
		err = errors.Join(err, s.Store.PutToken(ctx, t))
	}
	return err
}

// TokenView is a token without its secret.
type TokenView struct {
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	Staff   string    `json:"staff" doc:"Its maker, whom it acts for"`
	Created time.Time `json:"created"`
}

func tokenView(t Token) TokenView {
	return TokenView{Name: t.Name, Role: t.Role, Staff: t.Staff, Created: t.Created}
}
