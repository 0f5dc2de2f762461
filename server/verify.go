package server

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

type verifyPage struct {
	page
	Key, Root, Origin, Checkpoint string
	Seq                           int64
	Texts                         []checkedText
	More                          bool   // there are texts that the page does not list
	File, Entry                   string // those of the commands
}

// checkedText is a text with what there is to compare it with.
type checkedText struct {
	Document, Lang, Dir, Language string
	Version, Href, File, Name     string
	Digest, Proof, ProofName      string
}

const textsMost = 60 // on the page; each version's own page has its digest too

// verify explains to somebody who has never seen a log how to check a text, an
// entry, and the whole log.
func (p *site) verify(v *visit) (view, error) {
	signed, err := v.signed()
	if err != nil {
		return view{}, err
	}
	size, err := p.Tree.Size(v.ctx)
	if err != nil {
		return view{}, err
	}
	out := &verifyPage{page: v.page(v.w.T("verify-title")), Key: p.Tree.VerifierKey(), Root: v.absolute(v.base()), Origin: p.Tree.Origin(), Checkpoint: string(signed), Seq: size, File: "text.md", Entry: fmt.Sprint(size)}
	out.Languages, out.Canonical = v.switched("/verify"), v.absolute(v.base()+"/verify")
	until, err := v.textsToCheck(out)
	if len(out.Texts) > 0 {
		out.File, out.Entry = out.Texts[0].Name, out.Texts[0].ProofName
	}
	return view{"verify.html", out, until}, err
}

// textsToCheck lists what is in force, or before that what is to come, until it
// changes.
func (v *visit) textsToCheck(out *verifyPage) (until time.Time, err error) {
	docs, err := v.Library.Documents(v.ctx)
	if err != nil {
		return until, err
	}
	for _, d := range docs {
		t, err := v.timeline(d.ID)
		if err != nil {
			return until, err
		}
		until = sooner(until, t.Next(v.now))
		show, ok := t.InForce(v.now)
		if next := t.Upcoming(v.now); !ok && len(next) > 0 {
			show, ok = next[0], true
		}
		if !ok || show.Withheld {
			continue
		}
		if len(out.Texts) >= textsMost {
			out.More = true
			continue
		}
		if err := v.checkedTexts(out, d, t, show); err != nil {
			return until, err
		}
	}
	return until, nil
}

func (v *visit) checkedTexts(out *verifyPage, d documents.Document, t documents.Timeline, show documents.Standing) error {
	ver, err := v.Library.Version(v.ctx, d.ID, show.Number)
	if err != nil {
		return err
	}
	var seq documents.Seq
	for _, e := range t.Events {
		if e.Version == show.Number && (e.Kind == documents.Published || e.Kind == documents.Imported) {
			seq = e.Seq
		}
	}
	texts := map[string]documents.Text{}
	for _, text := range ver.Texts {
		texts[text.Lang] = text
	}
	others := slices.DeleteFunc(slices.Clone(v.settings.Languages), func(tag string) bool { return tag == v.w.Lang })
	for _, tag := range ordered(texts, append([]string{v.w.Lang}, others...)) {
		text := texts[tag]
		at := v.href(d.ID, text.Lang, "v", show.Number)
		out.Texts = append(out.Texts, checkedText{
			Document: or(text.Title, d.ID), Lang: text.Lang, Dir: dirOf(text.Lang), Language: lang.Name(text.Lang), Version: versionName(v.w, show.Number), Href: at,
			File: at + "/text.md", Name: sourceName(d.ID, show.Number, text.Lang), Digest: text.SourceDigest().String(),
			Proof: fmt.Sprintf("%s/log/proof/%d", v.base(), seq), ProofName: fmt.Sprint(seq),
		})
	}
	return nil
}

func sourceName(document string, number int, tag string) string {
	return fmt.Sprintf("%s-%d-%s.md", document, number, tag)
}

// source serves a text's own bytes, whose digest is in the log.
func (p *site) source(v *visit, w http.ResponseWriter) error {
	n, err := numberIn(v.r.PathValue("n"))
	if err != nil {
		return err
	}
	anyoneMay(w)
	w.Header().Set("X-Robots-Tag", "noindex")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", sourceName(v.r.PathValue("document"), n, v.r.PathValue("lang"))))
	err = v.kept(w, textType, noSpot, func() ([]byte, time.Time, error) {
		body, err := v.sourceOf(n)
		return body, time.Time{}, err
	})
	if err != nil {
		w.Header().Del("Content-Disposition")
	}
	return err
}

func (v *visit) sourceOf(number int) ([]byte, error) {
	s, err := v.subject()
	if err != nil {
		return nil, err
	}
	switch here, ok := s.t.Standing(number); {
	case !ok:
		return nil, s.no("version")
	case here.Withheld:
		return nil, s.no("withheld")
	}
	ver, err := v.Library.Version(v.ctx, s.ID, number)
	if err != nil {
		return nil, err
	}
	text, ok := ver.Text(s.tag)
	if !ok {
		return nil, s.no("language")
	}
	return []byte(text.Source), nil
}
