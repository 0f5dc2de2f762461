// Bench compares Vestnik's redline with what others make of the same pairs: the
// neighbouring versions of the corpus. All are measured in one run, pair by pair,
// so that ratios hold whatever else the machine does.
//
// # Tools
//
//   - vestnik: Compare on two texts that were just parsed, so words, details and
//     hints, but no rendering. "with parsing" adds markdown.Parse of both sides.
//   - go-diff: DiffMain over characters with its default limit of one second, and
//     DiffCleanupSemantic.
//   - git: a whole process of git diff --no-index --word-diff=porcelain on two
//     files, to the end of its output. "git --version" is what a process costs
//     that does nothing.
//   - wikidiff2: wikidiff2_inline_json_diff with two lines of context, timed inside
//     one PHP process; it writes its JSON in that time.
//
// Go's collector runs before each measured call of Vestnik and go-diff. Of the
// repeats of a pair the median counts; the median, p99 and worst are over pairs.
// MB/s is both sides' bytes of all pairs by the sum of their times.
//
// # Measures
//
// A tool's answer is read as pieces in reading order: lines of the source, for
// Vestnik entries in the new text's order (what a reader sees of a block), for
// go-diff the whole. A piece is runs of same, removed and added text.
//
//   - Regions: maximal runs of edits. Unchanged text ends a region, be it a space.
//     So does the end of a piece, except between pieces that are nothing but
//     edits. Pieces without text end nothing. An entry that has a detail and no
//     edited word (a link's address, a level) is one region.
//   - Bridged: the same, but white space alone ends no region, nor does the end of
//     a piece: how many places there are to look at.
//   - Marked: bytes of removed and added runs, by the bytes of both sides. With
//     -over source these are the source's bytes for all tools, although Vestnik
//     marks what readers see of it.
//   - Cut: words of which an edit takes, adds or parts a piece. Words are segments
//     by UAX #29 with a letter or digit in them, in the lines of either side; one
//     is cut if an edit begins or ends strictly inside it.
//   - False: regions in pairs whose readers get the same: markdown's HTML without
//     its ids is equal for both, or classes-open.json says that only line ends or
//     a byte-order mark differ. "More" are regions in pairs where not ours, but
//     another renderer's HTML is equal by classes-open.json: one that makes links
//     of bare addresses and drops raw HTML.
//
// A block that moved is marked only for its changed words, by Vestnik and by
// wikidiff2; go-diff and git know no moves. What a renumbered block's number and
// references lost and gained is marked. What readers are not shown (front matter,
// comments, link definitions) Vestnik does not mark, the others do. With
// -over readers the others are given what readers see of the blocks, a blank line
// between, and all marks are by its bytes.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/schollz/progressbar/v3"
)

//go:embed main.go
var source string

type options struct {
	corpus, wikidiff2, over string
	repeat, pairs           int
	pages, golden, css      string
}

func main() {
	var o options
	flag.StringVar(&o.corpus, "corpus", "../shared/corpus", "`folder` with a folder of NNNN.md for each document")
	flag.IntVar(&o.repeat, "repeat", 3, "compare each pair `n` times; the median counts")
	flag.IntVar(&o.pairs, "pairs", 0, "measure only `n` pairs, evenly spread; 0: all")
	flag.StringVar(&o.wikidiff2, "wikidiff2", "auto", "`auto` (if php with wikidiff2 is installed) or off")
	flag.StringVar(&o.over, "over", "source", "what the other tools compare: `source`, or readers: what readers see")
	flag.StringVar(&o.pages, "pages", "", "measure nothing: write pages of each golden pair into `folder`")
	flag.StringVar(&o.golden, "golden", "documents/redline/testdata/golden", "`folder` of golden pairs, for -pages")
	flag.StringVar(&o.css, "css", "web/static/style", "`folder` of the sheets that make the style of the pages")
	flag.Usage = func() { usage(flag.CommandLine.Output()) }
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
}

// usage prints the flags and the package comment, which has the definitions.
func usage(w io.Writer) {
	flag.CommandLine.SetOutput(w)
	fmt.Fprint(w, "Run this from the project's folder.\n\n")
	flag.PrintDefaults()
	comment, _, _ := strings.Cut(source, "package main")
	fmt.Fprint(w, "\n")
	for line := range strings.Lines(comment) {
		fmt.Fprint(w, strings.TrimPrefix(strings.TrimPrefix(line, "//"), " "))
	}
}

func run(o options) error {
	if o.over != "source" && o.over != "readers" {
		return fmt.Errorf("-over is source or readers")
	}
	if o.wikidiff2 != "auto" && o.wikidiff2 != "off" {
		return fmt.Errorf("-wikidiff2 is auto or off")
	}
	if o.pages != "" {
		return writePages(o)
	}
	pairs, err := readPairs(o.corpus, o.pairs)
	if err != nil {
		return err
	}
	tools, done, err := startTools(o)
	if err != nil {
		return err
	}
	defer done()
	bar := progress(int64(len(pairs)), "comparing")
	var all tally
	for _, p := range pairs {
		if err := all.measure(p, tools, o); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := bar.Add(1); err != nil {
			return err
		}
	}
	return all.print(os.Stdout, tools, o)
}

// progress shows long work on a terminal's standard error, and nothing elsewhere.
func progress(total int64, what string) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetVisibility(term.IsTerminal(int(os.Stderr.Fd()))),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(),
	)
}
