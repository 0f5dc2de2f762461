package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"time"

	"vestnik/documents"
)

var publishCommand = command{"publish", "", "publishes a version, in one act where one person may", func(f *flag.FlagSet) action {
	w := target(f)
	p := publishFlags{texts: pairs{}, notes: pairs{}}
	f.StringVar(&p.document, "document", "", "the `ID` of the document")
	f.Var(p.texts, "text", "`LANGUAGE=FILE`: the whole text, once for each language")
	f.Var(p.notes, "note", "`LANGUAGE=FILE`: the note, once for each language; demanded for class notice")
	f.StringVar(&p.class, "class", "", "the `class`: editorial (nobody need be told) or notice (everyone it concerns is told)")
	f.StringVar(&p.reason, "reason", "", "the public `reason`")
	f.StringVar(&p.effective, "effective", "", "the `moment` of taking effect: RFC 3339, a date such as 2026-01-31, or now; by default now for editorial, after the notice period for notice")
	f.BoolVar(&p.urgent, "urgent", false, "it may take effect earlier than the notice period; needs -reason")
	f.Int64Var(&p.recipients, "recipients", -1, "the `number` of people who will be told; demanded above 1,000")
	f.StringVar(&p.key, "key", "", "an idempotency `key`: the same call again publishes nothing twice")
	return func(ctx context.Context, s streams, args []string) error {
		if err := noArguments(args); err != nil {
			return err
		}
		body, err := p.body(s)
		if err != nil {
			return err
		}
		return w.with(ctx, s, false, func(c *client) error { return p.send(ctx, s, c, body) })
	}
}}

type publishFlags struct {
	document, class, reason, effective, key string
	texts, notes                            pairs
	urgent                                  bool
	recipients                              int64
}

// note is a note as the API has it.
type note struct {
	What  string `json:"what"`
	Whom  string `json:"whom"`
	Means string `json:"means"`
	Do    string `json:"do"`
}

type publication struct {
	Texts      map[string]string `json:"texts"`
	Notes      map[string]note   `json:"notes,omitempty"`
	Class      string            `json:"class"`
	Reason     string            `json:"reason,omitempty"`
	Effective  string            `json:"effective,omitempty"`
	Urgent     bool              `json:"urgent,omitempty"`
	Recipients *int64            `json:"recipients,omitempty"`
}

func (p publishFlags) body(s streams) (publication, error) {
	if p.document == "" || len(p.texts) == 0 || p.class == "" {
		return publication{}, usagef("give -document, -text for each language, and -class")
	}
	body := publication{Texts: map[string]string{}, Notes: map[string]note{}, Class: p.class, Reason: p.reason, Effective: p.effective, Urgent: p.urgent}
	if p.recipients >= 0 {
		body.Recipients = &p.recipients
	}
	for tag, path := range p.texts {
		text, err := readText(s, path)
		if err != nil {
			return body, err
		}
		body.Texts[tag] = text
	}
	for tag, path := range p.notes {
		n, err := readNote(s, path)
		if err != nil {
			return body, err
		}
		body.Notes[tag] = n
	}
	return body, nil
}

// readNote reads a note file: four slots parted by lines ---, missing ones empty.
func readNote(s streams, path string) (note, error) {
	b, err := readFile(s, path)
	if err != nil {
		return note{}, err
	}
	return parseNote(b, path)
}

func parseNote(b []byte, name string) (note, error) {
	text, err := utf8Text(b, name)
	if err != nil {
		return note{}, err
	}
	n, err := documents.ParseNote([]byte(text))
	if err != nil {
		return note{}, fmt.Errorf("%s: %w", name, err)
	}
	return note(n), nil
}

// published is what the API answers.
type published struct {
	Seq       int64  `json:"seq"`
	Document  string `json:"document"`
	Version   int    `json:"version"`
	Effective struct {
		Instant time.Time `json:"instant"`
		Date    string    `json:"date"`
		Zone    string    `json:"zone"`
	} `json:"effective"`
	Recipients *int64 `json:"recipients"`
}

func (p publishFlags) send(ctx context.Context, s streams, c *client, body publication) error {
	var done published
	err := c.callKeyed(ctx, "POST", "/documents/"+url.PathEscape(p.document)+"/versions", p.key, body, &done)
	var refused *refusal
	if errors.As(err, &refused) && refused.More["code"] == "recipients-count" {
		return fmt.Errorf("this goes to %v people; if that is right, say so with -recipients %[1]v", refused.More["due"])
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: version %d published as event %d, in force from %s\n", done.Document, done.Version, done.Seq, effectiveText(done))
	return nil
}

func effectiveText(p published) string {
	zone, err := time.LoadLocation(p.Effective.Zone)
	if err != nil {
		zone = time.UTC
	}
	return p.Effective.Instant.In(zone).Format("2006-01-02 15:04 -07:00")
}

var openCommand = command{"open", "", "ends the rehearsal: test notices and recipients go, the lasting log begins", func(f *flag.FlagSet) action {
	w := target(f)
	return func(ctx context.Context, s streams, args []string) error {
		if err := noArguments(args); err != nil {
			return err
		}
		return w.with(ctx, s, false, func(c *client) error {
			if err := c.call(ctx, "POST", "/open", struct{}{}, nil); err != nil {
				return err
			}
			fmt.Fprintln(s.out, "Vestnik is open to the public.")
			return nil
		})
	}
}}

var tokenCommand = command{"token", "", "makes a token for the API and prints it once", func(f *flag.FlagSet) action {
	w := target(f)
	role := f.String("role", "", "the `role`, which says what it may do: author, approver, publisher, administrator or auditor")
	name := f.String("name", "", "a `name` to know it by")
	return func(ctx context.Context, s streams, args []string) error {
		if err := noArguments(args); err != nil {
			return err
		}
		if *role == "" || *name == "" {
			return usagef("give -role and -name")
		}
		return w.with(ctx, s, false, func(c *client) error {
			var made struct {
				Token string `json:"token"`
			}
			if err := c.call(ctx, "POST", "/tokens", map[string]string{"role": *role, "name": *name}, &made); err != nil {
				return err
			}
			fmt.Fprintln(s.err, "Keep this token; it is not shown again. Commands read it from VESTNIK_TOKEN.")
			fmt.Fprintln(s.out, made.Token)
			return nil
		})
	}
}}
