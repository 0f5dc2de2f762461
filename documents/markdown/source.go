package markdown

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The size in bytes and the number of lines above which a source is refused.
const (
	MaxSource = 8 << 20
	MaxLines  = 200_000
)

// InvalidSource refuses a source. Code is a stable word for catalogues: utf8,
// nul, empty, size or lines. Reason is a sentence that says what to do.
type InvalidSource struct{ Code, Reason string }

func (e *InvalidSource) Error() string { return e.Reason }

// Check returns an *InvalidSource for what Parse refuses, else nil.
func Check(source []byte) error {
	switch {
	case len(source) > MaxSource:
		return &InvalidSource{"size", "the text is larger than 8 MiB; split it into several documents"}
	case countLines(source) > MaxLines:
		return &InvalidSource{"lines", "the text has more than 200,000 lines; split it into several documents"}
	case !utf8.Valid(source):
		return &InvalidSource{"utf8", "the text is not UTF-8; save it again with the encoding UTF-8"}
	case bytes.IndexByte(source, 0) >= 0:
		return &InvalidSource{"nul", "the text contains a NUL character; remove it"}
	case len(bytes.TrimSpace(trimBOM(source))) == 0:
		return &InvalidSource{"empty", "the text is empty; write something"}
	}
	return nil
}

// countLines counts the ends of lines as Markdown knows them.
func countLines(b []byte) int {
	return bytes.Count(b, []byte{'\n'}) + bytes.Count(b, []byte{'\r'}) - bytes.Count(b, []byte("\r\n"))
}

func trimBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\ufeff")) }

// input is what goldmark reads: the source without byte-order mark, its front
// matter blanked, every line ended by a single LF. Lines are counted in the
// source, where only LF ends one; a lone CR ends a line for Markdown alone.
type input struct {
	text   []byte
	starts []int // offsets in text at which its lines start
	line   []int // the line of the source that each of them lies in, 1-based
	blank  []bool
	total  int // lines of the source
	front  int // last line of the front matter, 0 if there is none
	title  string
}

func newInput(source []byte) *input {
	in := &input{}
	rest := trimBOM(source)
	front, body := splitFront(rest)
	in.title = frontTitle(front)
	in.text = make([]byte, 0, len(rest)+1)
	for range bytes.Count(front, []byte{'\n'}) {
		in.addLine(nil, true)
	}
	in.front = in.total
	if front != nil && !bytes.HasSuffix(front, []byte{'\n'}) {
		in.addLine(nil, true)
		in.front = in.total
	}
	for len(body) > 0 {
		end := bytes.IndexAny(body, "\r\n")
		if end < 0 {
			in.addLine(body, true)
			break
		}
		next := end + 1
		if body[end] == '\r' && next < len(body) && body[next] == '\n' {
			next++
		}
		in.addLine(body[:end], body[next-1] == '\n' || next == len(body))
		body = body[next:]
	}
	return in
}

// addLine appends a line of Markdown. last tells whether the line of the source
// that it lies in ends here.
func (in *input) addLine(line []byte, last bool) {
	in.starts = append(in.starts, len(in.text))
	in.line = append(in.line, in.total+1)
	blank := len(bytes.Trim(line, " \t")) == 0
	if len(in.blank) == in.total {
		in.blank = append(in.blank, blank)
	}
	in.blank[in.total] = in.blank[in.total] && blank
	in.text = append(append(in.text, line...), '\n')
	if last {
		in.total++
	}
}

// lineAt returns the line of the source that the offset in text lies in.
func (in *input) lineAt(offset int) int {
	i := sort.SearchInts(in.starts, offset+1) - 1
	if i < 0 {
		return 1
	}
	return in.line[i]
}

// isBlank tells whether a line of the source holds no more than spaces and tabs.
// Front matter counts as not blank.
func (in *input) isBlank(line int) bool {
	return line > in.front && in.blank[line-1]
}

// splitFront returns front matter with its fences, or nil, and what follows.
func splitFront(b []byte) (front, body []byte) {
	first, rest, ok := bytes.Cut(b, []byte{'\n'})
	if !ok || strings.TrimRight(string(first), " \t\r") != "---" {
		return nil, b
	}
	at := len(first) + 1
	for len(rest) > 0 {
		line, after, ok := bytes.Cut(rest, []byte{'\n'})
		at += len(line)
		if ok {
			at++
		}
		if strings.TrimRight(string(line), " \t\r") == "---" {
			return b[:at:at], b[at:]
		}
		rest = after
	}
	return nil, b
}

// frontTitle reads the title and forgives whatever else is wrong.
func frontTitle(front []byte) string {
	lines := bytes.SplitAfter(front, []byte{'\n'})
	if len(lines) < 3 || len(front) > 64<<10 {
		return ""
	}
	var meta struct {
		Title string `yaml:"title"`
	}
	body := bytes.Join(lines[1:], nil)
	body = body[:bytes.LastIndex(body, []byte("---"))]
	if yaml.Unmarshal(body, &meta) != nil {
		return ""
	}
	return strings.Join(strings.Fields(meta.Title), " ")
}
