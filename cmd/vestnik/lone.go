package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/term"

	"vestnik/documents/lang"
	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// The commands of this file need no installation: they read files and write what
// comes of them.

var renderCommand = command{"render", "FILE|-", "turns a Markdown text into an HTML fragment", func(f *flag.FlagSet) action {
	tag := f.String("lang", "ru", "the `language` of the text")
	return func(_ context.Context, s streams, args []string) error {
		text, err := parseOne(s, *tag, args)
		if err != nil {
			return err
		}
		html, dropped := text.HTML(markdown.Options{Lang: *tag})
		for _, d := range dropped {
			fmt.Fprintf(s.err, "line %d: %s is not let through\n", d.Line, d.What)
		}
		return write(s.out, html)
	}
}}

var outlineCommand = command{"outline", "FILE|-", "lists the clauses of a text as JSON", func(f *flag.FlagSet) action {
	tag := f.String("lang", "ru", "the `language` of the text")
	return func(_ context.Context, s streams, args []string) error {
		text, err := parseOne(s, *tag, args)
		if err != nil {
			return err
		}
		out, err := text.OutlineJSON()
		if err != nil {
			return err
		}
		return write(s.out, out)
	}
}}

var compareCommand = command{"compare", "OLD NEW", "shows what changed between two texts; exit code 0 equal, 1 different, 2 trouble", func(f *flag.FlagSet) action {
	tag := f.String("lang", "ru", "the `language` of the words in the redline")
	format := f.String("format", "text", "`text`, html, json or docx; docx is a file for Word with tracked changes, write it with > NAME.docx")
	return func(_ context.Context, s streams, args []string) error {
		if len(args) != 2 {
			return usagef("give two files, the old and the new")
		}
		if args[0] == "-" && args[1] == "-" {
			return usagef("only one of the two can be standard input")
		}
		if err := checkLang(*tag); err != nil {
			return err
		}
		old, err := parseFile(s, args[0])
		if err != nil {
			return err
		}
		new, err := parseFile(s, args[1])
		if err != nil {
			return err
		}
		return writeRedline(s.out, redline.Compare(old, new), *format, *tag)
	}
}}

func writeRedline(w io.Writer, r *redline.Redline, format, tag string) error {
	var err error
	switch format {
	case "text":
		err = r.Text(w, tag)
	case "html":
		_, err = io.WriteString(w, r.HTML(tag)+"\n")
	case "json":
		err = write(w, r.JSON())
	case "docx":
		err = writeDOCX(w, r, tag)
	default:
		return usagef("-format %s is unknown; use text, html, json or docx", format)
	}
	if err == nil && r.Summary.Same != len(r.Changes) {
		return errNegative
	}
	return err
}

// writeDOCX refuses to fill a screen with an archive.
func writeDOCX(w io.Writer, r *redline.Redline, tag string) error {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return usagef("-format docx writes a file for Word; add > NAME.docx")
	}
	return r.DOCX(w, tag)
}

func parseOne(s streams, tag string, args []string) (*markdown.Text, error) {
	if len(args) != 1 {
		return nil, usagef("give one file, or - for standard input")
	}
	if err := checkLang(tag); err != nil {
		return nil, err
	}
	return parseFile(s, args[0])
}

func checkLang(tag string) error {
	if !lang.Valid(tag) {
		return usagef("-lang %q is no language tag; write ru, kk, en or the like", tag)
	}
	return nil
}

func parseFile(s streams, path string) (*markdown.Text, error) {
	b, err := readFile(s, path)
	if err != nil {
		return nil, err
	}
	text, err := markdown.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return text, nil
}

// maxFile bounds what is read of a file before its own room refuses it.
const maxFile = 64 << 20

// readFile reads a file, or standard input for -.
func readFile(s streams, path string) ([]byte, error) {
	if path == "-" {
		return readAll(s.in, "standard input")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, path)
}

// readText reads a file whose text goes through JSON, which would replace what is
// not UTF-8, and so change the text.
func readText(s streams, path string) (string, error) {
	b, err := readFile(s, path)
	if err != nil {
		return "", err
	}
	return utf8Text(b, path)
}

func utf8Text(b []byte, name string) (string, error) {
	if !utf8.Valid(b) {
		return "", fmt.Errorf("%s is not UTF-8; save it as UTF-8 and try again", name)
	}
	return string(b), nil
}

func readAll(r io.Reader, name string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d MB", name, maxFile>>20)
	}
	return b, nil
}

// write writes b and ends its last line.
func write(w io.Writer, b []byte) error {
	if len(b) == 0 || b[len(b)-1] != '\n' {
		b = append(b[:len(b):len(b)], '\n')
	}
	_, err := w.Write(b)
	return err
}
