package documents

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vestnik/documents/lang"
	"vestnik/documents/markdown"
)

// The limits of what people type.
const (
	maxNote   = 2000 // characters of a slot
	maxReason = 2000 // characters
	maxTitle  = 500  // characters
	maxName   = 200  // characters of a group or of a part of a basis
	maxSlug   = 64
	maxKey    = 255 // bytes
)

var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// reserved are the first parts of addresses that are not documents.
func reserved(id string) bool {
	switch id {
	case "api", "desk", "embed", "feed", "healthz", "log", "me", "metrics", "readyz", "register", "sitemap.xml", "static", "verify", "why":
		return true
	}
	return false
}

func checkDocument(d Document) error {
	if reserved(d.ID) {
		return Invalid("id", CodeReserved, "%q is an address of the service itself: choose another identifier.", d.ID)
	}
	if !slug.MatchString(d.ID) || len(d.ID) > maxSlug {
		return Invalid("id", CodeSlug, "%q cannot be an identifier: use up to 64 small Latin letters and digits, with single hyphens between them.", d.ID)
	}
	if len(d.Titles) == 0 {
		return Invalid("titles", CodeNoLanguage, "Give the document a title in each of its languages.")
	}
	for _, tag := range slices.Sorted(maps.Keys(d.Titles)) {
		if err := checkLanguage(tag); err != nil {
			return err
		}
		if err := checkTitle(tag, d.Titles[tag]); err != nil {
			return err
		}
	}
	if _, ok := d.Titles[d.Prevailing]; !ok {
		return Invalid("prevailing", CodePrevailing, "The prevailing language %q is not one of the document's languages: choose one of them.", d.Prevailing)
	}
	return checkGroups(d.Groups)
}

func checkGroups(groups []string) error {
	seen := map[string]bool{}
	for _, g := range groups {
		if err := checkLine("groups", g, maxName); err != nil {
			return err
		}
		if strings.TrimSpace(g) != g || g == "" || seen[g] {
			return Invalid("groups", CodeGroup, "The group %q is empty, has space around it or is named twice: name each group once.", g)
		}
		seen[g] = true
	}
	return nil
}

func checkLanguage(tag string) error {
	if !lang.Valid(tag) {
		return Invalid("languages", CodeLanguage, "%q is not a language tag: write it as BCP 47 does, such as kk, ru or zh-Hans.", tag)
	}
	return nil
}

func checkTitle(tag, title string) error {
	if strings.TrimSpace(title) == "" {
		return Invalid("title", CodeTitle, "The title in %s is empty: give it one.", tag)
	}
	if utf8.RuneCountInString(title) > maxTitle {
		return Invalid("title", CodeTitleLong, "The title in %s is longer than %d characters: shorten it.", tag, maxTitle)
	}
	return checkVisible("title", tag, title, "")
}

// checkLine refuses what can make a line look like something else: control
// characters, and the characters that override the direction of writing
// (Unicode 9.0 UAX 9, section 2: embeddings, overrides, isolates). The marks
// LRM, RLM and ALM are needed and let through.
func checkLine(field, s string, limit int) error {
	if utf8.RuneCountInString(s) > limit {
		return Invalid(field, CodeLong, "The "+field+" is longer than %d characters: shorten it.", limit)
	}
	return checkVisible(field, "", s, "")
}

// checkVisible refuses characters that nobody sees, but for those allowed. tag is
// the language, of a title or a note.
func checkVisible(field, tag, s, allowed string) error {
	r, bad := forbidden(s, allowed)
	if !utf8.ValidString(s) {
		r, bad = utf8.RuneError, true
	}
	if !bad {
		return nil
	}
	where := field
	if tag != "" {
		where += " in " + tag
	}
	e := Invalid(field, CodeControl, "The %s holds the invisible character U+%04X: type it anew.", where, r)
	e.Args = []any{tag, fmt.Sprintf("U+%04X", r)}
	return e
}

func forbidden(s, allowed string) (rune, bool) {
	for _, r := range s {
		if strings.ContainsRune(allowed, r) {
			continue
		}
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return r, true
		}
	}
	return 0, false
}

// checkSource refuses what no engine keeps and no reader could read.
func checkSource(tag, source string) error {
	var bad *markdown.InvalidSource
	if !errors.As(markdown.Check([]byte(source)), &bad) {
		return nil
	}
	switch bad.Code {
	case "size":
		return Invalid("text", CodeTooBig, "The text in %s is larger than %d MB: remove what does not belong in it, such as embedded images.", tag, markdown.MaxSource>>20)
	case "lines":
		return Invalid("text", CodeLines, "The text in %s has more than %d lines: divide it into several documents.", tag, markdown.MaxLines)
	case "utf8":
		return Invalid("text", CodeUTF8, "The text in %s is not UTF-8: save the file as UTF-8 and try again.", tag)
	case "nul":
		line := 1 + strings.Count(source[:strings.IndexByte(source, 0)], "\n")
		return Invalid("text", CodeNUL, "The text in %s holds a NUL character in line %d: remove it.", tag, line)
	}
	return Invalid("text", CodeEmpty, "The text in %s is empty: give it one.", tag)
}

// checkHalf is checkSource for a draft, which may be empty yet.
func checkHalf(tag, source string) error {
	if strings.TrimSpace(strings.TrimPrefix(source, "\ufeff")) == "" && len(source) <= markdown.MaxSource {
		return nil
	}
	return checkSource(tag, source)
}

// checkLanguages refuses a missing, an extra and a doubled language.
func checkLanguages(titles map[string]string, texts []DraftText) error {
	seen := map[string]bool{}
	for _, t := range texts {
		if seen[t.Lang] {
			return Invalid("text", CodeTwice, "There are two texts in %s: give one.", t.Lang)
		}
		seen[t.Lang] = true
		if _, ok := titles[t.Lang]; !ok {
			return Invalid("text", CodeExtra, "The document has no language %q: add the language to the document first, or leave the text out.", t.Lang)
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(titles)) {
		if !seen[tag] {
			return Invalid("text", CodeMissing, "The text in %s is missing: every version has all languages of its document.", tag)
		}
	}
	return nil
}

// tidyNote takes away what nobody sees: space around the slots, carriage returns.
func tidyNote(n Note) Note {
	tidy := func(s string) string {
		return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
	}
	return Note{tidy(n.What), tidy(n.Whom), tidy(n.Means), tidy(n.Do)}
}

// checkNotes tidies the notes in place. Where they are required, each language
// needs at least what changes.
func checkNotes(notes map[string]Note, languages []string, required bool) error {
	for _, tag := range slices.Sorted(maps.Keys(notes)) {
		if !slices.Contains(languages, tag) {
			return Invalid("note", CodeNoteExtra, "There is a note in %s, but no text: remove the note.", tag)
		}
		notes[tag] = tidyNote(notes[tag])
		if notes[tag] == (Note{}) {
			delete(notes, tag)
			continue
		}
		if err := checkNote(tag, notes[tag]); err != nil {
			return err
		}
	}
	for _, tag := range languages {
		if required && notes[tag].What == "" {
			return Invalid("note", CodeNote, "Users have to know of this change: say in the note in %s what changes.", tag)
		}
	}
	return nil
}

func checkNote(tag string, n Note) error {
	for i, s := range []string{n.What, n.Whom, n.Means, n.Do} {
		slot := [...]string{"what", "whom", "means", "do"}[i]
		if utf8.RuneCountInString(s) > maxNote {
			return Invalid("note", CodeNoteLong, "The note in %s (%s) is longer than %d characters: shorten it.", tag, slot, maxNote)
		}
		if err := checkVisible("note", tag, s, "\n\t"); err != nil {
			return err
		}
		for line := range strings.Lines(s) {
			if strings.TrimRight(line, " \t\n") == "---" {
				return Invalid("note", CodeNoteRule, "The note in %s has a line of three hyphens inside a part: remove it, because such a line parts the note.", tag)
			}
		}
	}
	return nil
}

func checkReason(reason string) error {
	if utf8.RuneCountInString(reason) > maxReason {
		return Invalid("reason", CodeReasonLong, "The reason is longer than %d characters: shorten it.", maxReason)
	}
	return checkVisible("reason", "", reason, "\n\t")
}

func checkBasis(b Basis) error {
	for _, s := range []string{b.Number, b.Signatory} {
		if err := checkLine("basis", s, maxName); err != nil {
			return err
		}
	}
	if b.Date != "" && !isDate(b.Date) {
		return Invalid("basis", CodeBasisDate, "The date of the order, %q, is not a date: write it as 2026-01-31.", b.Date)
	}
	return nil
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func checkClass(c Class) error {
	switch c {
	case Editorial, Notice:
		return nil
	case Consent:
		return Invalid("class", CodeConsent, "Fresh consent cannot be asked for yet: choose class notice, and ask for consent in your own application.")
	}
	return Invalid("class", CodeClass, "%q is not a class: answer whether users have to know of the change, with notice or editorial.", c)
}

// parseEffective reads RFC 3339, or a date, which means its first instant in
// zone. An empty string and "now" give an Effective without an instant.
func parseEffective(s, zone string) (Effective, error) {
	place, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		return Effective{}, Invalid("zone", CodeZone, "%q is not a time zone: name one as the IANA database does, such as Asia/Almaty.", zone)
	}
	if s == "" || s == "now" {
		return Effective{Zone: zone}, nil
	}
	var at time.Time
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		at = StartOfDay(day, place)
	} else if at, err = time.Parse(time.RFC3339, s); err != nil {
		return Effective{}, notADate(s)
	}
	// Outside of these years an instant, or a period that begins with it, has no
	// form in RFC 3339.
	if y := at.UTC().Year(); y < 1000 || y > 9000 {
		return Effective{}, notADate(s)
	}
	at = at.UTC().Truncate(time.Microsecond)
	return Effective{Instant: at, Date: at.In(place).Format(time.DateOnly), Zone: zone}, nil
}

func notADate(s string) error {
	return Invalid("effective", CodeDate, "%q is not a date: write 2026-01-31, or 2026-01-31T00:00:00+05:00, or now.", s)
}

// StartOfDay is the first instant of the day that day shows: midnight in place, or
// where summer time skips midnight the end of the gap.
func StartOfDay(day time.Time, place *time.Location) time.Time {
	at := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, place)
	if at.Day() != day.Day() {
		_, at = at.ZoneBounds()
	}
	return at
}

func sortTexts(texts []DraftText) []DraftText {
	return slices.SortedFunc(slices.Values(texts), func(a, b DraftText) int { return cmp.Compare(a.Lang, b.Lang) })
}

// in names the subject of an error.
func in(document string, number int) string { return fmt.Sprintf("%s version %d", document, number) }
