package redline

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestCells: in a row each cell is compared with its own.
func TestCells(t *testing.T) {
	for _, want := range []string{
		`Acme | [Customer]{Technical and customer} support | France`,
		`{Vega (Cloud)}[Cloud Search] | {Search and customer}[Customer] support analysis | France | France`,
		`Acme Norway AS | Subsidiary | [France]{Norway} | [France]{Norway}`,
		`Имя | Цель | Страна{ | Срок}`,
		`Acme | Почта | Франция{ | Франция}`,
		`{Группа | }cookie_id | Помнит выбор языка читателя.{ | год}`,
		`cookie_id | {Сайт | }Помнит выбор языка читателя. | год`,
		`a | [x]{} | b`,
		`[x]{} | a |  | b`,
		`Acme | Рассылка писем{ и уведомлений} | Франция`,
		`Acme | [Рассылка писем]{Хранение копий} | [Франция]{Нидерланды}`,
	} {
		old, new := applied(want, false), applied(want, true)
		if got := spoken(old, new); applied(got, false) != old || applied(got, true) != new || !alikeEdits(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// alikeEdits compares what is said, whichever comes first of what is removed and
// what is added.
func alikeEdits(x, y string) bool {
	order := func(s string) string {
		for {
			at := strings.Index(s, "}[")
			if at < 0 {
				return strings.ReplaceAll(strings.ReplaceAll(s, "{}", ""), "[]", "")
			}
			open, end := strings.LastIndexByte(s[:at], '{'), at+strings.IndexByte(s[at:], ']')+1
			s = s[:open] + s[at+1:end] + s[open:at+1] + s[end:]
		}
	}
	return order(x) == order(y)
}

// TestNoEditCrossesBorders: rows of as many cells are edited in their cells alone.
func TestNoEditCrossesBorders(t *testing.T) {
	cell := rapid.Custom(func(t *rapid.T) string {
		words := strings.Fields("мы храним данные year . ст. 5 2024 года | . США")
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words[:rapid.SampledFrom([]int{3, 9}).Draw(t, "words")]), 0, 6).Draw(t, "cell"), " ")
	})
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 5).Draw(rt, "n")
		row := rapid.SliceOfN(cell, n, n)
		a, b := strings.Join(row.Draw(rt, "a"), border), strings.Join(row.Draw(rt, "b"), border)
		for _, s := range compareWords(a, b) {
			if s.Op != opSame && strings.Contains(s.Text, "|") {
				rt.Fatalf("%q crosses a border of\n%s\n%s", s.Text, a, b)
			}
		}
	})
}
