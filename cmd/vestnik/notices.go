package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

var noticesCommand = command{"notices", "[list | show N | stop N | resume N | cancel N | release go-on|in-doubt|close]", "shows what is being told to whom, and stops it", func(f *flag.FlagSet) action {
	w := target(f)
	return func(ctx context.Context, s streams, args []string) error {
		act := "list"
		if len(args) > 0 {
			act, args = args[0], args[1:]
		}
		if act == "list" {
			if err := noArguments(args); err != nil {
				return err
			}
			return w.with(ctx, s, false, func(c *client) error { return listNotices(ctx, s, c) })
		}
		if act == "release" {
			if len(args) != 1 || !slices.Contains([]string{"go-on", "in-doubt", "close"}, args[0]) {
				return usagef("say how to go on: go-on, in-doubt (what is open may have been sent) or close (nobody else is told)")
			}
			return w.with(ctx, s, false, func(c *client) error {
				err := c.call(ctx, "POST", "/release", map[string]string{"choice": args[0]}, nil)
				if err == nil {
					fmt.Fprintln(s.out, "Nothing is held any more.")
				}
				return err
			})
		}
		if !slices.Contains([]string{"show", "stop", "resume", "cancel"}, act) || len(args) != 1 {
			return usagef("say list, show N, stop N, resume N, cancel N or release CHOICE")
		}
		seq, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || seq < 1 {
			return usagef("%q is no number of a notice", args[0])
		}
		return w.with(ctx, s, false, func(c *client) error { return oneNotice(ctx, s, c, act, seq) })
	}
}}

// noticeJSON is a notice as the API has it.
type noticeJSON struct {
	Seq       int64     `json:"seq"`
	Document  string    `json:"document"`
	Version   int       `json:"version"`
	State     string    `json:"state"`
	Why       string    `json:"why"`
	SendAfter time.Time `json:"send_after"`
	Figures   struct {
		Due      int64 `json:"due"`
		Open     int64 `json:"open"`
		Accepted int64 `json:"accepted"`
		Failed   int64 `json:"failed"`
		Excluded int64 `json:"excluded"`
		Covered  int64 `json:"covered"`
	} `json:"figures"`
	Languages map[string]int64 `json:"languages"`
}

func listNotices(ctx context.Context, s streams, c *client) error {
	var all struct {
		Notices []noticeJSON `json:"notices"`
		Held    string       `json:"held"`
	}
	if err := c.call(ctx, "GET", "/notices", nil, &all); err != nil {
		return err
	}
	if all.Held != "" {
		fmt.Fprintf(s.err, "Nothing is sent: %s\n`vestnik notices release go-on` sends what is open, `release in-doubt` waits first because it may have been sent, `release close` tells nobody else.\n", all.Held)
	}
	if len(all.Notices) == 0 {
		fmt.Fprintln(s.err, "No notice so far: one begins when a version of class notice is published.")
		return nil
	}
	rows := [][]string{{"NOTICE", "DOCUMENT", "VERSION", "STATE", "DUE", "OPEN", "ACCEPTED", "FAILED", "EXCLUDED", "COVERED"}}
	for _, n := range all.Notices {
		row := []string{strconv.FormatInt(n.Seq, 10), n.Document, strconv.Itoa(n.Version), n.State}
		for _, v := range []int64{n.Figures.Due, n.Figures.Open, n.Figures.Accepted, n.Figures.Failed, n.Figures.Excluded, n.Figures.Covered} {
			row = append(row, strconv.FormatInt(v, 10))
		}
		rows = append(rows, row)
	}
	table(s, rows)
	return nil
}

func oneNotice(ctx context.Context, s streams, c *client, act string, seq int64) error {
	method, path := "GET", fmt.Sprintf("/notices/%d", seq)
	var body any
	if act != "show" {
		method, path, body = "POST", path+"/"+act, struct{}{}
	}
	var n noticeJSON
	err := c.call(ctx, method, path, body, &n)
	if missing := (*refusal)(nil); errors.As(err, &missing) && missing.Status == http.StatusNotFound {
		return fmt.Errorf("there is no notice %d; `vestnik notices` lists them", seq)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "notice    %d\ndocument  %s\nversion   %d\nstate     %s%s\n", n.Seq, n.Document, n.Version, n.State, prefixed(": ", n.Why))
	if n.State == "holding" {
		fmt.Fprintf(s.out, "sends     after %s\n", n.SendAfter.Local().Format(time.RFC3339))
	}
	fmt.Fprintf(s.out, "due       %d\nopen      %d\naccepted  %d\nfailed    %d\nexcluded  %d\ncovered   %d\n",
		n.Figures.Due, n.Figures.Open, n.Figures.Accepted, n.Figures.Failed, n.Figures.Excluded, n.Figures.Covered)
	var languages []string
	for _, tag := range slices.Sorted(maps.Keys(n.Languages)) {
		languages = append(languages, fmt.Sprintf("%s %d", tag, n.Languages[tag]))
	}
	if len(languages) > 0 {
		fmt.Fprintf(s.out, "languages %s\n", strings.Join(languages, ", "))
	}
	return nil
}

var settingsCommand = command{"settings", "[NAME[=VALUE]...]", "shows settings, or sets them", func(f *flag.FlagSet) action {
	w := target(f)
	return func(ctx context.Context, s streams, args []string) error {
		changes, names := map[string]string{}, []string(nil)
		for _, a := range args {
			name, value, set := strings.Cut(a, "=")
			if set {
				changes[name] = value
			} else {
				names = append(names, name)
			}
		}
		if len(changes) > 0 && len(names) > 0 {
			return usagef("either show settings or set them")
		}
		return w.with(ctx, s, len(changes) > 0, func(c *client) error { return settings(ctx, s, c, changes, names) })
	}
}}

func settings(ctx context.Context, s streams, c *client, changes map[string]string, names []string) error {
	var now map[string]any
	method, body := "GET", any(nil)
	if len(changes) > 0 {
		method, body = "PUT", any(changes)
	}
	if err := c.call(ctx, method, "/settings", body, &now); err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := now[name]; !ok {
			return fmt.Errorf("there is no setting %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(now)), ", "))
		}
	}
	if len(names) == 1 {
		fmt.Fprintln(s.out, now[names[0]])
		return nil
	}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(now)) {
		_, changed := changes[name]
		if (len(names) == 0 && len(changes) == 0) || slices.Contains(names, name) || changed {
			rows = append(rows, []string{name, fmt.Sprint(now[name])})
		}
	}
	table(s, rows)
	return nil
}

// everyRole is what the first person needs, who does everything.
const everyRole = "administrator,author,approver,publisher"

var staffCommand = command{"staff", "[list | invite ADDRESS | link ADDRESS | disable ADDRESS]", "lets people in at the desk, and out", func(f *flag.FlagSet) action {
	w := target(f)
	roles := f.String("roles", "", "the `roles` of an invited person, with commas between; by default "+everyRole+" for the first one and author for the others")
	name := f.String("name", "", "the `name` of an invited person")
	tag := f.String("lang", "", "the `language` of an invited person's desk")
	return func(ctx context.Context, s streams, args []string) error {
		act := "list"
		if len(args) > 0 {
			act, args = args[0], args[1:]
		}
		if act == "list" {
			if err := noArguments(args); err != nil {
				return err
			}
			return w.with(ctx, s, false, func(c *client) error { return listStaff(ctx, s, c) })
		}
		if !slices.Contains([]string{"invite", "link", "disable"}, act) || len(args) != 1 {
			return usagef("say list, invite ADDRESS, link ADDRESS or disable ADDRESS")
		}
		invited := map[string]any{"address": args[0], "name": *name, "language": *tag, "roles": strings.Split(*roles, ",")}
		return w.with(ctx, s, act == "invite", func(c *client) error { return oneStaff(ctx, s, c, act, args[0], invited) })
	}
}}

type staffJSON struct {
	ID       string   `json:"id"`
	Address  string   `json:"address"`
	Name     string   `json:"name"`
	Roles    []string `json:"roles"`
	Disabled bool     `json:"disabled"`
}

func getStaff(ctx context.Context, c *client) ([]staffJSON, error) {
	var all struct {
		Staff []staffJSON `json:"staff"`
	}
	err := c.call(ctx, "GET", "/staff", nil, &all)
	return all.Staff, err
}

func listStaff(ctx context.Context, s streams, c *client) error {
	all, err := getStaff(ctx, c)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintln(s.err, "Nobody is staff yet: `vestnik staff invite ADDRESS` lets the first person in.")
		return nil
	}
	rows := [][]string{{"ADDRESS", "NAME", "ROLES", ""}}
	for _, one := range all {
		state := ""
		if one.Disabled {
			state = "disabled"
		}
		rows = append(rows, []string{one.Address, cmp.Or(one.Name, "-"), strings.Join(one.Roles, ","), state})
	}
	table(s, rows)
	return nil
}

func oneStaff(ctx context.Context, s streams, c *client, act, address string, invited map[string]any) error {
	if act == "invite" {
		var made struct {
			ID  string `json:"id"`
			URL string `json:"url"`
		}
		if err := c.call(ctx, "POST", "/staff", invited, &made); err != nil {
			return err
		}
		fmt.Fprintf(s.err, "%s may sign in. ", address)
		return sayLink(s, made.URL)
	}
	all, err := getStaff(ctx, c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(one staffJSON) bool { return strings.EqualFold(one.Address, address) || one.ID == address })
	if i < 0 {
		return fmt.Errorf("nobody on the staff has the address %s; `vestnik staff list` shows who has", address)
	}
	var made struct {
		URL string `json:"url"`
	}
	if err := c.call(ctx, "POST", "/staff/"+url.PathEscape(all[i].ID)+"/"+act, struct{}{}, &made); err != nil {
		return err
	}
	if act == "link" {
		return sayLink(s, made.URL)
	}
	fmt.Fprintf(s.out, "%s can no longer sign in.\n", address)
	return nil
}

// sayLink prints a one-time link.
func sayLink(s streams, link string) error {
	fmt.Fprintln(s.err, "This link works once, for an hour, while `vestnik serve` runs:")
	_, err := fmt.Fprintln(s.out, link)
	return err
}
