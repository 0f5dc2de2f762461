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
	secret, hash := newSecret()
	t := Token{Hash: hash, Name: name, Staff: by.Name, Role: role, Created: s.now()}
	err := s.changeRoster(ctx, func(Office) ([]Staff, []Token, error) {
		if _, err := s.findToken(ctx, name); err == nil {
			return nil, nil, documents.Invalid("name", "token-exists", "There is a token named %q. Choose another name, or revoke it first.", name)
		} else if !errors.Is(err, documents.ErrNotFound) {
			return nil, nil, err
		}
		return nil, []Token{t}, nil
	})
	if err != nil {
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
	err := s.changeRoster(ctx, func(Office) ([]Staff, []Token, error) {
		t, err := s.findToken(ctx, name)
		t.Revoked = true
		return nil, []Token{t}, err
	})
	if err != nil {
		return err
	}
	return s.audit(ctx, by, "token.revoked", name)
}

// revoked are the tokens of a member of staff, each to be stored as revoked.
func (s *Server) revoked(ctx context.Context, staff string) ([]Token, error) {
	list, err := s.liveTokens(ctx)
	list = slices.DeleteFunc(list, func(t Token) bool { return t.Staff != staff })
	for i := range list {
		list[i].Revoked = true
	}
	return list, err
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
