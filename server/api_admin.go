package server

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vestnik/documents"
)

var administrators = access{"administrator"}

type settingsBody struct {
	Body map[string]string
}

func (a *api) settingOperations() {
	add(a, access{"administrator", "auditor"}, huma.Operation{OperationID: "get-settings", Method: http.MethodGet, Path: "/settings", Summary: "All settings, as text by name"},
		func(ctx context.Context, _ *none) (*settingsBody, error) {
			s, err := a.s.book.Read(ctx)
			if err != nil {
				return nil, err
			}
			return &settingsBody{s.Values()}, nil
		})
	add(a, administrators, huma.Operation{OperationID: "put-settings", Method: http.MethodPut, Path: "/settings", Summary: "Change the settings that are named",
		Description: "The others stay. An empty value is the default. url, smtp and from are recorded by serve."},
		func(ctx context.Context, in *settingsBody) (*settingsBody, error) {
			if err := refuseRecorded(in.Body); err != nil {
				return nil, err
			}
			s, err := a.s.book.Change(ctx, in.Body, actorOf(ctx))
			if err != nil {
				return nil, err
			}
			return &settingsBody{s.Values()}, nil
		})
}

// StaffView is a member of staff.
type StaffView struct {
	ID       string    `json:"id"`
	Address  string    `json:"address"`
	Name     string    `json:"name,omitempty"`
	Language string    `json:"language"`
	Roles    []string  `json:"roles"`
	Disabled bool      `json:"disabled,omitempty"`
	Created  time.Time `json:"created"`
}

func staffView(one Staff) StaffView {
	return StaffView{ID: one.ID, Address: one.Address, Name: one.Name, Language: one.Language, Roles: one.Roles, Disabled: one.Disabled, Created: one.Created}
}

// StaffList is everybody who works at the desk.
type StaffList struct {
	Staff []StaffView `json:"staff"`
}

// LinkView is a one-time link, to be handed over to the person it is for.
type LinkView struct {
	URL     string    `json:"url"`
	Expires time.Time `json:"expires"`
}

// InvitedView is a new member of staff with the link for their first visit.
type InvitedView struct {
	StaffView
	LinkView
}

// StaffPath names a member of staff.
type StaffPath struct {
	ID string `path:"id" doc:"The id or the address"`
}

type inviteStaff struct {
	Body struct {
		Address  string   `json:"address"`
		Name     string   `json:"name,omitempty"`
		Language string   `json:"language,omitempty"`
		Roles    []string `json:"roles,omitempty" doc:"author, approver, publisher, administrator, auditor. Absent: all but auditor for the first member of staff, author for the others"`
	}
}

func (a *api) staffOperations() {
	add(a, access{"administrator", "auditor"}, huma.Operation{OperationID: "list-staff", Method: http.MethodGet, Path: "/staff", Summary: "Everybody who works at the desk"},
		func(ctx context.Context, _ *none) (*output[StaffList], error) {
			list, err := a.s.Store.StaffList(ctx)
			out := StaffList{Staff: []StaffView{}}
			for _, one := range list {
				out.Staff = append(out.Staff, staffView(one))
			}
			return body(out, err)
		})
	add(a, administrators, huma.Operation{OperationID: "invite-staff", Method: http.MethodPost, Path: "/staff", DefaultStatus: http.StatusCreated, Summary: "Invite somebody to the desk",
		Description: "The answer has a one-time link for them. Nothing is mailed."}, a.invite)
	add(a, administrators, huma.Operation{OperationID: "link-staff", Method: http.MethodPost, Path: "/staff/{id}/link", Summary: "Make a one-time sign-in link for somebody"},
		func(ctx context.Context, in *StaffPath) (*output[LinkView], error) {
			link, until, err := a.s.staffLink(ctx, in.ID, actorOf(ctx))
			return body(LinkView{link, until}, err)
		})
	add(a, administrators, huma.Operation{OperationID: "disable-staff", Method: http.MethodPost, Path: "/staff/{id}/disable", Summary: "Shut somebody out, with their tokens"},
		func(ctx context.Context, in *StaffPath) (*output[StaffView], error) {
			one, err := a.s.disable(ctx, in.ID, actorOf(ctx))
			return body(staffView(one), err)
		})
}

func (a *api) invite(ctx context.Context, in *inviteStaff) (*output[InvitedView], error) {
	by := actorOf(ctx)
	one, err := a.s.invite(ctx, Invitation{Address: in.Body.Address, Name: in.Body.Name, Language: in.Body.Language, Roles: in.Body.Roles}, by)
	if err != nil {
		return nil, err
	}
	link, until, err := a.s.staffLink(ctx, one.ID, by)
	return body(InvitedView{staffView(one), LinkView{link, until}}, err)
}

// TokenMade is a new token with its secret, which is shown this once.
type TokenMade struct {
	TokenView
	Token string `json:"token"`
}

// TokenList is all tokens that are not revoked.
type TokenList struct {
	Tokens []TokenView `json:"tokens"`
}

func (a *api) tokenOperations() {
	type makeToken struct {
		Body struct {
			Role string `json:"role" doc:"author, approver, publisher, administrator or auditor"`
			Name string `json:"name" doc:"Says who uses it"`
		}
	}
	add(a, administrators, huma.Operation{OperationID: "make-token", Method: http.MethodPost, Path: "/tokens", DefaultStatus: http.StatusCreated, Summary: "Make a token; it is shown this once"},
		func(ctx context.Context, in *makeToken) (*output[TokenMade], error) {
			secret, t, err := a.s.newToken(ctx, in.Body.Role, in.Body.Name, actorOf(ctx))
			return body(TokenMade{tokenView(t), secret}, err)
		})
	add(a, access{"administrator", "auditor"}, huma.Operation{OperationID: "list-tokens", Method: http.MethodGet, Path: "/tokens", Summary: "All tokens, without their secrets"},
		func(ctx context.Context, _ *none) (*output[TokenList], error) {
			list, err := a.s.liveTokens(ctx)
			out := TokenList{Tokens: []TokenView{}}
			for _, t := range list {
				out.Tokens = append(out.Tokens, tokenView(t))
			}
			return body(out, err)
		})
	type named struct {
		Name string `path:"name"`
	}
	add(a, administrators, huma.Operation{OperationID: "revoke-token", Method: http.MethodDelete, Path: "/tokens/{name}", Summary: "Revoke a token"},
		func(ctx context.Context, in *named) (*struct{}, error) {
			return nil, a.s.revoke(ctx, in.Name, actorOf(ctx))
		})
}

// AuditView is one line of the audit trail.
type AuditView struct {
	ID   int64             `json:"id"`
	At   time.Time         `json:"at"`
	By   string            `json:"by"`
	What string            `json:"what"`
	On   string            `json:"on,omitempty"`
	More map[string]string `json:"more,omitempty"`
}

// AuditList is a page of the audit trail, newest first.
type AuditList struct {
	Entries []AuditView `json:"entries"`
}

// CheckReport says what is wrong with the installation, in sentences.
type CheckReport struct {
	OK     bool     `json:"ok"`
	Faults []string `json:"faults"`
}

func (a *api) installationOperations() {
	add(a, administrators, huma.Operation{OperationID: "open", Method: http.MethodPost, Path: "/open", DefaultStatus: http.StatusNoContent, Summary: "End the rehearsal and open to the public"}, a.open)
	add(a, administrators, huma.Operation{OperationID: "backup", Method: http.MethodGet, Path: "/backup", Summary: "A backup, as a stream", Description: "Dumps and private keys, as tar: keep it safe.",
		Responses: binary("application/x-tar", "The backup")}, a.backup)
	add(a, administrators, huma.Operation{OperationID: "check", Method: http.MethodPost, Path: "/check", Summary: "Read everything again and compare it with its digests"}, a.check)
	add(a, anyRole, huma.Operation{OperationID: "get-status", Method: http.MethodGet, Path: "/status", Summary: "How the service is"},
		func(ctx context.Context, _ *none) (*output[Health], error) { return body(a.s.health(ctx), nil) })
	type page struct {
		Before int64 `query:"before" minimum:"0" doc:"The lowest id that you have"`
		Limit  int   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	}
	add(a, access{"administrator", "auditor"}, huma.Operation{OperationID: "list-audit", Method: http.MethodGet, Path: "/audit", Summary: "Who did what, newest first"},
		func(ctx context.Context, in *page) (*output[AuditList], error) {
			list, err := a.s.Store.Audits(ctx, in.Before, in.Limit)
			out := AuditList{Entries: []AuditView{}}
			for _, e := range list {
				out.Entries = append(out.Entries, AuditView(e))
			}
			return body(out, err)
		})
}

func notHere(what string) error {
	return documents.Invalid("", "not-here", "This process cannot %s. Use the vestnik command on the machine itself.", what)
}

func (a *api) open(ctx context.Context, _ *none) (*struct{}, error) {
	if a.s.Install.Open == nil {
		return nil, notHere("open the installation")
	}
	if !a.s.rehearsal() {
		return nil, documents.Invalid("", "open-already", "This installation is open to the public already.")
	}
	by := actorOf(ctx)
	if err := a.s.Install.Open(ctx, by); err != nil {
		return nil, err
	}
	return nil, a.s.audit(ctx, by, "installation.opened", "")
}

func (a *api) backup(ctx context.Context, _ *none) (*huma.StreamResponse, error) {
	if a.s.Install.Backup == nil {
		return nil, notHere("make a backup")
	}
	if err := a.s.audit(ctx, actorOf(ctx), "backup.made", ""); err != nil {
		return nil, err
	}
	return a.s.streamed("application/x-tar", func(ctx context.Context, w io.Writer) error { return a.s.Install.Backup(ctx, w) }), nil
}

func (a *api) check(ctx context.Context, _ *none) (*output[CheckReport], error) {
	if a.s.Install.Check == nil {
		return nil, notHere("check the installation")
	}
	faults, err := a.s.Install.Check(ctx, func(int, int) {})
	if err != nil {
		return nil, err
	}
	out := CheckReport{OK: len(faults) == 0, Faults: append([]string{}, faults...)}
	return body(out, a.s.audit(ctx, actorOf(ctx), "installation.checked", ""))
}
