package redline_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

const wordprocessing = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

// element is an element of a part; one of WordprocessingML has its prefix w.
type element struct {
	name string
	attr map[string]string
	text string
	kids []*element
}

func (e *element) kid(path ...string) *element {
	for _, name := range path {
		if e == nil {
			return nil
		}
		i := slices.IndexFunc(e.kids, func(k *element) bool { return k.name == name })
		if i < 0 {
			return nil
		}
		e = e.kids[i]
	}
	return e
}

func (e *element) each(visit func(*element)) {
	visit(e)
	for _, k := range e.kids {
		k.each(visit)
	}
}

func parseXML(b []byte) (*element, error) {
	name := func(n xml.Name) string {
		if n.Space == wordprocessing {
			return "w:" + n.Local
		}
		return n.Local
	}
	root := &element{}
	open := []*element{root}
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		t, err := d.Token()
		if err == io.EOF {
			return root.kids[0], nil
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			e := &element{name: name(t.Name), attr: map[string]string{}}
			for _, a := range t.Attr {
				e.attr[name(a.Name)] = a.Value
			}
			top.kids, open = append(top.kids, e), append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(t)
		}
	}
}

// office is a document taken apart.
type office struct {
	names []string
	raw   map[string][]byte
	parts map[string]*element
}

func open(b []byte) (*office, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	o := &office{raw: map[string][]byte{}, parts: map[string]*element{}}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		if o.raw[f.Name], err = io.ReadAll(r); err != nil {
			return nil, err
		}
		if o.parts[f.Name], err = parseXML(o.raw[f.Name]); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		o.names = append(o.names, f.Name)
	}
	return o, nil
}

// packageFault checks content types, and that relationships lead to parts.
func (o *office) packageFault() string {
	types := map[string]bool{}
	for _, t := range o.parts["[Content_Types].xml"].kids {
		of := t.attr["PartName"] + t.attr["Extension"]
		if types[of] {
			return "two types for " + of
		}
		types[of] = true
	}
	for _, name := range o.names {
		if !strings.HasSuffix(name, ".rels") && name != "[Content_Types].xml" && !types["/"+name] {
			return "no content type for " + name
		}
	}
	ids := map[string]bool{}
	for base, rels := range map[string]string{"": "_rels/.rels", "word/": "word/_rels/document.xml.rels"} {
		for _, r := range o.parts[rels].kids {
			if to := r.attr["Target"]; ids[base+r.attr["Id"]] || r.attr["TargetMode"] == "" && o.parts[base+to] == nil {
				return "a relationship to " + to
			}
			ids[base+r.attr["Id"]] = true
		}
	}
	fault := ""
	o.parts["word/document.xml"].each(func(e *element) {
		if id := e.attr["id"]; id != "" && !ids["word/"+id] {
			fault = e.name + " without relationship " + id
		}
	})
	return fault
}

// idFault checks that annotations have ids of their own, and that those that begin
// also end, once.
func (o *office) idFault() string {
	begun, ended, names := map[string]int{}, map[string]int{}, map[string]int{}
	comments := map[string]int{}
	fault := ""
	o.parts["word/document.xml"].each(func(e *element) {
		id := e.attr["w:id"]
		switch {
		case id == "":
		case e.name == "w:commentReference":
			comments[id]++
		case strings.HasSuffix(e.name, "RangeEnd"):
			if ended[id]++; begun[id] != 1 {
				fault = e.name + " before its start"
			}
		default:
			begun[id]++
			if strings.HasSuffix(e.name, "RangeStart") {
				ended[id] += 0
			}
		}
		if name := e.attr["w:name"]; name != "" {
			names[e.name+name]++
			if strings.HasPrefix(e.name, "w:moveFrom") {
				names["w:moveToRangeStart"+name] += 0
			} else {
				names["w:moveFromRangeStart"+name] += 0
			}
		}
	})
	for _, c := range o.parts["word/comments.xml"].kids {
		if comments[c.attr["w:id"]]--; len(c.kids) == 0 || comments[c.attr["w:id"]] != 0 {
			fault = "a comment that is not referred to once, or is empty"
		}
	}
	for what, n := range map[string]map[string]int{"id": begun, "end of": ended, "move": names} {
		for id, n := range n {
			if n != 1 {
				fault = fmt.Sprintf("%s %s stands %d times", what, id, n)
			}
		}
	}
	for id, n := range comments {
		if n != 0 {
			fault = "no comment " + id
		}
	}
	return fault
}

// line is a paragraph or a row as somebody reads it, with the look of each byte.
type line struct {
	row        bool
	text, look string
}

// resolved reads the body with all changes accepted, or all rejected.
func (o *office) resolved(accept bool) (lines []line, fault string) {
	r := &resolver{accept: accept}
	body := o.parts["word/document.xml"].kid("w:body")
	for _, e := range body.kids {
		switch e.name {
		case "w:p":
			r.paragraph(e)
		case "w:tbl":
			if r.carried.text != "" {
				r.fault = "words run into a table"
			}
			r.table(e)
		}
	}
	if last := body.kids[len(body.kids)-2]; last.name != "w:p" || r.carried.text != "" {
		r.fault = "the document does not end with a paragraph that stays"
	}
	return r.lines, r.fault
}

type resolver struct {
	accept  bool
	carried line // of paragraphs whose end is gone
	lines   []line
	fault   string
}

// gone tells whether what stands in a change goes.
func (r *resolver) gone(change string) bool {
	if r.accept {
		return change == "w:del" || change == "w:moveFrom"
	}
	return change == "w:ins" || change == "w:moveTo"
}

func (r *resolver) goes(of *element) bool {
	return of != nil && slices.ContainsFunc(of.kids, func(k *element) bool { return r.gone(k.name) })
}

func (r *resolver) paragraph(p *element) {
	r.words(p, "", &r.carried)
	if r.goes(p.kid("w:pPr", "w:rPr")) {
		return
	}
	if style := p.kid("w:pPr", "w:pStyle"); style == nil || style.attr["w:val"] != "Gap" {
		r.lines = append(r.lines, r.carried)
	} else if r.carried.text != "" {
		r.fault = "words in a gap"
	}
	r.carried = line{}
}

func (r *resolver) table(t *element) {
	for _, tr := range t.kids {
		if tr.name != "w:tr" || r.goes(tr.kid("w:trPr")) {
			continue
		}
		l := line{row: true}
		cells := 0
		for _, tc := range tr.kids {
			p := tc.kid("w:p")
			if tc.name != "w:tc" || p == nil {
				continue
			}
			if cells++; cells > 1 {
				l.text, l.look = l.text+" | ", l.look+"   "
			}
			r.words(p, "", &l)
			if r.goes(p.kid("w:pPr", "w:rPr")) {
				r.fault = "the end of a cell goes, the row stays"
			}
		}
		r.lines = append(r.lines, l)
	}
}

// words adds what stays of p to l.
func (r *resolver) words(p *element, change string, l *line) {
	look := byte(' ')
	for _, e := range p.kids {
		switch e.name {
		case "w:rPr":
			if was := e.kid("w:rPrChange", "w:rPr"); was != nil && !r.accept {
				e = was
			}
			look = lookOf(e)
		case "w:t", "w:delText":
			if (e.name == "w:delText") != (change == "w:del") {
				r.fault = e.name + " in " + change
			}
			l.add(e.text, look)
		case "w:br":
			l.add("\n", look)
		case "w:tab":
			l.add("\t", look)
		case "w:r", "w:hyperlink":
			r.words(e, change, l)
		case "w:ins", "w:del", "w:moveFrom", "w:moveTo":
			if change != "" {
				r.fault = e.name + " in " + change
			}
			if !r.gone(e.name) {
				r.words(e, e.name, l)
			}
		}
	}
}

func (l *line) add(text string, look byte) {
	l.text += text
	l.look += strings.Repeat(string(rune(look)), len(text))
}

// lookOf spells bold, italic, struck and code as bits above a space.
func lookOf(properties *element) byte {
	out := byte(' ')
	for i, name := range []string{"w:b", "w:i", "w:strike", "w:rFonts"} {
		if properties.kid(name) != nil {
			out += 1 << i
		}
	}
	return out
}

// expected is what a document shows of t.
func expected(t *markdown.Text) (out []line, forms []string) {
	for _, b := range t.Blocks {
		if b.Hidden() || b.Kind == markdown.Blank {
			continue
		}
		look := bytes.Repeat([]byte{' '}, len(b.Text))
		for _, m := range b.Marks {
			if bit := slices.Index([]string{"strong", "em", "del", "code"}, m.Kind); bit >= 0 {
				for i := m.Start; i < m.End; i++ {
					look[i] = ' ' + (look[i] - ' ') | 1<<bit
				}
			}
		}
		out = append(out, line{b.Kind == markdown.Row, b.Text, string(look)})
		forms = append(forms, b.Form)
	}
	return out, forms
}

var (
	countedItem = regexp.MustCompile(`(^|/)ol\d+/li$`)
	counted     = regexp.MustCompile(`^\d+\. `)
	forbidden   = regexp.MustCompile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
)

// sideFault compares what is left of a document with a text.
func (o *office) sideFault(t *markdown.Text, accept bool) string {
	got, fault := o.resolved(accept)
	if fault != "" {
		return fault
	}
	want, forms := expected(t)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			return fmt.Sprintf("%d lines, want %d", len(got), len(want))
		}
		bullet := ""
		if strings.HasSuffix("/"+forms[i], "/ul/li") {
			bullet = "•\t"
		} else if countedItem.MatchString(forms[i]) {
			bullet = counted.FindString(got[i].text)
		}
		g, w := got[i], want[i]
		w.text = bullet + w.text
		if forbidden.MatchString(w.text) {
			w.text = forbidden.ReplaceAllString(w.text, "\ufffd")
		} else if w.look = strings.Repeat(" ", len(bullet)) + w.look; !w.row && g.look != w.look {
			return fmt.Sprintf("line %d looks %q, want %q: %q", i, g.look, w.look, g.text)
		}
		if g.text != w.text || g.row != w.row {
			return fmt.Sprintf("line %d is %q, want %q", i, g.text, w.text)
		}
	}
	return ""
}

// docxFault checks everything that a document promises of two texts.
func docxFault(old, new *markdown.Text) string {
	r := redline.Compare(old, new)
	var b, again bytes.Buffer
	if err := r.DOCX(&b, "ru"); err != nil {
		return err.Error()
	}
	if err := r.DOCX(&again, "ru"); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		return "the same texts give other bytes"
	}
	o, err := open(b.Bytes())
	if err != nil {
		return err.Error()
	}
	for what, fault := range map[string]string{
		"package": o.packageFault(), "ids": o.idFault(),
		"accepted": o.sideFault(new, true), "rejected": o.sideFault(old, false),
	} {
		if fault != "" {
			return what + ": " + fault
		}
	}
	return ""
}

func TestDOCXOfCorpus(t *testing.T) {
	for document, files := range histories(t) {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			for i := 1; i < len(files); i += stride() {
				old, new := parseFile(t, files[i-1]), parseFile(t, files[i])
				if fault := docxFault(old, new); fault != "" {
					t.Fatalf("%s to %s: %s", files[i-1], files[i], fault)
				}
			}
		})
	}
}

func TestDOCXOfMutated(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := paragraphs(rt)
		b := mutated(rt, a)
		old, err := markdown.Parse([]byte(strings.Join(a, "\n\n")))
		if err != nil {
			rt.Skip(err)
		}
		new, err := markdown.Parse([]byte(strings.Join(b, "\n\n")))
		if err != nil {
			rt.Skip(err)
		}
		if fault := docxFault(old, new); fault != "" {
			rt.Fatalf("%s\nold %q\nnew %q", fault, old.Source, new.Source)
		}
	})
}
