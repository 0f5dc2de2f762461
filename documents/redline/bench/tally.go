package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vestnik/documents/markdown"
)

// tally adds up what the tools did.
type tally struct {
	pairs, equal, disputed int
	source, size           int // bytes of both sides: of the sources, of what marks are shares of
	rows                   []row
}

type row struct {
	took  []time.Duration
	all   figures
	wrong int // regions where readers get the same
	maybe int // where another renderer says so
	where []string
}

func (t *tally) measure(p pair, tools []tool, o options) error {
	if t.rows == nil {
		t.rows = make([]row, len(tools))
	}
	old, new := p.old, p.new
	if o.over == "readers" {
		a, err := markdown.Parse(old)
		if err != nil {
			return err
		}
		b, err := markdown.Parse(new)
		if err != nil {
			return err
		}
		old, new = []byte(readers(a)), []byte(readers(b))
	}
	t.pairs++
	t.source += len(p.old) + len(p.new)
	t.size += len(old) + len(new)
	if p.equal {
		t.equal++
	}
	if p.disputed {
		t.disputed++
	}
	for i, tool := range tools {
		a, b := old, new
		if tool.source {
			a, b = p.old, p.new
		}
		took, pieces, err := tool.compare(a, b, o.repeat)
		if err != nil {
			return fmt.Errorf("%s: %w", tool.name, err)
		}
		t.rows[i].add(p, middle(took), measure(pieces))
	}
	return nil
}

func middle(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
}

func (r *row) add(p pair, took time.Duration, f figures) {
	r.took = append(r.took, took)
	r.all.add(f)
	if f.cut > 0 {
		r.where = append(r.where, fmt.Sprintf("%s: words cut: %d", p.name, f.cut))
	}
	if f.regions == 0 {
		return
	}
	switch {
	case p.equal:
		r.wrong += f.regions
		r.where = append(r.where, fmt.Sprintf("%s: regions where readers get the same: %d", p.name, f.regions))
	case p.disputed:
		r.maybe += f.regions
		r.where = append(r.where, fmt.Sprintf("%s: regions where another renderer's readers get the same: %d", p.name, f.regions))
	}
}

func (t *tally) print(out io.Writer, tools []tool, o options) error {
	fmt.Fprintf(out, "%d neighbouring pairs, %.1f MB of source; the others compare %s; median of %d repeats\n\n", t.pairs, float64(t.source)/1e6, o.over, o.repeat)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\tmedian µs\tp99 µs\tworst µs\tMB/s\tregions\tbridged\tmarked\tcut\tfalse in %d\tin %d more\t\n", t.equal, t.disputed)
	for i, tool := range tools {
		fmt.Fprintln(w, t.cells(tool, t.rows[i]))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return t.notes(out, tools)
}

func (t *tally) cells(of tool, r row) string {
	slices.Sort(r.took)
	var total time.Duration
	for _, d := range r.took {
		total += d
	}
	n, size := len(r.took), t.size
	if of.source {
		size = t.source
	}
	out := fmt.Sprintf("%s\t%d\t%d\t%d\t", of.name, r.took[n/2].Microseconds(), r.took[n*99/100].Microseconds(), r.took[n-1].Microseconds())
	if of.idle {
		return out + "\t\t\t\t\t\t\t"
	}
	out += fmt.Sprintf("%.1f\t", float64(size)/1e6/total.Seconds())
	if of.silent {
		return out + "\t\t\t\t\t\t"
	}
	marked := 100 * float64(r.all.marked) / float64(t.size)
	return out + fmt.Sprintf("%d\t%d\t%.2f %%\t%d\t%d\t%d\t", r.all.regions, r.all.bridged, marked, r.all.cut, r.wrong, r.maybe)
}

func (t *tally) notes(out io.Writer, tools []tool) error {
	fmt.Fprint(out, "\nMoved blocks are marked for changed words only. git's time is a whole process's.\nThe package comment of documents/redline/bench (and -h) defines each measure.\n")
	if own := t.rows[0].all; own.read > 0 {
		fmt.Fprintf(out, "%s marks %.2f %% of what readers see.\n", tools[0].name, 100*float64(own.marked)/float64(own.read))
	}
	if where := t.rows[0].where; len(where) > 0 {
		fmt.Fprintf(out, "\n%s:\n  %s\n", tools[0].name, strings.Join(where, "\n  "))
	}
	return nil
}
