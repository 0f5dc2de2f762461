package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// streams are the standard ones: results go to out, everything else to err.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// command is one subcommand. setup declares its flags and returns what runs it
// with the arguments that are left.
type command struct {
	name    string
	args    string // what follows the flags, for the usage line
	summary string
	setup   func(f *flag.FlagSet) action
}

type action func(ctx context.Context, s streams, args []string) error

// The exit codes of every command.
const (
	exitNegative = 1 // a negative answer: different, a fault found
	exitTrouble  = 2
)

// errNegative is a command's negative answer, already said on stdout.
var errNegative = errors.New("")

// usageError is a command line that makes no sense; -h is the advice.
type usageError struct{ problem string }

func (e usageError) Error() string { return e.problem }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

func commands() []command {
	return []command{
		demoCommand, serveCommand,
		renderCommand, outlineCommand, compareCommand,
		importCommand, publishCommand, recipientsCommand, noticesCommand,
		settingsCommand, staffCommand, tokenCommand, openCommand,
		copyCommand, backupCommand, restoreCommand, checkCommand, migrateCommand,
		verifyCommand, versionCommand,
	}
}

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args []string, s streams) int {
	all := commands()
	if len(args) == 0 || slices.Contains([]string{"-h", "--help", "-help", "help"}, args[0]) {
		overview(all, s.out)
		if len(args) == 0 {
			return exitTrouble
		}
		return 0
	}
	i := slices.IndexFunc(all, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(s.err, "vestnik: there is no command %q; `vestnik -h` lists them\n", args[0])
		return exitTrouble
	}
	return all[i].run(ctx, args[1:], s)
}

func (c command) run(ctx context.Context, args []string, s streams) int {
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	act := c.setup(f)
	rest, err := parse(f, args)
	if errors.Is(err, flag.ErrHelp) {
		c.usage(f, s.out)
		return 0
	}
	if err == nil {
		err = act(ctx, s, rest)
	} else {
		err = usageError{err.Error()}
	}
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errNegative):
		return exitNegative
	case errors.As(err, &usage):
		fmt.Fprintf(s.err, "vestnik %s: %v; `vestnik %s -h` shows how\n", c.name, err, c.name)
	default:
		fmt.Fprintf(s.err, "vestnik %s: %v\n", c.name, err)
	}
	return exitTrouble
}

// parse lets flags stand before, between and after the arguments. What follows
// -- are arguments.
func parse(f *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		left := f.Args()
		if n := len(args) - len(left); n > 0 && args[n-1] == "--" {
			return append(rest, left...), nil
		}
		if len(left) == 0 {
			return rest, nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

func overview(all []command, w io.Writer) {
	fmt.Fprint(w, "Vestnik keeps policies as immutable versions, shows what changed, tells the people\nconcerned, and proves it.\n\n")
	for _, c := range all {
		fmt.Fprintf(w, "  vestnik %-11s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nTry `vestnik demo`. Each command takes -h. Results go to standard output, everything\nelse to standard error; exit code 2 is trouble, 1 a negative answer.\n")
}

func (c command) usage(f *flag.FlagSet, w io.Writer) {
	flags := ""
	f.VisitAll(func(*flag.Flag) { flags = " [flags]" })
	fmt.Fprintf(w, "%s\n\nusage: vestnik %s%s%s\n", c.summary, c.name, flags, prefixed(" ", c.args))
	if text := details(c.name); text != "" {
		fmt.Fprintf(w, "\n%s\n", text)
	}
	if flags != "" {
		fmt.Fprintln(w)
	}
	f.VisitAll(func(one *flag.Flag) {
		name, text := flag.UnquoteUsage(one)
		if one.DefValue != "" && one.DefValue != "false" && one.DefValue != "0" && one.DefValue != "0s" && one.DefValue != "-1" {
			text += fmt.Sprintf(" (default %s)", one.DefValue)
		}
		fmt.Fprintf(w, "  -%s%s\n        %s\n", one.Name, prefixed(" ", name), text)
	})
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// pairs is a flag of the form NAME=VALUE that may be given many times.
type pairs map[string]string

func (p pairs) String() string { return "" }

func (p pairs) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" || value == "" {
		return errors.New("write it as LANGUAGE=FILE")
	}
	if _, twice := p[name]; twice {
		return fmt.Errorf("%s is given twice", name)
	}
	p[name] = value
	return nil
}
