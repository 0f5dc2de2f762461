package markdown

import "slices"

// partition turns leaves into blocks, so that every line with more than spaces
// and tabs lies in exactly one of them. It returns for each leaf the block that
// holds it.
func partition(in *input, leaves []leaf) ([]Block, []int) {
	blocks := make([]Block, 0, len(leaves)+1)
	holds := make([]int, len(leaves))
	if in.front > 0 {
		blocks = append(blocks, Block{Kind: FrontMatter, First: 1, Last: in.front})
	}
	order := make([]int, len(leaves))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return leaves[a].First - leaves[b].First })
	for from := 0; from < len(order); {
		to, last := from, leaves[order[from]].Last
		for to < len(order) && (to == from || leaves[order[to]].First <= last) {
			last = max(last, leaves[order[to]].Last)
			holds[order[to]] = len(blocks)
			to++
		}
		blocks = append(blocks, joined(leaves, order[from:to], last))
		from = to
	}
	return cover(in, blocks), holds
}

// joined is the block of leaves that share lines: the first takes all.
func joined(leaves []leaf, group []int, last int) Block {
	b := leaves[group[0]].Block
	b.Last = last
	if len(group) == 1 {
		return b
	}
	text, form := []byte(b.Text), []byte(b.Form)
	for _, i := range group[1:] {
		l := leaves[i].Block
		form = append(append(form, '+'), l.Form...)
		if l.Text == "" {
			continue
		}
		switch {
		case len(text) > 0 && string(text) == b.Number:
			text = append(text, ' ')
		case len(text) > 0:
			text = append(text, '\n')
		}
		for _, m := range l.Marks {
			m.Start, m.End = m.Start+len(text), m.End+len(text)
			b.Marks = append(b.Marks, m)
		}
		text = append(text, l.Text...)
	}
	b.Text, b.Form = string(text), string(form)
	return b
}

// cover gives lines with container marks only to the block before them, else to
// the one after, else to a block without text.
func cover(in *input, blocks []Block) []Block {
	next := 0
	for line := 1; line <= in.total; line++ {
		for next < len(blocks) && blocks[next].First <= line {
			next++
		}
		if in.isBlank(line) || next > 0 && line <= blocks[next-1].Last {
			continue
		}
		switch {
		case next > 0:
			blocks[next-1].Last = line
		case len(blocks) > 0:
			blocks[0].First = line
			next = 1
		default:
			blocks = append(blocks, Block{Kind: Blank, First: line, Last: line})
			next = 1
		}
	}
	return blocks
}
