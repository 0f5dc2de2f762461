package redline_test

import (
	"bytes"
	"strings"
	"testing"

	"vestnik/documents/redline"
)

// headed is a text of five headings, those of the clauses at a level.
func headed(level string) string {
	return strings.NewReplacer("@", level).Replace("Words for all.\n\n@ Mail\n\nWe write letters.\n\n@ Rights\n\nYou may ask us for a copy.\n\n@# Copies\n\nA copy costs nothing.\n\n@ Payment\n\nYou pay once a year.\n\n@ Courts\n\nThe court is in the city.\n")
}

func TestHeadingsOfOtherLevelsAreOneLine(t *testing.T) {
	old, new := parse(t, headed("##")), parse(t, strings.Replace(headed("###"), "once a year", "twice a year", 1))
	down, up := redline.Compare(old, new), redline.Compare(new, old)
	const names = " (Mail; Rights; Copies %s)"
	for _, c := range []struct {
		r              *redline.Redline
		tag, want, and string
	}{
		{down, "en", "5 headings are one level deeper", "and 2 more"},
		{down, "ru", "5 заголовков стали ниже на 1 уровень", "и ещё 2"},
		{down, "kk", "5 тақырып 1 деңгейге төмендеді", "және тағы 2"},
		{up, "en", "5 headings are one level higher", "and 2 more"},
		{up, "ru", "5 заголовков стали выше на 1 уровень", "и ещё 2"},
		{up, "kk", "5 тақырып 1 деңгейге көтерілді", "және тағы 2"},
	} {
		head := c.want + strings.Replace(names, "%s", c.and, 1)
		if got := heads(t, c.r, c.tag); len(got) != 2 || got[0] != head {
			t.Errorf("got %q\nwant %q", got, head)
		}
		if got := c.r.Sentence(c.tag); !strings.HasSuffix(got, "; "+c.want+".") {
			t.Errorf("got %s", got)
		}
		if got := strings.Count(c.r.HTML(c.tag), `<section class="rl-entry`); got != 2 {
			t.Errorf("%d sections", got)
		}
		if x := c.r.Excerpt(1000); len(x.Passages) != 2 || x.Passages[0].Headline(c.tag) != head || len(x.Passages[0].Remarks(c.tag)) != 0 {
			t.Errorf("excerpt %+v", x)
		}
	}
	if n := down.Summary.Changed; n != 6 {
		t.Errorf("%d changed", n)
	}
}

// TestOneHeadingOfAnotherLevel is told of at its place, and so are those that rose
// as far as no other.
func TestOneHeadingOfAnotherLevel(t *testing.T) {
	new := strings.NewReplacer("## Mail", "### Mail", "### Copies", "## Copies").Replace(headed("##"))
	r := redline.Compare(parse(t, headed("##")), parse(t, new))
	if got := strings.Join(heads(t, r, "en"), "; "); got != "“Mail” — changed; “Copies” — changed" {
		t.Errorf("got %s", got)
	}
}

func TestRangesNameTheirParentOnce(t *testing.T) {
	const old = "# § 1 Aims\n\n(1) This law is for all people.\n\n(2) It holds in the city.\n\n(3) It holds abroad.\n"
	new := strings.NewReplacer("(1)", "(1) A new aim of some words.\n\n(2)", "(2)", "(3)", "(3)", "(4)").Replace(old)
	r := redline.Compare(parse(t, old), parse(t, new))
	if got := strings.Join(heads(t, r, "en"), "; "); got != "§ 1 → (1) — added; § 1 → (1)–(3) are now (2)–(4)" {
		t.Errorf("got %s", got)
	}
}

// TestWordlessPassagesHaveNoBox adds and removes dividing lines and pictures
// without a description.
func TestWordlessPassagesHaveNoBox(t *testing.T) {
	const base = "## 1. Data\n\nWe keep the data for a year.\n\nWe keep no other data.\n"
	for _, line := range []string{"---\n\n", "![](a.png)\n\n"} {
		new := strings.Replace(base, "We keep no", line+"We keep no", 1)
		for _, r := range []*redline.Redline{redline.Compare(parse(t, base), parse(t, new)), redline.Compare(parse(t, new), parse(t, base))} {
			if html := r.HTML("en"); strings.Contains(html, "rl-pair") || strings.Count(html, "rl-note") != 1 {
				t.Errorf("%s", html)
			}
		}
	}
}

func TestRowsThatFollowAreOneLine(t *testing.T) {
	for _, head := range []string{"Words.", "## Contents"} {
		testFollowing(t, head)
	}
}

func testFollowing(t *testing.T, head string) {
	old := head + "\n\n- [See section 2](#a) on mail.\n- [See section 3](#b) on money.\n- Read it all, please.\n\n## 1. Aims\n\nAims of some words.\n\n## 2. Mail\n\nMail of some words.\n\n## 3. Money\n\nMoney of some words.\n"
	new := strings.NewReplacer("section 2", "section 3", "section 3", "section 4", "please", "twice", "## 2.", "## 2. Courts\n\nThe court is in the city.\n\n## 3.", "## 3.", "## 4.").Replace(old)
	r := redline.Compare(parse(t, old), parse(t, new))
	var b bytes.Buffer
	if err := r.Text(&b, "en"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "  Only the numbers changed in 2 passages.\n") || strings.Contains(b.String(), "on money") {
		t.Errorf("%s", b.String())
	}
	if html := r.HTML("en"); strings.Count(html, `class="rl-follow"`) != 2 {
		t.Errorf("%s", html)
	}
}
