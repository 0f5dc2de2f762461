package server

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What belongs together is put into one element; [] stand for it here.
func TestUnbroken(t *testing.T) {
	t.Parallel()
	brackets := strings.NewReplacer(unbrokenStart, "[", unbrokenEnd, "]")
	for page, want := range map[string]string{
		"<p>См. § 5 и п. 6.1 настоящих, а также ст. 7 Закона.</p>":             "<p>См. [§ 5] и [п. 6.1] настоящих, а также [ст. 7] Закона.</p>",
		"<p>Действует с 1 марта 2024 г.</p>":                                   "<p>Действует с [1 марта 2024 г.]</p>",
		"<p>Күшіне ену күні: 2026 ж. 24 желтоқсан (31 күннен кейін).</p>":      "<p>Күшіне ену күні: [2026 ж. 24 желтоқсан] (31 күннен кейін).</p>",
		"<p>(4.3-тармақ): 3.4 және 3.5-тармақтар</p>":                          "<p>([4.3-тармақ]): 3.4 және [3.5-тармақтар]</p>",
		"<p>In force since 22 November 2026, see «clause 6.1.1».</p>":          "<p>In force since [22 November 2026], see «[clause 6.1.1]».</p>",
		"<p>пункт <b>4</b>, 10 дней, 2026 март, ГОСТ5 март, a5-b</p>":          "<p>пункт <b>4</b>, 10 дней, 2026 март, ГОСТ5 март, a5-b</p>",
		`<a title="п. 6" href="/v/1 may">п. 6.</a>`:                            `<a title="п. 6" href="/v/1 may">[п. 6].</a>`,
		"<title>п. 6</title><option>1 мая</option><pre>п. 6 <b>п. 7</b></pre>": "<title>п. 6</title><option>1 мая</option><pre>п. 6 <b>п. 7</b></pre>",
		"<textarea>п. 6</textarea>п. 6":                                        "<textarea>п. 6</textarea>[п. 6]",
		"5 мая":                                                                "[5 мая]",
		"п. 6-":                                                                "[п. 6]-",
		"2026 ж. ":                                                             "2026 ж. ",
		"1 2 3":                                                                "1 2 3",
	} {
		if got := brackets.Replace(string(unbroken([]byte(page)))); got != want {
			t.Errorf("%s\nbecomes %s\nnot     %s", page, got, want)
		}
	}
}

var added = regexp.MustCompile(`<span class="nb">([^<]*)</span>`)

// Whatever a page says, nothing of it changes but for the elements.
func TestUnbrokenChangesNothing(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"<p>", "</p>", "<pre>", "</pre>", "<", ">", "§", " ", "5", "6.1", "п.", "-", "тармақ", "мая", "2026", "ж.", "г.", "«", "\xff", "\n", "&amp;", "é", "a"})
	rapid.Check(t, func(t *rapid.T) {
		page := strings.Join(rapid.SliceOf(piece).Draw(t, "page"), "")
		got := string(unbroken([]byte(page)))
		if back := added.ReplaceAllString(got, "$1"); back != page {
			t.Errorf("%q becomes %q", page, got)
		}
	})
}
