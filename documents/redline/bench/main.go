// Bench measures comparing the neighbouring versions of the corpus: one line
// for comparing alone and one for parsing both texts and comparing.
//
//	go run ./documents/redline/bench [-corpus DIR] [-repeat 3]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// pair is two neighbouring versions and what comparing them took.
type pair struct {
	name           string
	a, b           []byte
	compare, whole time.Duration // the median of the repeats
}

func main() {
	corpus := flag.String("corpus", filepath.Join("..", "shared", "corpus"), "folder of the histories")
	repeat := flag.Int("repeat", 3, "times that each pair is compared")
	flag.Parse()
	if err := run(*corpus, *repeat); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func run(corpus string, repeat int) error {
	pairs, err := load(corpus)
	if err != nil {
		return err
	}
	bytes := 0
	for i := range pairs {
		if err := pairs[i].measure(repeat); err != nil {
			return fmt.Errorf("%s: %w", pairs[i].name, err)
		}
		bytes += len(pairs[i].a) + len(pairs[i].b)
	}
	fmt.Printf("%d pairs, %d bytes on both sides\n", len(pairs), bytes)
	report("compare", pairs, bytes, func(p pair) time.Duration { return p.compare })
	report("parse and compare", pairs, bytes, func(p pair) time.Duration { return p.whole })
	return nil
}

// load reads the neighbouring versions of each document.
func load(corpus string) ([]pair, error) {
	files, err := filepath.Glob(filepath.Join(corpus, "*", "*.md"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("there is no corpus in %s: name its folder with -corpus", corpus)
	}
	slices.Sort(files)
	var out []pair
	for i := 1; i < len(files); i++ {
		if filepath.Dir(files[i]) != filepath.Dir(files[i-1]) {
			continue
		}
		a, err := os.ReadFile(files[i-1])
		if err != nil {
			return nil, err
		}
		b, err := os.ReadFile(files[i])
		if err != nil {
			return nil, err
		}
		out = append(out, pair{name: files[i], a: a, b: b})
	}
	return out, nil
}

func (p *pair) measure(repeat int) error {
	var compare, whole []time.Duration
	for range repeat {
		start := time.Now()
		old, err := markdown.Parse(p.a)
		if err != nil {
			return err
		}
		new, err := markdown.Parse(p.b)
		if err != nil {
			return err
		}
		parsed := time.Now()
		redline.Compare(old, new)
		end := time.Now()
		compare, whole = append(compare, end.Sub(parsed)), append(whole, end.Sub(start))
	}
	slices.Sort(compare)
	slices.Sort(whole)
	p.compare, p.whole = compare[repeat/2], whole[repeat/2]
	return nil
}

func report(what string, pairs []pair, bytes int, of func(pair) time.Duration) {
	slices.SortFunc(pairs, func(a, b pair) int { return int(of(a) - of(b)) })
	var total time.Duration
	for _, p := range pairs {
		total += of(p)
	}
	at := func(q float64) time.Duration { return of(pairs[int(q*float64(len(pairs)-1))]).Round(time.Microsecond) }
	worst := pairs[len(pairs)-1]
	fmt.Printf("%-18s median %v  p99 %v  worst %v (%s/%s)  total %v  %.1f MB/s\n", what, at(0.5), at(0.99), at(1),
		filepath.Base(filepath.Dir(worst.name)), filepath.Base(worst.name), total.Round(time.Millisecond), float64(bytes)/1e6/total.Seconds())
}
