package redline

import "slices"

// lexicon gives words numbers, so that they compare as integers.
type lexicon struct {
	ids     map[string]int32
	letters []int32 // the weight of a word
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

// bag collects the words of s.
func (l *lexicon) bag(s string) bag {
	b := bag{ready: true}
	for i := 0; i < len(s); {
		n, letters := next(s[i:])
		if letters > 0 {
			b.ids = append(b.ids, l.id(s[i:i+n], letters))
			b.weight += letters
		}
		i += n
	}
	slices.Sort(b.ids)
	return b
}

// common is the weight of the words that stand in both bags.
func (l *lexicon) common(a, b bag) int {
	sum := 0
	for i, j := 0, 0; i < len(a.ids) && j < len(b.ids); {
		switch x, y := a.ids[i], b.ids[j]; {
		case x < y:
			i++
		case x > y:
			j++
		default:
			sum += int(l.letters[x])
			i, j = i+1, j+1
		}
	}
	return sum
}

// likeness of two bags, from 0 to 1.
func (l *lexicon) likeness(a, b bag) float64 {
	if a.weight+b.weight == 0 {
		return 0
	}
	return 2 * float64(l.common(a, b)) / float64(a.weight+b.weight)
}
