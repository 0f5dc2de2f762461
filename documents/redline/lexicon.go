package redline

// lexicon gives words numbers, so that they compare as integers.
type lexicon struct {
	ids     map[string]int32
	letters []int32    // the weight of a word
	last    [2]passage // the texts read last, whose memory serves the next
}

func newLexicon() *lexicon { return &lexicon{ids: map[string]int32{}} }

func (l *lexicon) id(word string, letters int) int32 {
	id, ok := l.ids[word]
	if !ok {
		id = int32(len(l.letters))
		l.ids[word] = id
		l.letters = append(l.letters, int32(letters))
	}
	return id
}
