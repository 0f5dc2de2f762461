package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"time"

	"vestnik/documents/translog"
)

var verifyCommand = command{"verify", "URL|FILE", "checks a public log, or a saved proof, from outside; exit code 1 if it does not hold", func(f *flag.FlagSet) action {
	key := f.String("key", "", "the log's verifier `key`, known from elsewhere; without it the one found is printed and unchecked")
	return func(ctx context.Context, s streams, args []string) error {
		if len(args) != 1 {
			return usagef("name the address of a Vestnik, or a file saved from /log/proof/N")
		}
		var err error
		if strings.HasPrefix(args[0], "http://") || strings.HasPrefix(args[0], "https://") {
			err = verifyURL(ctx, s, args[0], *key)
		} else {
			err = verifyFile(s, args[0], *key)
		}
		if errors.Is(err, translog.ErrFault) {
			fmt.Fprintln(s.out, "DOES NOT HOLD:", err)
			return errNegative
		}
		return err
	}
}}

func verifyURL(ctx context.Context, s streams, base, key string) error {
	report := func(line string) { fmt.Fprintln(s.err, line) }
	a, err := translog.VerifyURL(ctx, &http.Client{Timeout: time.Minute}, base, key, report)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "The log holds: %d events, %d texts, root %s\n", a.Checkpoint.Size, a.Texts, a.Checkpoint.Root)
	if a.Missing > 0 {
		fmt.Fprintf(s.out, "%d texts are withheld; only their digests were checked.\n", a.Missing)
	}
	return sayKey(s, a.Key, a.Given)
}

func verifyFile(s streams, path, key string) error {
	b, err := readFile(s, path)
	if err != nil {
		return err
	}
	p, err := translog.VerifyProof(b, key)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "The proof holds: event %d stands in the log of %d events that was signed as\n\n%s\n", p.Seq, p.Checkpoint.Size, p.Event)
	for _, name := range p.Missing {
		fmt.Fprintf(s.out, "Not shown here: the text of %s.\n", name)
	}
	return sayKey(s, p.Key, p.Given)
}

// sayKey does not let a log vouch for itself unnoticed.
func sayKey(s streams, key string, given bool) error {
	if given {
		_, err := fmt.Fprintln(s.out, "Signed with the key that you gave.")
		return err
	}
	_, err := fmt.Fprintf(s.out, "UNCHECKED: this key was found beside the log, which proves nothing about who signs. Compare it with one that you have from elsewhere, or give it as -key:\n%s\n", key)
	return err
}
