package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// class is what a word does in a phrase with a number.
type class uint8

const (
	ofNothing class = iota
	ofClause        // announces or follows the number of a clause: п. 3, 2-тармақ, Art. 6
	ofMonth
	ofYear      // 2024 года, 2024 жылғы
	ofMoney     // 500 тенге, 3 МРП
	ofThousands // 10 млн
	ofAct       // GDPR, ЗРК: beside a reference
	ofDollar    // USD 3,000
	ofDate      // a phrase
)

// classOf looks a word up, in all languages at once.
func classOf(word string) class {
	if r, _ := utf8.DecodeRuneInString(word); unicode.Is(unicode.Sc, r) {
		return ofMoney
	}
	lower := strings.ToLower(word)
	if at := strings.LastIndexAny(lower, "'’"); at >= 0 && at+1 < len(lower) { // l'article
		lower = strings.TrimLeft(lower[at:], "'’")
	}
	if c, ok := vocabulary[lower]; ok {
		if lower == word && (word == "may" || word == "march" || word == "no") {
			return ofNothing // a verb, a denial
		}
		return c
	}
	for _, s := range stems {
		if strings.HasPrefix(lower, s.stem) {
			return s.class
		}
	}
	return ofNothing
}

// vocabulary holds whole words.
var vocabulary = classes(map[class]string{
	ofClause: "§ §§ № n° no nr п пп ст ч гл абз подп разд прил пар art arts sec secs para paras cl abs satz nummer buchstabe lit litera ziff ziffer halbsatz kapitel anlage anhang al point points " +
		"סעיף בסעיף לסעיף סעיפים תקנה בתקנה תקנות المادة مادة بالمادة للمادة الفقرة فقرة البند بند",
	ofMonth: "май мая мае маем january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec " +
		"januar februar märz mai juni juli oktober dezember janvier février mars avril juin juillet août septembre octobre novembre décembre " +
		"يناير فبراير مارس أبريل إبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر " +
		"ינואר פברואר מרץ מרס אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר בינואר בפברואר במרץ במרס באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר",
	ofYear:      "год года году годом г ж жыл жылы жылғы жылдың жылдан жылға",
	ofMoney:     "тг руб долл евро еуро dollar dollars euro euros pound pounds cent cents yen yuan franc francs tenge usd eur kzt rub gbp chf cny jpy 円 元",
	ofThousands: "млн млрд тыс мың million millions millionen billion billions thousand mio mrd milliard milliards 万 億 亿",
	ofAct:       "gdpr dsgvo bdsg ttdsg tdddg rgpd ccpa bgb stgb hgb uwg tfeu aeuv зрк рк рф гк ук нк тк қр қрз фз",
	ofDollar:    "us a hk",
})

// stems are the beginnings of words that change their endings.
var stems = []struct {
	stem  string
	class class
}{
	{"пункт", ofClause}, {"подпункт", ofClause}, {"раздел", ofClause}, {"подраздел", ofClause}, {"стать", ofClause}, {"част", ofClause}, {"глав", ofClause}, {"приложени", ofClause}, {"абзац", ofClause}, {"параграф", ofClause},
	{"тарма", ofClause}, {"бап", ofClause}, {"баб", ofClause}, {"бөлім", ofClause}, {"бөліг", ofClause}, {"тарау", ofClause}, {"қосымша", ofClause},
	{"clause", ofClause}, {"section", ofClause}, {"subsection", ofClause}, {"article", ofClause}, {"paragraph", ofClause}, {"subparagraph", ofClause}, {"chapter", ofClause}, {"annex", ofClause}, {"appendi", ofClause}, {"schedule", ofClause}, {"recital", ofClause},
	{"artikel", ofClause}, {"absatz", ofClause}, {"absätze", ofClause}, {"abschnitt", ofClause}, {"alinéa", ofClause},
	{"январ", ofMonth}, {"феврал", ofMonth}, {"март", ofMonth}, {"апрел", ofMonth}, {"июн", ofMonth}, {"июл", ofMonth}, {"август", ofMonth}, {"сентябр", ofMonth}, {"октябр", ofMonth}, {"ноябр", ofMonth}, {"декабр", ofMonth},
	{"қаңтар", ofMonth}, {"ақпан", ofMonth}, {"наурыз", ofMonth}, {"сәуір", ofMonth}, {"мамыр", ofMonth}, {"маусым", ofMonth}, {"шілде", ofMonth}, {"тамыз", ofMonth}, {"қыркүйек", ofMonth}, {"қазан", ofMonth}, {"қараша", ofMonth}, {"желтоқсан", ofMonth},
	{"тенге", ofMoney}, {"теңге", ofMoney}, {"рубл", ofMoney}, {"доллар", ofMoney}, {"юан", ofMoney}, {"тиын", ofMoney}, {"копе", ofMoney}, {"мрп", ofMoney}, {"аек", ofMoney}, {"мзп", ofMoney},
	{"миллион", ofThousands}, {"миллиард", ofThousands}, {"тысяч", ofThousands},
}

func classes(of map[class]string) map[string]class {
	out := map[string]class{}
	for c, words := range of {
		for _, w := range strings.Fields(words) {
			out[w] = c
		}
	}
	return out
}
