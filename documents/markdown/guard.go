package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Some inline rules look ahead to the end of the block at each mark, so the work
// in a block may grow as its marks times its length. A block above blockWork, or
// one that comes when the text has used up textWork, keeps its marks as plain
// characters. No honest text comes near.
const (
	blockWork = 30e6
	textWork  = 600e6
)

var guardKey = parser.NewContextKey()

// guard knows what inline work was done in a text.
type guard struct {
	block ast.Node
	plain bool
	spent int
}

func (g *guard) enter(block ast.Node, source []byte) bool {
	if g.block == block {
		return g.plain
	}
	marks, size := 0, 0
	for i := range block.Lines().Len() {
		seg := block.Lines().At(i)
		b := seg.Value(source)
		size += len(b)
		for _, c := range b {
			if bytes.IndexByte([]byte("[]<`*_~!"), c) >= 0 {
				marks++
			}
		}
	}
	g.block, g.plain = block, marks*size > blockWork || g.spent+marks*size > textWork
	if !g.plain {
		g.spent += marks * size
	}
	return g.plain
}

// guarded is an inline parser that leaves blocks alone which would take too long.
type guarded struct{ parser.InlineParser }

func (p guarded) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	g := pc.ComputeIfAbsent(guardKey, func() any { return &guard{} }).(*guard)
	if g.enter(parent, block.Source()) {
		return nil
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// guardedCloser is guarded for a parser that wants to know where a block ends.
type guardedCloser struct {
	guarded
	parser.CloseBlocker
}

func guardAll(values []util.PrioritizedValue) []util.PrioritizedValue {
	for i, v := range values {
		p := guarded{v.Value.(parser.InlineParser)}
		values[i].Value = p
		if closer, ok := v.Value.(parser.CloseBlocker); ok {
			values[i].Value = guardedCloser{p, closer}
		}
	}
	return values
}
