package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

// SettingsBook reads and changes the settings in a Store, and gives each room
// its share. The other fields are facts of this process, not of the
// organisation.
type SettingsBook struct {
	Store     Store
	Relay     string // with its password, which is never stored
	Mailbox   string // smtp:// URL of the built-in mailbox
	URL       string // of this process; "" takes the recorded one
	From      string // of this process; "" takes the recorded one
	Demo      bool
	Rehearsal func() bool // nil: no
}

func (b *SettingsBook) rehearsal() bool { return b.Rehearsal != nil && b.Rehearsal() }

// Read returns the settings as they stand. OnePerson is off as soon as a second
// member of staff is active.
func (b *SettingsBook) Read(ctx context.Context) (Settings, error) {
	values, revision, err := b.Store.Settings(ctx)
	if err != nil {
		return Settings{}, fmt.Errorf("settings: %w", err)
	}
	s, err := ParseSettings(values, revision)
	if err != nil {
		return s, err
	}
	n, err := b.active(ctx)
	if err != nil {
		return s, err
	}
	s.OnePerson = s.OnePerson && n < 2
	return s, nil
}

func (b *SettingsBook) active(ctx context.Context) (n int, err error) {
	list, err := b.Store.StaffList(ctx)
	for _, one := range list {
		if !one.Disabled {
			n++
		}
	}
	return n, err
}

// Change sets the named values and leaves the others. An empty value is the
// default.
func (b *SettingsBook) Change(ctx context.Context, changes map[string]string, by documents.Actor) (Settings, error) {
	changes = maps.Clone(changes)
	for name, v := range changes {
		changes[name] = strings.TrimSpace(v)
	}
	for {
		values, revision, err := b.Store.Settings(ctx)
		if err != nil {
			return Settings{}, err
		}
		if values == nil {
			values = map[string]string{}
		}
		before := maps.Clone(values)
		maps.Copy(values, changes)
		if _, err := ParseSettings(values, revision+1); err != nil {
			return Settings{}, err
		}
		if maps.Equal(before, values) {
			return b.Read(ctx)
		}
		if err := b.onlyOne(ctx, changes); err != nil {
			return Settings{}, err
		}
		err = b.Store.PutSettings(ctx, values, revision)
		if errors.Is(err, documents.ErrConflict) {
			continue
		}
		if err != nil {
			return Settings{}, err
		}
		if err := b.Store.Audit(ctx, AuditEntry{At: time.Now().UTC(), By: by.Name, What: "settings.changed", More: changes}); err != nil {
			return Settings{}, err
		}
		return b.Read(ctx)
	}
}

func (b *SettingsBook) onlyOne(ctx context.Context, changes map[string]string) error {
	if changes["one-person"] != "on" {
		return nil
	}
	if n, err := b.active(ctx); err != nil || n < 2 {
		return err
	}
	return documents.Invalid("one-person", "one-person-several", "There are several members of staff, so another one must approve: one-person cannot be switched on.")
}

// Record keeps what serve was started with, for the commands that come later.
// The password of an SMTP URL is left out. An empty one is recorded too: mail
// then goes to the built-in mailbox.
func (b *SettingsBook) Record(ctx context.Context, url, smtp, from string) error {
	_, err := b.Change(ctx, map[string]string{"url": url, "smtp": withoutPassword(smtp), "from": from}, documents.Actor{Name: "local"})
	return err
}

func withoutPassword(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return raw
	}
	u.User = url.User(u.User.Username())
	return u.String()
}

// Rules are what publishing depends on.
func (b *SettingsBook) Rules(ctx context.Context) (documents.Rules, error) {
	s, err := b.Read(ctx)
	if err != nil {
		return documents.Rules{}, err
	}
	return documents.Rules{
		Zone: s.Zone, NoticeDays: s.NoticeDays, Hold: s.Hold, OnePerson: s.OnePerson, Rehearsal: b.rehearsal(),
		CanTell: s.SMTP != "" || b.Relay != "" || b.Demo || b.rehearsal(),
	}, nil
}

// unsent is the sender where serve was given none: without a relay mail stays in
// the built-in mailbox, and must get there for people to sign in.
const unsent = "vestnik@mailbox.invalid"

// Notifier is what mail depends on.
func (b *SettingsBook) Notifier(ctx context.Context) (notifier.Settings, error) {
	s, err := b.Read(ctx)
	if err != nil {
		return notifier.Settings{}, err
	}
	list, err := b.Store.StaffList(ctx)
	if err != nil {
		return notifier.Settings{}, fmt.Errorf("staff: %w", err)
	}
	var addresses []string
	for _, one := range list {
		if !one.Disabled && one.Address != "" {
			addresses = append(addresses, one.Address)
		}
	}
	return notifier.Settings{
		Organisation: s.Organisation, BIN: s.BIN, Postal: s.Postal, ReplyTo: s.ReplyTo, From: or(b.From, or(s.From, unsent)),
		URL: or(b.URL, s.URL), Zone: s.Zone, Languages: s.Languages, Unknown: s.Unknown, Hold: s.Hold, Allow: s.Allow,
		Rehearsal: b.rehearsal(), Demo: b.Demo, Relay: b.Relay, Mailbox: b.Mailbox, Staff: addresses,
	}, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
