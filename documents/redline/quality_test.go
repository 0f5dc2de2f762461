package redline_test

import (
	"fmt"
	"strings"
	"testing"

	"vestnik/documents/redline"
)

// placed lists what is not same, each as kind, flags and lines: "changed+moved 3>5".
func placed(r *redline.Redline) string {
	var out []string
	for _, e := range differing(r) {
		s := string(e.Kind)
		for _, f := range []struct {
			name string
			set  bool
		}{{"moved", e.Moved}, {"renumbered", e.Renum}, {"reformatted", e.Reform}, {"split", e.Split > 0}, {"joined", e.Joined > 0}} {
			if f.set {
				s += "+" + f.name
			}
		}
		out = append(out, s+" "+lineSpan(e.OldLines)+">"+lineSpan(e.NewLines))
	}
	return strings.Join(out, "; ")
}

func lineSpan(l *[2]int) string {
	switch {
	case l == nil:
		return ""
	case l[0] == l[1]:
		return fmt.Sprint(l[0])
	}
	return fmt.Sprintf("%d-%d", l[0], l[1])
}

// inserted is a policy of three sections whose middle one has 21 clauses, and the
// same with one more clause before them. Two clauses refer to others.
func inserted(clause, refer, more string) (old, new string) {
	write := func(shift int) string {
		var b strings.Builder
		b.WriteString("# T\n\n1. General\n\n1.1. " + fmt.Sprintf(refer, fmt.Sprintf("2.%d", 4+shift)) + "\n\n2. Rules\n\n")
		if shift > 0 {
			b.WriteString("2.1. " + more + "\n\n")
		}
		for i := range 21 {
			fmt.Fprintf(&b, "2.%d. "+clause+"\n\n", i+1+shift, numberWords[i])
		}
		b.WriteString("3. Last\n\n3.1. " + fmt.Sprintf(refer, fmt.Sprintf("2.%d", 21+shift)) + "\n")
		return b.String()
	}
	return write(0), write(1)
}

var numberWords = strings.Fields("alma besik cirk dala ember fonar gora hata iskra juldyz kitap luna more nauryz orman poyezd qala reka shatyr tau uy")

// TestInserted: one added clause and 21 renumbered ones; references follow.
func TestInserted(t *testing.T) {
	for name, c := range map[string][3]string{
		"en": {"The company keeps %s only as long as it is needed.", "Rights are told in clause %s of this text.", "Children are asked for the consent of a parent."},
		"ru": {"Компания хранит %s только до тех пор, пока это нужно.", "О правах сказано в пункте %s настоящего текста.", "У детей спрашивается согласие родителей."},
		"kk": {"Компания %s деректерін қажет болғанша ғана сақтайды.", "Құқықтар туралы осы мәтіннің %s-тармағында айтылған.", "Балалар үшін ата-анасының келісімі сұралады."},
	} {
		t.Run(name, func(t *testing.T) {
			old, new := inserted(c[0], c[1], c[2])
			r := check(t, parse(t, old), parse(t, new))
			want := redline.Summary{Same: 4, Added: 1, Renumbered: 23}
			if r.Summary != want {
				t.Errorf("got %+v, want %+v: %s", r.Summary, want, placed(r))
			}
		})
	}
}

// TestFollowing: what refers to 6.4 follows it to 6.5, whatever announces it.
func TestFollowing(t *testing.T) {
	base := "# T\n\n6. Rules\n\n6.1. The first of all rules is that mail is answered.\n\n6.2. Second comes the care for children and their data.\n\n6.3. Third is what partners of the company receive.\n\n6.4. Fourth, complaints are heard within ten days.\n\n6.5. Fifth, the register of versions is open to everyone.\n\n7. Last\n\n7.1. "
	shifted := strings.NewReplacer("6.3. ", "6.3. Nobody sells anything to advertisers at all.\n\n6.4. ", "6.4. ", "6.5. ", "6.5. ", "6.6. ").Replace(base)
	for _, c := range []struct {
		old, new string
		follows  bool
	}{
		{"See clause 6.4.", "See clause 6.5.", true},
		{"As clauses 6.4 and 6.5 say.", "As clauses 6.5 and 6.6 say.", true},
		{"As Sections 6.3–6.5 say.", "As Sections 6.4–6.6 say.", true},
		{"As Sections 6.3 — 6.5 say.", "As Sections 6.4 — 6.6 say.", true},
		{"Согласно пункту 6.4 настоящего текста.", "Согласно пункту 6.5 настоящего текста.", true},
		{"Согласно пп. 6.4 и 6.5 настоящего текста.", "Согласно пп. 6.5 и 6.6 настоящего текста.", true},
		{"Согласно п. 6.4, 6.5 настоящего текста.", "Согласно п. 6.5, 6.6 настоящего текста.", true},
		{"Согласно п.6.4 настоящего текста.", "Согласно п.6.5 настоящего текста.", true},
		{"В порядке п.п. 6.3-6.5.", "В порядке п.п. 6.4-6.6.", true},
		{"Осы мәтіннің 6.4-тармағына сәйкес.", "Осы мәтіннің 6.5-тармағына сәйкес.", true},
		{"Осы мәтіннің 6.3, 6.4 және 6.5-тармақтарына сәйкес.", "Осы мәтіннің 6.4, 6.5 және 6.6-тармақтарына сәйкес.", true},
		{"Осы мәтіннің 6.3–6.5-тармақтарына сәйкес.", "Осы мәтіннің 6.4–6.6-тармақтарына сәйкес.", true},
		{"It costs 6.4 euro.", "It costs 6.5 euro.", false},
		{"See clause 6.4.", "See clause 6.6.", false},
		{"See clause 6.4.", "See clauses 6.5.", false},
		{"Срок 6.4 дня.", "Срок 6.5 дня.", false},
	} {
		t.Run(c.old, func(t *testing.T) {
			r := check(t, parse(t, base+c.old+"\n"), parse(t, shifted+c.new+"\n"))
			last := r.Changes[len(r.Changes)-1]
			if got := last.Kind == redline.Renumbered; got != c.follows {
				t.Errorf("%s: %v", last.Kind, last.Spans)
			}
		})
	}
}

// TestContents: rows of contents that name and link clauses whose letter changed
// follow them; other links and words do not.
func TestContents(t *testing.T) {
	old := "# T\n\n| Section | Says |\n|---|---|\n| [C. Mail](#c-mail) | Post |\n| [D. The End](#d-the-end) | Last |\n| [C. Mail](#d-the-end) | Both |\n| D. Day | None |\n\nPay [as told](#c-mail), [said](#c-mail).\n\n## A. Scope\n\nWords about the scope of it.\n\n## B. Payment\n\nWhat is paid, and when.\n\n## C. Mail\n\nMail is answered by people.\n\n## D. The end\n\nIt ends some day.\n"
	new := strings.NewReplacer("## B. Payment\n\nWhat is paid, and when.\n\n", "", "[C. Mail](#c-mail)", "[B. Mail](#b-mail)", "[D. The End](#d-the-end)", "[C. The End](#c-the-end)", "[C. Mail](#d-the-end)", "[B. Mail](#d-the-end)",
		"D. Day", "C. Day", "#c-mail)", "#b-mail)", "## C.", "## B.", "## D.", "## C.").Replace(old)
	r := check(t, parse(t, old), parse(t, new))
	if got, want := placed(r), "renumbered 5>5; renumbered 6>6; renumbered 7>7; changed 8>8; renumbered 10>10; removed 16>; removed 18>; renumbered 20>16; renumbered 24>20"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	old = strings.Replace(old, "[said](#c-mail)", "[said](#d-the-end)", 1)
	if r = check(t, parse(t, old), parse(t, new)); len(r.Changes) < 7 || !strings.Contains(placed(r), "changed 10>10") {
		t.Errorf("a link that leads elsewhere: %s", placed(r))
	}
}

// TestLetters: lettered sections that moved up take their references with them.
func TestLetters(t *testing.T) {
	old := "# T\n\n## A. Scope\n\nWords about the scope of it.\n\n## B. Payment\n\nWhat is paid, and when, see Section D.2.\n\n## C. Mail\n\nMail is answered by people.\n\n## D. End\n\n1. It ends some day.\n\n2. Section C. stays; Sections B–C too.\n"
	new := strings.NewReplacer("## B. Payment\n\nWhat is paid, and when, see Section D.2.\n\n", "", "## C.", "## B.", "## D.", "## C.", "Section C.", "Section B.", "Sections B–C too", "Sections B too").Replace(old)
	r := check(t, parse(t, old), parse(t, new))
	if got, want := placed(r), "removed 7>; removed 9>; renumbered 11>7; renumbered 15>11; changed 19>15"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

var moves = []struct {
	name     string
	old, new string
	want     string
}{
	{"clause", "1. Alpha is the first of the words here.\n\n2. Beta follows it with other words of its own.\n\n3. Gamma ends what the two have begun.\n",
		"1. Alpha is the first of the words here.\n\n2. Gamma ends what the two have begun.\n\n3. Beta follows it with other words of its own.\n",
		"moved+renumbered 5>3; renumbered 3>5"},
	{"clause changed a little", "# Т\n\nПервый абзац говорит о данных пользователя и об их хранении.\n\nВторой абзац говорит о праве получить копию своих данных бесплатно.\n\nТретий абзац говорит о том, кому жаловаться и в какой срок ответят.\n\nЧетвёртый абзац закрывает текст и ничего не добавляет к нему.\n",
		"# Т\n\nВторой абзац говорит о праве получить копию всех своих данных бесплатно.\n\nТретий абзац говорит о том, кому жаловаться и в какой срок ответят.\n\nЧетвёртый абзац закрывает текст и ничего не добавляет к нему.\n\nПервый абзац говорит о данных пользователя и о сроке их хранения.\n",
		"changed 5>3; changed+moved 3>9"},
	{"items swapped", "# L\n\n- your name\n- your address\n- the time of your visit\n", "# L\n\n- your address\n- your name\n- the time of your visit\n", "moved 3>4"},
	{"items swapped, kk", "# Т\n\n- атыңыз;\n- мекенжайыңыз;\n- телефон нөміріңіз.\n", "# Т\n\n- атыңыз;\n- телефон нөміріңіз;\n- мекенжайыңыз.\n", "changed 5>4; changed+moved 4>5"},
	{"item to another list", "# L\n\nWe keep:\n\n- your name\n- what you bought in our shops\n\nWe sell:\n\n- nothing\n", "# L\n\nWe keep:\n\n- your name\n\nWe sell:\n\n- nothing\n- what you bought in our shops\n", "moved 6>10"},
	{"rows in another order", "# T\n\n| who | where |\n|---|---|\n| Anker | Almaty |\n| Brise | Berlin |\n| Cedar | Cork |\n| Dorn | Dublin |\n", "# T\n\n| who | where |\n|---|---|\n| Dorn | Dublin |\n| Anker | Almaty |\n| Brise | Berlin |\n| Cedar | Cork |\n", "moved 8>5"},
	{"row with another cell", "# T\n\n| who | what | where |\n|---|---|---|\n| Anker | mail | Almaty |\n| Brise | mail | Berlin |\n", "# T\n\n| who | what | where |\n|---|---|---|\n| Anker | mail | Astana |\n| Brise | mail | Berlin |\n", "changed 5>5"},
	{"row moved, a cell other", "# T\n\n| who | what | where |\n|---|---|---|\n| Anker | letters and parcels | Almaty |\n| Brise | servers | Berlin |\n| Cedar | trees | Cork |\n", "# T\n\n| who | what | where |\n|---|---|---|\n| Brise | servers | Berlin |\n| Cedar | trees | Cork |\n| Anker | letters and parcels | Astana |\n", "changed+moved 5>7"},
	{"row added, row removed", "# T\n\n| who | where |\n|---|---|\n| Anker | Almaty |\n| Brise | Berlin |\n| Cedar | Cork |\n", "# T\n\n| who | where |\n|---|---|\n| Anker | Almaty |\n| Cedar | Cork |\n| Dorn | Dublin |\n", "removed 6>; added >7"},
	{"the lesser part moves", "# A\n\nOne long paragraph that says much about one matter of many.\n\nShort one here.\n\nAnother long paragraph that says as much about the next matter.\n", "# A\n\nShort one here.\n\nOne long paragraph that says much about one matter of many.\n\nAnother long paragraph that says as much about the next matter.\n", "moved 5>3"},
	{"split", "# Т\n\nКомпания хранит данные три года. Затем она их удаляет и сообщает об этом письмом.\n", "# Т\n\nКомпания хранит данные три года.\n\nЗатем она их удаляет и сообщает об этом письмом.\n", "changed+split 3>3-5"},
	{"joined and changed", "# Т\n\nКомпания хранит данные три года.\n\nЗатем она их удаляет и сообщает об этом письмом.\n", "# Т\n\nКомпания хранит данные пять лет. Затем она их удаляет и сообщает об этом письмом.\n", "changed+joined 3-5>3"},
	{"clause split in two, a little reworded", "# Т\n\n1.1. Пользователь вправе получить копию данных.\n\n1.2. Пользователь вправе отозвать согласие письмом на адрес оператора.\n", "# Т\n\n1.1. Пользователь вправе получить копию данных.\n\n1.2. Пользователь вправе отозвать согласие.\n\n1.3. Отозвать его можно письмом на адрес оператора.\n", "changed+split 5>5-7"},
	{"clauses swapped and reworded", "# Т\n\n2.1. Пользователь вправе получить копию своих данных в течение десяти дней.\n\n2.2. Пользователь вправе отозвать согласие письмом на адрес оператора.\n", "# Т\n\n2.1. Пользователь вправе отозвать согласие письмом или звонком оператору.\n\n2.2. Пользователь вправе получить копию всех своих данных в течение пяти дней.\n", "changed+moved+renumbered 5>3; changed+renumbered 3>5"},
	{"section put first", "# Т\n\n1. Жалпы ережелер\n\n1.1. Компания деректерді заңға сәйкес өңдейді.\n\n1.2. Деректер қажет болғаннан ұзақ сақталмайды.\n\n2. Құқықтар\n\n2.1. Пайдаланушы көшірмесін ала алады.\n", "# Т\n\n1. Құқықтар\n\n1.1. Пайдаланушы көшірмесін ала алады.\n\n2. Жалпы ережелер\n\n2.1. Компания деректерді заңға сәйкес өңдейді.\n\n2.2. Деректер қажет болғаннан ұзақ сақталмайды.\n", "moved+renumbered 9>3; moved+renumbered 11>5; renumbered 3>7; renumbered 5>9; renumbered 7>11"},
	{"item added before the others", "# L\n\nWe keep:\n\n- name\n- email\n- phone\n", "# L\n\nWe keep:\n\n- nickname\n- name\n- email\n- phone\n", "added >5"},
	{"row with a cell before and one behind", "# T\n\n| who | what |\n|---|---|\n| session_id | Keeps you signed in while you read. |\n| zone | Tells the time zone that you live in. |\n", "# T\n\n| by | who | what | until |\n|---|---|---|---|\n| us | session_id | Keeps you signed in while you read. | tomorrow |\n| us | zone | Tells the time zone that you live in. | today |\n", "changed 3-4>3-4; changed 5>5; changed 6>6"},
	{"row for another company", "# T\n\n| who | what | where |\n|---|---|---|\n| Anker | mail | Almaty |\n| Clearwater | data of the market | United States |\n", "# T\n\n| who | what | where |\n|---|---|---|\n| Anker | mail | Almaty |\n| Cloudline | content to read | United States |\n", "removed 6>; added >6"},
	{"item split", "# Т\n\n- деректерді үш жыл сақтаймыз, содан кейін оларды жойып, бұл туралы хатпен хабарлаймыз;\n- басқа ешкімге бермейміз.\n", "# Т\n\n- деректерді үш жыл сақтаймыз;\n- содан кейін оларды жойып, бұл туралы хатпен хабарлаймыз;\n- басқа ешкімге бермейміз.\n", "changed+split 3>3-4"},
	{"paragraph became a list", "# T\n\nWe keep your name and address, the goods that you bought, and the mails that you sent us.\n", "# T\n\n- We keep your name and address,\n- the goods that you bought,\n- and the mails that you sent us.\n", "changed+split 3>3-5"},
	{"items joined", "# T\n\n- we keep your name, your address and your age;\n- and we keep the mails that you have sent to us.\n- nothing else\n", "# T\n\n- we keep your name, your address and your age, and the mails that you have sent to us.\n- nothing else\n", "changed+joined 3-4>3"},
	{"clause below another section", "# T\n\n1. Data\n\n1.1. Names and addresses are kept for a year.\n\n1.2. Mails are kept for ten days and then deleted.\n\n2. Rights\n\n2.1. A copy is given to whoever asks for it.\n", "# T\n\n1. Data\n\n1.1. Names and addresses are kept for a year.\n\n2. Rights\n\n2.1. Mails are kept for ten days and then deleted.\n\n2.2. A copy is given to whoever asks for it.\n", "moved+renumbered 7>9; renumbered 11>11"},
	{"section with its clauses", "# T\n\n## Data\n\nNames and addresses are kept for one year.\n\n## Mail\n\nEach mail is answered within ten days.\n\nPeople answer it, no machine does.\n\n## Rights\n\nA copy of all data is given to whoever asks for it, once a year and for free.\n\nOnly the person or a guardian can ask for it in writing.\n", "# T\n\n## Data\n\nNames and addresses are kept for one year.\n\n## Rights\n\nA copy of all data is given to whoever asks for it, once a year and for free.\n\nOnly the person or a guardian can ask for it in writing.\n\n## Mail\n\nEach mail is answered within ten days.\n\nPeople answer it, no machine does.\n", "moved 7>13; moved 9>15; moved 11>17"},
	{"text of its own where another stood", "# Search\n\nQueries typed by readers travel to the library only over lines that nobody else can read.\n\nWhen a reader searches the catalogue, the words typed, the kind of device and the place of the reader are handled by the search partner of the library under its own notice, so that results and hints can be given to the reader.\n\nNothing typed is kept for longer than one day after the search was made.\n", "# Search\n\nQueries typed by readers travel to the library only over lines that nobody else can read.\n\nWhile typing goes on, hints appear below the field, and most of them come from books borrowed often.\n\nBy default hints are shown: results for the words typed so far come from a partner of the library as soon as a reader pauses, and whoever dislikes that can turn the hints off, in the reading room or at home, under its notice.\n\nNothing typed is kept for longer than one day after the search was made.\n", "removed 5>; added >5; added >7"},
	{"text written anew in its place", "# Search\n\nQueries typed by readers travel to the library only over lines that nobody else can read.\n\nWhen a reader searches the catalogue, the words typed, the kind of device and the place of the reader are handled by the search partner of the library under its own notice, so that results and hints can be given to the reader.\n\nNothing typed is kept for longer than one day after the search was made.\n", "# Search\n\nQueries typed by readers travel to the library only over lines that nobody else can read.\n\nBy default hints are shown: results for the words typed so far come from a partner of the library as soon as a reader pauses, and whoever dislikes that can turn the hints off, in the reading room or at home, under its notice.\n\nNothing typed is kept for longer than one day after the search was made.\n", "changed 5>5"},
	{"short row to another table", "# T\n\n## Mail\n\n| who | where |\n|---|---|\n| Anker | Almaty |\n| Brise Post | Berlin |\n\n## Trees\n\n| who | where |\n|---|---|\n| Cedar | Cork |\n", "# T\n\n## Mail\n\n| who | where |\n|---|---|\n| Anker | Almaty |\n\n## Trees\n\n| who | where |\n|---|---|\n| Cedar | Cork |\n| Brise Post | Berlin |\n", "moved 8>14"},
	{"short item to another list", "# L\n\n## Kept\n\n- name\n- time of visit\n\n## Sold\n\n- nothing\n", "# L\n\n## Kept\n\n- name\n\n## Sold\n\n- nothing\n- time of visit\n", "moved 6>10"},
	{"short item that stands twice", "# L\n\n## Kept\n\n- name\n- time of visit\n\n## Sold\n\n- nothing\n\n## Sent\n\n- time of visit\n", "# L\n\n## Kept\n\n- name\n\n## Sold\n\n- nothing\n- time of visit\n\n## Sent\n\n- time of visit\n", "removed 6>; added >10"},
	{"row for another long name", "# T\n\n| who | what | where |\n|---|---|---|\n| Anker | mail | Almaty |\n| Lindor Partners and Company | forum | USA |\n| Zeder | trees | Cork |\n", "# T\n\n| who | what | where |\n|---|---|---|\n| Anker | mail | Almaty |\n| Discus Gesellschaft in Gera | forum | USA |\n| Zeder | trees | Cork |\n", "changed 6>6"},
	{"row for another name", "# T\n\n| who | what | where |\n|---|---|---|\n| Anker | mail | Almaty |\n| Lindor | forum for readers | USA |\n| Zeder | trees | Cork |\n", "# T\n\n| who | what | where | seat |\n|---|---|---|---|\n| Anker | mail | Almaty | Almaty |\n| Discus | forum for readers | USA | USA |\n| Zeder | trees | Cork | Cork |\n", "changed 3-4>3-4; changed 5>5; changed 6>6; changed 7>7"},
}

func TestMoves(t *testing.T) {
	for _, c := range moves {
		t.Run(c.name, func(t *testing.T) {
			r := check(t, parse(t, c.old), parse(t, c.new))
			if got := placed(r); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestTwoTables: which header belongs to which table does not hang on its padding.
func TestTwoTables(t *testing.T) {
	old := "| Name | Place |\n|---|---|\n| Alpha Company | London |\n| Beta Company | Paris |\n\nBetween the two.\n\n| Name   | Place  |\n|---|---|\n| Gamma Company | Rome |\n"
	new := "| Name   | Place  |\n|---|---|\n| Alpha  Company | London |\n| Beta  Company | Paris |\n\nBetween the two.\n\n| Name  | Place |\n|---|---|\n| Gamma Company | Madrid |\n"
	r := check(t, parse(t, old), parse(t, new))
	if got, want := placed(r), "reformatted 1-2>1-2; reformatted 3>3; reformatted 4>4; reformatted 8-9>8-9; changed 10>10"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestListThatCountsItself: numbers that readers see before and after are told of as
// what only the source says otherwise; others are not.
func TestListThatCountsItself(t *testing.T) {
	old := "# T\n\nWe keep:\n\n1. names of readers\n2. books that they borrowed\n   1. titles\n   2. days\n3. fees that they owe\n\nNothing else.\n"
	same := strings.NewReplacer("2. ", "1. ", "3. ", "1. ").Replace(old)
	late := strings.NewReplacer("1. names", "4. names", "2. books", "4. books", "3. fees", "4. fees", "2. days", "1. days").Replace(old)
	for _, c := range []struct{ name, new, want string }{
		{"the same numbers", same, "only the source’s formatting changed, in 5 places"},
		{"other numbers", late, "Only the numbers changed in 3 passages. In 2 more places only the source"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := check(t, parse(t, old), parse(t, c.new))
			if r.Summary.Renumbered != 5 || r.Summary.Same != 3 {
				t.Errorf("got %s", placed(r))
			}
			var b strings.Builder
			if err := r.Text(&b, "en"); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(got, c.want) {
				t.Errorf("no %q in %s", c.want, got)
			}
		})
	}
}
