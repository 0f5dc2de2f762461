package server_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// scale is how much an installation holds.
type scale struct {
	versions, clauses int // of the document "rules"
	documents         int // in all
	long              int // bytes of each text of the document "code"
}

// huge is what the pages stay usable at.
var huge = scale{versions: 2000, clauses: 300, documents: 40, long: 1_500_000}

// prose writes what a policy might say, the same in every run.
type prose struct{ *rand.Rand }

func newProse(seed uint64) prose { return prose{rand.New(rand.NewPCG(seed, 7))} }

var proseWords = strings.Fields("данные пользователь вправе оператор обязан хранить срок договор услуга передача согласие обработка письменно уведомление адрес платёж возврат расчёт заявление порядок условие сторона закон тариф сервис счёт доступ запрос ответ день месяц год после до при или без для также включая настоящий указанный соответствующий предоставить направить получить исполнить прекратить изменить")

func (p prose) sentence(words int) string {
	var b strings.Builder
	for i := range words {
		word := proseWords[p.IntN(len(proseWords))]
		if i == 0 {
			runes := []rune(word)
			word = strings.ToUpper(string(runes[:1])) + string(runes[1:])
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String() + "."
}

// body is a text by chapters of clauses, each a paragraph with a life of its own.
type body struct {
	title    string
	chapters [][]string
	renewed  int // how often the first clause was written anew
}

const perChapter = 15

func (p prose) body(title string, clauses int) *body {
	b := &body{title: title}
	for i := range clauses {
		if i%perChapter == 0 {
			b.chapters = append(b.chapters, nil)
		}
		last := &b.chapters[len(b.chapters)-1]
		*last = append(*last, p.sentence(12+p.IntN(20)))
	}
	return b
}

func (b *body) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n\n", b.title)
	for i, chapter := range b.chapters {
		fmt.Fprintf(&out, "## %d. Глава о предмете %d\n\n", i+1, i+1)
		for j, clause := range chapter {
			fmt.Fprintf(&out, "%d.%d. %s\n\n", i+1, j+1, clause)
		}
	}
	return out.String()
}

// amend changes what a new version changes: the first clause always, a few others,
// and now and then one goes and another comes.
func (b *body) amend(p prose, changes int) {
	b.renewed++
	b.chapters[0][0] = fmt.Sprintf("Срок ответа составляет %d дней. %s", b.renewed, "Он считается со дня обращения.")
	for range changes {
		chapter := b.chapters[p.IntN(len(b.chapters))]
		i := p.IntN(len(chapter))
		words := strings.Fields(chapter[i])
		words[p.IntN(len(words))] = proseWords[p.IntN(len(proseWords))]
		chapter[i] = strings.Join(words, " ")
	}
	if b.renewed%10 == 0 {
		c := p.IntN(len(b.chapters)-1) + 1
		i := p.IntN(len(b.chapters[c]))
		b.chapters[c] = append(append(append([]string{}, b.chapters[c][:i]...), b.chapters[c][i+1:]...), p.sentence(20))
	}
}
