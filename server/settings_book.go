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

// Read returns the settings as they stand on every node. OnePerson is off as soon
// as a second member of staff is active.
func (b *SettingsBook) Read(ctx context.Context) (Settings, error) {
	s, _, err := b.read(ctx)
	return s, err
}

func (b *SettingsBook) read(ctx context.Context) (Settings, Office, error) {
	o, err := b.Store.Office(ctx)
	if err != nil {
		return Settings{}, o, fmt.Errorf("settings: %w", err)
	}
	s, err := ParseSettings(o.Settings.Values, o.Settings.Revision)
	s.OnePerson = s.OnePerson && o.active() < 2
	return s, o, err
}

// changeTries bounds how often a change is made anew because others changed the
// settings meanwhile.
const changeTries = 20

// Change sets the named values and leaves the others. An empty value is the
// default. What stands already is neither written nor audited.
func (b *SettingsBook) Change(ctx context.Context, changes map[string]string, by documents.Actor) (Settings, error) {
	if err := refuseUnknown(changes); err != nil {
		return Settings{}, err
	}
	changes, err := keptSettings(changes)
	if err != nil {
		return Settings{}, err
	}
	for range changeTries {
		o, err := b.Store.Office(ctx)
		if err != nil {
			return Settings{}, err
		}
		values, changed := changedSettings(o.Settings.Values, changes)
		if _, err := ParseSettings(values, o.Settings.Revision+1); err != nil {
			return Settings{}, err
		}
		if len(changed) == 0 {
			return b.Read(ctx)
		}
		if changed["one-person"] == "on" && o.active() > 1 {
			return Settings{}, documents.Invalid("one-person", "one-person-several", "There are several members of staff, so another one must approve: one-person cannot be switched on.")
		}
		err = b.Store.PutSettings(ctx, values, o.Settings.Revision)
		if errors.Is(err, documents.ErrConflict) {
			continue
		}
		if err == nil {
			err = b.Store.Audit(ctx, AuditEntry{At: time.Now().UTC(), By: by.Name, What: "settings.changed", More: inBrief(changed)})
		}
		if err != nil {
			return Settings{}, err
		}
		return b.Read(ctx)
	}
	return Settings{}, documents.ErrConflict
}

// keptSettings are changes as they are stored. The mark as Values shows it is no
// change.
func keptSettings(changes map[string]string) (map[string]string, error) {
	out := maps.Clone(changes)
	for _, s := range settings() {
		v := strings.TrimSpace(changes[s.name])
		if s.keep == nil || v == "" {
			continue
		}
		if strings.HasPrefix(v, "png ") {
			delete(out, s.name)
			continue
		}
		var err error
		if out[s.name], err = s.keep(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// changedSettings are the values after changes, and those of the changes that are
// any.
func changedSettings(before, changes map[string]string) (values, changed map[string]string) {
	values, changed = map[string]string{}, map[string]string{}
	maps.Copy(values, before)
	for name, v := range changes {
		v = strings.TrimSpace(v)
		if v == values[name] {
			continue
		}
		values[name], changed[name] = v, v
	}
	return values, changed
}

// inBrief names a mark in the audit trail without its bytes.
func inBrief(changed map[string]string) map[string]string {
	if v, ok := changed["logo"]; ok && v != "" {
		changed["logo"] = v[:strings.LastIndexByte(v, ' ')]
	}
	return changed
}

// Record keeps what serve was started with, for the commands that come later.
// The password of an SMTP URL is left out. An empty one is recorded too: mail
// then goes to the built-in mailbox. A node that was started with the same as the
// others writes nothing.
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
	s, o, err := b.read(ctx)
	if err != nil {
		return notifier.Settings{}, err
	}
	var addresses []string
	for _, one := range o.Staff {
		if !one.Disabled && one.Address != "" {
			addresses = append(addresses, one.Address)
		}
	}
	return notifier.Settings{
		Organisation: s.Organisation, BIN: s.BIN, Postal: s.Postal, ReplyTo: s.ReplyTo, From: or(b.From, or(s.From, unsent)),
		URL: or(b.URL, s.URL), Zone: s.Zone, Languages: s.Languages, Unknown: s.Unknown, Hold: s.Hold, Allow: s.Allow, Rate: s.Rate,
		Rehearsal: b.rehearsal(), Demo: b.Demo, Relay: b.Relay, Mailbox: b.Mailbox, Staff: addresses,
	}, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
