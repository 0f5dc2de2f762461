package documents

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vestnik/documents/redline"
)

// Touch says that a changed clause speaks of something that users care about.
type Touch struct {
	Lang   string
	Clause string // its number, else its title; "" before the first clause
	Topic  string // a catalogue key: recipients, purposes, retention, …
}

// topics are what nobody may call editorial without a public reason, with the
// stems of the words that give them away. A stem too many costs one sentence of
// reason; a stem too few costs the user, so the lists are generous.
func topics() map[string][]string {
	return map[string][]string{
		"recipients": {"third part", "recipient", "disclos", "processor", "share with", "shared with",
			"треть", "получател", "передач", "передаё", "передаю", "обработчик", "үшінші тұлға", "үшінші тарап", "алушы", "беріледі", "береміз"},
		"purposes":  {"purpose", "цел", "мақсат"},
		"retention": {"retention", "retain", "delet", "stored for", "keep your", "хран", "срок", "удал", "уничтож", "сақта", "мерзім", "жою", "жойыл"},
		"countries": {"third countr", "transfer", "abroad", "cross-border", "трансграничн", "иностран", "за рубеж", "за предел", "шетел", "трансшекара"},
		"payment":   {"payment", "price", "fee", "refund", "charge", "оплат", "плат", "цен", "тариф", "возврат", "төлем", "төле", "баға"},
		"children":  {"child", "minor", "parent", "дет", "ребён", "ребен", "несовершеннолет", "родител", "бала", "кәмелет", "ата-ана"},
		"cookies":   {"cookie", "куки", "tracking", "analytics", "отслежив", "аналитик", "қадаға"},
		"rights":    {"right", "withdraw", "consent", "object", "прав", "согласи", "отозв", "отзыв", "құқы", "келісім", "қайтарып ал"},
		"contacts":  {"contact", "e-mail", "email", "phone", "address", "@", "контакт", "почт", "телефон", "адрес", "байланыс", "пошта", "мекенжай"},
	}
}

// touches lists the topics of what the redlines change. Text that only moved, got
// another number or another form does not count.
func touches(redlines map[string]*redline.Redline) (out []Touch) {
	words := topics()
	for _, lang := range slices.Sorted(maps.Keys(redlines)) {
		for _, entry := range redlines[lang].Changes {
			if !slices.Contains([]redline.Kind{redline.Changed, redline.Added, redline.Removed}, entry.Kind) {
				continue
			}
			text := said(entry)
			for topic, stems := range words {
				if speaksOf(text, stems) {
					out = append(out, Touch{lang, clauseOf(entry), topic})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Touch) int {
		return cmp.Or(cmp.Compare(a.Lang, b.Lang), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Clause, b.Clause))
	})
	return slices.Compact(out)
}

// said is what an entry said before and what it says now, the targets of links
// included, in lower case.
func said(e redline.Entry) string {
	var was, is strings.Builder
	for _, s := range e.Spans {
		if s.Op != "added" {
			was.WriteString(s.Text)
		}
		if s.Op != "removed" {
			is.WriteString(s.Text)
		}
	}
	for _, d := range e.Details {
		was.WriteString("\n" + d.Old)
		is.WriteString("\n" + d.New)
	}
	return strings.ToLower(was.String() + "\n" + is.String())
}

// speaksOf looks for the stems at the beginnings of words.
func speaksOf(text string, stems []string) bool {
	for _, stem := range stems {
		for at := 0; ; {
			i := strings.Index(text[at:], stem)
			if i < 0 {
				break
			}
			if at += i; at == 0 || stem == "@" || !isLetter(text[:at]) {
				return true
			}
			at += len(stem)
		}
	}
	return false
}

// isLetter tells whether s ends in a letter.
func isLetter(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r)
}

func clauseOf(e redline.Entry) string {
	for _, c := range []*string{e.NewClause, e.OldClause} {
		if c != nil {
			return *c
		}
	}
	return ""
}
