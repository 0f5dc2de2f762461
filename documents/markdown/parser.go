package markdown

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Bounds on what hostile input can make of the parser.
const (
	maxDepth   = 48   // containers within one another
	maxLines   = 2000 // lines of one paragraph; the next one begins another
	maxColumns = 64   // of a table; a wider one stays text
)

// newParser is CommonMark with tables, strikethrough, footnotes, definition lists
// and clauses. A goldmark parser is bound to its first input's options only, but
// it is made afresh for each text: that is cheap, and shares nothing.
func newParser() parser.Parser {
	at := util.Prioritized
	return parser.NewParser(
		parser.WithBlockParsers(
			at(parser.NewSetextHeadingParser(), 100),
			at(parser.NewThematicBreakParser(), 200),
			at(listParser{parser.NewListParser()}, 300),
			at(parser.NewListItemParser(), 400),
			at(parser.NewCodeBlockParser(), 500),
			at(parser.NewATXHeadingParser(), 600),
			at(parser.NewFencedCodeBlockParser(), 700),
			at(capped{parser.NewBlockquoteParser()}, 800),
			at(parser.NewHTMLBlockParser(), 900),
			at(capped{extension.NewDefinitionListParser()}, 101),
			at(extension.NewDefinitionDescriptionParser(), 102),
			at(footnoteParser{capped{extension.NewFootnoteBlockParser()}}, 910),
			at(clauseParser{parser.NewParagraphParser()}, 950),
			at(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(guardAll(append(parser.DefaultInlineParsers(),
			at(footnoteRefParser{}, 101),
			at(extension.NewStrikethroughParser(), 500),
		))...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		parser.WithParagraphTransformers(at(tables{extension.NewTableParagraphTransformer()}, 200)),
		parser.WithASTTransformers(at(extension.NewTableASTTransformer(), 0)),
	)
}

// capped keeps containers from nesting without end.
type capped struct{ parser.BlockParser }

func (p capped) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if len(pc.OpenedBlocks()) > 2*maxDepth {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// listParser opens lists as CommonMark does, except where the number is a year,
// and where a number follows a clause on the line before.
type listParser struct{ parser.BlockParser }

func (p listParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	last := pc.LastOpenedBlock().Node
	if _, ok := last.(*ast.List); ok || parent.Kind() == ast.KindList {
		return p.BlockParser.Open(parent, reader, pc)
	}
	if len(pc.OpenedBlocks()) > 2*maxDepth {
		return nil, parser.NoChildren
	}
	line, _ := reader.PeekLine()
	at := pc.BlockOffset()
	if at < 0 || at >= len(line) || line[at] < '0' || line[at] > '9' {
		return p.BlockParser.Open(parent, reader, pc)
	}
	n, rest, ok := scan(string(line[at:min(len(line), at+200)]))
	if !ok || len(n.parts) != 1 || n.style != "1." && n.style != "1)" {
		return skipYear(p.BlockParser, parent, reader, pc, line[at:])
	}
	if ast.IsParagraph(last) && last.Parent() == parent && rest != "" && interrupts(last, parent, n, rest, reader.Source()) {
		list := ast.NewList(n.text[len(n.text)-1])
		list.Start = n.parts[0]
		return list, parser.HasChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// skipYear refuses to open a list at a number above maxPart.
func skipYear(p parser.BlockParser, parent ast.Node, reader text.Reader, pc parser.Context, line []byte) (ast.Node, parser.State) {
	digits := 0
	for digits < len(line) && line[digits] >= '0' && line[digits] <= '9' {
		digits++
	}
	if digits > 3 {
		return nil, parser.NoChildren
	}
	return p.Open(parent, reader, pc)
}

// clauseParser begins a new paragraph where a line inside one begins a clause.
type clauseParser struct{ parser.BlockParser }

func (clauseParser) CanInterruptParagraph() bool { return true }

// An indented line inside a paragraph is no code, and may begin a clause.
func (clauseParser) CanAcceptIndentedLine() bool { return true }

func (p clauseParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	last := pc.LastOpenedBlock().Node
	if last == nil || !ast.IsParagraph(last) {
		return nil, parser.NoChildren
	}
	if last.Lines().Len() >= maxLines {
		return p.BlockParser.Open(parent, reader, pc)
	}
	line, _ := reader.PeekLine()
	n, rest, ok := scan(string(line[:min(len(line), 200)]))
	if !ok || !interrupts(last, parent, n, rest, reader.Source()) {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// interrupts decides whether a line inside the paragraph, or one that would
// lazily continue it from outside its container, begins a clause. Running text
// that happens to be wrapped before a number does not.
func interrupts(paragraph, parent ast.Node, n number, rest string, source []byte) bool {
	lines := paragraph.Lines()
	if rest == "" || lines.Len() == 0 {
		return false
	}
	upper := startsUpper(rest)
	here, _, numbered := scan(firstLine(paragraph, source))
	if item, ok := paragraph.Parent().(*ast.ListItem); ok && item.FirstChild() == paragraph && !numbered {
		here, _, numbered = scan(marker(item, source) + " x")
	}
	if numbered {
		return follows(here, n, upper)
	}
	if !n.closed || !upper || len(n.parts) < 2 && n.dotted {
		return false
	}
	if paragraph.Parent() != parent {
		return n.dotted || len(n.style) > 3
	}
	seg := lines.At(lines.Len() - 1)
	return n.dotted && endsSentence(string(seg.Value(source)))
}

// follows tells whether n can come on the line after the clause here began.
func follows(here, n number, upper bool) bool {
	if r, ok := here.asRoman(); ok && r.style == n.style {
		here = r
	}
	if r, ok := n.asRoman(); ok && r.style == here.style {
		n = r
	}
	switch {
	case here.style == n.style:
		return n.compare(here) > 0 && (upper || n.near(here) || here.within(n))
	case n.dotted && len(n.parts) > 1:
		return n.closed && upper
	case n.dotted:
		return upper && !here.dotted
	case len(n.style) > 3:
		return n.closed && upper
	}
	return n.first() || n.closed && n.dotted && upper
}

func firstLine(n ast.Node, source []byte) string {
	if n.Lines().Len() == 0 {
		return ""
	}
	seg := n.Lines().At(0)
	seg.Stop = min(seg.Stop, seg.Start+200)
	return string(seg.Value(source))
}

// marker returns the marker of a list item as written.
func marker(item *ast.ListItem, source []byte) string {
	at := item.Pos()
	if at < 0 {
		return ""
	}
	for at < len(source) && (source[at] == ' ' || source[at] == '\t') {
		at++
	}
	end := at
	for end < len(source) && source[end] > ' ' && end-at < 12 {
		end++
		if c := source[end-1]; c == '.' || c == ')' || c == '-' || c == '+' || c == '*' {
			break
		}
	}
	return string(source[at:end])
}

func endsSentence(line string) bool {
	for i := len(line) - 1; i >= 0; i-- {
		switch line[i] {
		case ' ', '\t', '\n', '\r', '*', '_':
		case '.', ':', ';', '!', '?':
			return true
		default:
			return false
		}
	}
	return false
}

// tables refuses wide ones: rows are padded to the width of their header, so a
// short text could become a page without end.
type tables struct{ parser.ParagraphTransformer }

func (t tables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	if node.Lines().Len() < 2 {
		return
	}
	for i := range min(node.Lines().Len(), maxLines) {
		seg := node.Lines().At(i)
		if n := countPipes(seg.Value(reader.Source())); n > maxColumns {
			return
		}
	}
	t.ParagraphTransformer.Transform(node, reader, pc)
}

func countPipes(b []byte) (n int) {
	for _, c := range b {
		if c == '|' {
			n++
		}
	}
	return n
}

var footnotesKey = parser.NewContextKey()

// footnoteParser leaves footnotes where they are written.
type footnoteParser struct{ parser.BlockParser }

func (p footnoteParser) Close(node ast.Node, reader text.Reader, pc parser.Context) {
	notes, _ := pc.Get(footnotesKey).(map[string]*extast.Footnote)
	if notes == nil {
		notes = map[string]*extast.Footnote{}
		pc.Set(footnotesKey, notes)
	}
	note := node.(*extast.Footnote)
	if _, taken := notes[string(note.Ref)]; !taken {
		notes[string(note.Ref)] = note
	}
}

// footnoteRefParser reads [^label] where a footnote of that label exists.
type footnoteRefParser struct{}

func (footnoteRefParser) Trigger() []byte { return []byte{'['} }

// footnoteRef is a reference to a footnote.
type footnoteRef struct {
	ast.BaseInline
	note *extast.Footnote
}

var kindFootnoteRef = ast.NewNodeKind("FootnoteRef")

func (*footnoteRef) Kind() ast.NodeKind              { return kindFootnoteRef }
func (n *footnoteRef) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

func (footnoteRefParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	notes, _ := pc.Get(footnotesKey).(map[string]*extast.Footnote)
	if len(line) < 4 || line[1] != '^' || notes == nil {
		return nil
	}
	for i := 2; i < len(line) && i < 1000 && line[i] != '['; i++ {
		if line[i] != ']' {
			continue
		}
		if note := notes[string(line[2:i])]; note != nil {
			block.Advance(i + 1)
			return &footnoteRef{note: note}
		}
		return nil
	}
	return nil
}
