package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

var recipientsCommand = command{"recipients", "import|export FILE|-", "brings registered users in or out, as CSV or NDJSON", func(f *flag.FlagSet) action {
	w := target(f)
	format := f.String("format", "", "the `format`, csv or ndjson; by default what the name of the file says, else csv")
	keep := f.Bool("keep-good", false, "import the good rows even if others are broken")
	return func(ctx context.Context, s streams, args []string) error {
		if len(args) != 2 {
			return usagef("say import or export, and a file (- for standard input or output)")
		}
		kind, err := recipientFormat(*format, args[1])
		if err != nil {
			return err
		}
		switch args[0] {
		case "import":
			return w.with(ctx, s, false, func(c *client) error { return importRecipients(ctx, s, c, kind, args[1], *keep) })
		case "export":
			return w.with(ctx, s, false, func(c *client) error { return exportRecipients(ctx, s, c, kind, args[1]) })
		}
		return usagef("say import or export, not %q", args[0])
	}
}}

func recipientFormat(format, path string) (string, error) {
	switch {
	case format == "csv" || format == "ndjson":
		return format, nil
	case format != "":
		return "", usagef("-format is csv or ndjson, not %q", format)
	case strings.HasSuffix(path, ".ndjson") || strings.HasSuffix(path, ".jsonl"):
		return "ndjson", nil
	}
	return "csv", nil
}

var contentTypes = map[string]string{"csv": "text/csv", "ndjson": "application/x-ndjson"}

// importReport is what the API answers.
type importReport struct {
	Rows      int `json:"rows"`
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Erased    int `json:"erased"`
	Kept      int `json:"kept"`
	Refused   []struct {
		Row    int    `json:"row"`
		Reason string `json:"reason"`
	} `json:"refused"`
}

func importRecipients(ctx context.Context, s streams, c *client, kind, path string, keep bool) error {
	in, size, err := openInput(s, path)
	if err != nil {
		return err
	}
	defer in.Close()
	bar := progress(s.err, size, "importing")
	body := io.TeeReader(in, bar)
	header := http.Header{"Content-Type": {contentTypes[kind]}}
	answer, err := c.stream(ctx, "POST", fmt.Sprintf("/recipients:import?keep-good=%t", keep), header, body)
	bar.Finish()
	if err != nil {
		return refusedRows(s, err)
	}
	defer answer.Close()
	var r importReport
	if err := json.NewDecoder(answer).Decode(&r); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	for _, row := range r.Refused {
		fmt.Fprintf(s.err, "row %d: %s\n", row.Row, row.Reason)
	}
	fmt.Fprintf(s.out, "%d rows: %d added, %d changed, %d unchanged, %d refused\n", r.Rows, r.Added, r.Changed, r.Unchanged, len(r.Refused))
	if r.Erased > 0 {
		fmt.Fprintf(s.err, "%d of the unchanged had their data removed here and stay so; remove them at the source too\n", r.Erased)
	}
	if r.Kept > 0 {
		fmt.Fprintf(s.err, "of %d people something stays that they corrected here; take it over at the source\n", r.Kept)
	}
	return nil
}

// refusedRows names the broken rows of an import that took nothing.
func refusedRows(s streams, err error) error {
	r, ok := err.(*refusal)
	if !ok {
		return err
	}
	var report importReport
	b, _ := json.Marshal(r.More)
	json.Unmarshal(b, &report)
	for _, row := range report.Refused {
		fmt.Fprintf(s.err, "row %d: %s\n", row.Row, row.Reason)
	}
	return err
}

func openInput(s streams, path string) (io.ReadCloser, int64, error) {
	if path == "-" {
		return io.NopCloser(s.in), -1, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func exportRecipients(ctx context.Context, s streams, c *client, kind, path string) error {
	fill := func(w io.Writer) error {
		answer, err := c.stream(ctx, "GET", "/recipients?format="+kind, nil, nil)
		if err != nil {
			return err
		}
		defer answer.Close()
		bar := progress(s.err, -1, "exporting")
		_, err = io.Copy(io.MultiWriter(w, bar), answer)
		bar.Finish()
		return err
	}
	if path == "-" {
		return fill(s.out)
	}
	return writeNewFile(path, fill)
}
