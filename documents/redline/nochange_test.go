package redline_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// Little policies with every kind of mark, in three languages.
var policies = map[string]string{
	"ru": `---
title: Политика сервиса
lang: ru
---

# Политика сервиса

Мы объясняем, что **всегда храним** и что *никогда* не продаём. Подробнее — на [странице](https://example.kz/data "О данных") и по адресу https://example.kz/help, или пишите на почту: help@example.kz.

## 1. Общие положения

1.1. Сервис «Ёлка» & партнёры обрабатывают данные, которые вы дали сами! Срок — 30&nbsp;дней со дня, когда мы их получили, и не дольше ни при каких условиях.

1.2. Почтовый адрес:\
улица Абая, дом 5.

- имя и фамилия, как в паспорте
- номер телефона, который вы ~~сообщили~~ подтвердили
- файл ` + "`cookies.txt`" + ` на вашем устройстве

| Цель | Срок хранения |
|---|---|
| Доставка заказа | тридцать дней |
| Оплата заказа | пять лет |

***

## 2. Ваши права

Вы можете отозвать согласие[^1] в любой день, и мы удалим всё, что храним.

1. зайти в настройки
2. нажать кнопку

## Вопросы и ответы

> Ответим за пять рабочих дней.

` + "```" + `
GET /DATA

DELETE /DATA
` + "```" + `

[^1]: Согласие даётся отдельно для каждой цели.
`,
	"kk": `---
title: Сервис саясаты
lang: kk
---

# Сервис саясаты

Біз **әрқашан нені** сақтайтынымызды және *ешқашан* нені сатпайтынымызды түсіндіреміз. Толығырақ — [бетте](https://example.kz/data "Деректер туралы") және мына мекенжайда: https://example.kz/help, немесе хат жазыңыз: help@example.kz.

## 1. Жалпы ережелер

1.1. «Қайың» сервисі & серіктестері өзіңіз берген деректерді өңдейді! Мерзімі — алған күннен бастап 30&nbsp;күн, одан ұзақ емес.

1.2. Пошталық мекенжай:\
Абай көшесі, 5-үй.

- төлқұжаттағыдай аты мен тегі
- сіз ~~айтқан~~ растаған телефон нөмірі
- құрылғыңыздағы ` + "`cookies.txt`" + ` файлы

| Мақсат | Сақтау мерзімі |
|---|---|
| Тапсырысты жеткізу | отыз күн |
| Тапсырысты төлеу | бес жыл |

***

## 2. Сіздің құқықтарыңыз

Келісімді[^1] кез келген күні кері қайтарып ала аласыз, біз бәрін жоямыз.

1. баптауларды ашу
2. батырманы басу

## Сұрақтар

> Бес жұмыс күнінде жауап береміз.

` + "```" + `
GET /DATA

DELETE /DATA
` + "```" + `

[^1]: Келісім әр мақсатқа бөлек беріледі.
`,
	"en": `---
title: Policy of the service
lang: en
---

# Policy of the service

We explain what we **always keep** and what we *never* sell. More — on [the page](https://example.kz/data "About data") and at https://example.kz/help, or write to help@example.kz.

## 1. General

1.1. The “Café” service & partners process the data that you gave! The term — 30&nbsp;days from the day on which we got them, and no longer in any case.

1.2. Postal address:\
Abay street, house 5.

- name and surname, as in the passport
- the telephone number that you ~~told~~ confirmed
- the file ` + "`cookies.txt`" + ` on your device

| Purpose | How long we keep it |
|---|---|
| Delivery of the order | thirty days |
| Payment of the order | five years |

***

## 2. Your rights

You may withdraw consent[^1] on any day, and we shall delete all that we keep.

1. open the settings
2. press the button

## Questions

> We answer within five working days.

` + "```" + `
GET /DATA

DELETE /DATA
` + "```" + `

[^1]: Consent is given for each purpose.
`,
}

// perLine rewrites the lines of running text: those that begin with a letter, or
// with a number of two parts.
func perLine(f func(string) string) func(string) string {
	running := regexp.MustCompile(`(?m)^(?:\pL|1\.1\. )[^|:\n]{20}[^|\n]*$`)
	return func(s string) string { return running.ReplaceAllStringFunc(s, f) }
}

func replace(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

func swap(pattern, by string) func(string) string {
	re := regexp.MustCompile(pattern)
	return func(s string) string { return re.ReplaceAllString(s, by) }
}

// rewrites change the source of a policy, and nothing that readers get.
var rewrites = map[string]func(string) string{
	"lines wrapped anew":           perLine(swap(` (\p{Ll})`, "\n$1")),
	"lines wrapped and indented":   perLine(swap(` (\p{Ll})`, "\n   $1")),
	"spaces at the end of lines":   swap(`(?m)([\p{Ll}.|])$`, "$1 "),
	"tabs for spaces":              perLine(swap(` (\p{Ll})`, "\t$1")),
	"tabs behind marks":            swap(`(?m)^(-|#+|>|\d\.) `, "$1\t"),
	"two spaces for one":           perLine(swap(` (\p{Ll})`, "  $1")),
	"asterisks as bullets":         swap(`(?m)^- `, "* "),
	"plus signs as bullets":        swap(`(?m)^- `, "+   "),
	"indented bullets":             swap(`(?m)^- `, "  - "),
	"a loose list":                 swap(`(?m)^(-.*)$`, "$1\n"),
	"link by reference":            swap(`\]\((\S+ "[^"]+")\)(?s:(.*))$`, "][r]$2\n[r]: $1\n"),
	"link by its own words":        swap(`\[([^]^]+)\]\((\S+ "[^"]+")\)(?s:(.*))$`, "[$1]$3\n[$1]: $2\n"),
	"link in angle brackets":       swap(`\]\((\S+) "([^"]+)"\)`, "](<$1> '$2')"),
	"title in brackets":            swap(`\]\((\S+) "([^"]+)"\)`, "](  $1\n($2) )"),
	"entities in a title":          swap(`"(\pL+) (\pL+)"\)`, `"$1&#32;$2")`),
	"link as HTML":                 swap(`\[([^]^]+)\]\((\S+) "([^"]+)"\)`, `<a href='$2' title="$3" class=x>$1</a>`),
	"underscores for bold":         swap(`\*\*([^*]+)\*\*`, "__${1}__"),
	"underscores for italics":      swap(`([^*])\*([^* \n]+)\*([^*])`, "${1}_${2}_${3}"),
	"HTML for bold":                swap(`\*\*([^*]+)\*\*`, "<strong>$1</strong>"),
	"old HTML for bold":            swap(`\*\*([^*]+)\*\*`, "<b id=x>$1</b>"),
	"HTML for italics":             swap(`([^*])\*([^* \n]+)\*([^*])`, "$1<i>$2</i>$3"),
	"HTML for struck out":          swap(`~~(\pL+)~~`, "<s>$1</s>"),
	"HTML for code":                swap("`(cookies.txt)`", "<code>$1</code>"),
	"more backticks":               swap("`(cookies.txt)`", "`` $1 ``"),
	"HTML without effect":          swap(`\*\*([^*]+)\*\*`, "<span class=x>**$1**</span>"),
	"bold in two parts":            swap(`\*\*(\pL+) (\pL+)\*\*`, "**$1** **$2**"),
	"table padded":                 swap(`(?m) \| (\pL+) (\pL+)`, "   |   $1 $2   "),
	"table without outer pipes":    swap(`(?m)^\| (.*) \|$`, "$1"),
	"table with longer dashes":     replace("|---|---|", "| ----- | -- |"),
	"underlined headings":          swap(`(?m)^# (.*)$`, "$1\n======"),
	"underlined lesser headings":   swap(`(?m)^## (\pL.*)$`, "$1\n--"),
	"closed headings":              swap(`(?m)^(#+) (.*)$`, "$1 $2 $1##"),
	"indented headings":            swap(`(?m)^(#+) `, "  $1   "),
	"named entities":               replace("&nbsp;", "&nbsp;", "&", "&amp;", "—", "&mdash;", "«", "&laquo;", "»", "&raquo;", "“", "&ldquo;", "”", "&rdquo;"),
	"numeric entities":             replace("— ", "&#8212; ", "«", "&#xAB;", "»", "&#187;", "как ", "к&#1072;к ", "“", "&#x201c;", "күн", "к&#1199;н"),
	"the character of an entity":   replace("&nbsp;", "\u00a0"),
	"backslashes before signs":     perLine(swap(`([,!])`, `\$1`)),
	"characters taken apart":       norm.NFD.String,
	"byte-order mark":              func(s string) string { return "\ufeff" + s },
	"CRLF":                         replace("\n", "\r\n"),
	"byte-order mark and CRLF":     func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") },
	"CR within paragraphs":         perLine(swap(` (\p{Ll})`, "\r$1")),
	"no last line end":             strings.TrimSpace,
	"empty lines":                  swap(`([\p{Ll}.])\n\n`, "$1\n \n\t\n\n"),
	"tildes for fences":            replace("```", "~~~~"),
	"indented code":                replace("```\nGET /DATA\n\nDELETE /DATA\n```", "    GET /DATA\n\n    DELETE /DATA"),
	"another rule":                 replace("***", "---"),
	"a third rule":                 replace("***", " _ _ _ _"),
	"HTML for a rule":              replace("***", "- - -"),
	"addresses in angle brackets":  replace("https://example.kz/help", "<https://example.kz/help>", "help@example.kz", "<help@example.kz>"),
	"addresses as links":           replace("https://example.kz/help", "[https://example.kz/help](https://example.kz/help)", "help@example.kz", "[help@example.kz](mailto:help@example.kz)"),
	"spaces for a hard break":      replace("\\\n", "   \n"),
	"HTML for a hard break":        replace("\\\n", "<br>\n"),
	"closed HTML for a hard break": replace("\\\n", "<br />"),
	"front matter in other order":  swap(`title: (.*)\nlang: (..)\n`, "lang: \"$2\"\nauthor: x\ntitle: '$1'\n"),
	"no space in quotes":           swap(`(?m)^> `, ">"),
	"another label of a footnote":  replace("[^1]", "[^note]"),
	"comments":                     swap(`(?m)^(1\.\d\. \S+)`, "$1<!-- a remark -->"),
	"paragraph in HTML":            swap(`(?m)^> (.*)$`, "> <p>$1</p>"),
	"numbers left to counting":     replace("\n2. ", "\n1. "),
}

// TestNoChange: what is no difference to readers is called none, both ways.
func TestNoChange(t *testing.T) {
	for lang, policy := range policies {
		old := parse(t, policy)
		for name, rewrite := range rewrites {
			t.Run(lang+"/"+name, func(t *testing.T) {
				source := rewrite(policy)
				if source == policy {
					t.Fatal("there is nothing to rewrite")
				}
				new := parse(t, source)
				if e := loud(check(t, old, new), old, new); e != "" {
					t.Errorf("%s\n%s", e, source)
				}
			})
		}
	}
}

// loud tells of the first entry that says to readers that something differs.
func loud(r *redline.Redline, old, new *markdown.Text) string {
	for _, e := range r.Changes {
		switch e.Kind {
		case redline.Same, redline.Reformatted, redline.Renumbered:
			continue
		case redline.Removed:
			if old.Blocks[e.OldBlocks[0]].Hidden() {
				continue
			}
		case redline.Added:
			if new.Blocks[e.NewBlocks[0]].Hidden() {
				continue
			}
		}
		return fmt.Sprintf("%s: %q %q", e.Kind, e.Spans, e.Details)
	}
	return ""
}
