package redline

import (
	"slices"
	"unicode"
)

// bag holds the words of a text in order of their stems, repeated as often as
// they stand there, and their weight in letters.
type bag struct {
	lemmas []lemma
	weight int
	ready  bool
}

// A lemma is the hash of its stem and, in the last byte, how many letters it has.
type lemma uint64

func (l lemma) stem() lemma  { return l >> 8 }
func (l lemma) letters() int { return int(l & 0xff) }

// stemmed is how many letters words are told apart by, whatever their case: what
// follows is mostly inflection, in Kazakh and Russian as in English.
const stemmed = 5

// bagged collects the words of s, as the eye takes them: a clause is the same one
// if letters of another script were slipped into it.
func bagged(s string) bag {
	b := bag{ready: true, lemmas: make([]lemma, 0, len(s)/8+1)}
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	hash, letters := uint64(offset), 0
	end := func() {
		if letters > 0 {
			b.lemmas = append(b.lemmas, lemma(hash<<8|uint64(min(letters, 255))))
			b.weight += min(letters, 255)
			hash, letters = offset, 0
		}
	}
	for _, r := range s {
		if !wordly(r) {
			if !veiled(r) {
				end()
			}
			continue
		}
		apart := alone(r)
		if apart {
			end()
		}
		if letters++; letters <= stemmed {
			hash = (hash ^ uint64(face(lower(r)))) * prime
		}
		if apart {
			end()
		}
	}
	end()
	slices.Sort(b.lemmas)
	return b
}

func lower(r rune) rune {
	switch {
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	case 'А' <= r && r <= 'Я':
		return r + 'а' - 'А'
	case 'а' <= r && r <= 'я':
		return r
	}
	return unicode.ToLower(r)
}

// common is the weight of the words that stand in both bags.
func common(a, b bag) int {
	sum := 0
	for i, j := 0, 0; i < len(a.lemmas) && j < len(b.lemmas); {
		switch x, y := a.lemmas[i], b.lemmas[j]; {
		case x.stem() < y.stem():
			i++
		case x.stem() > y.stem():
			j++
		default:
			sum += min(x.letters(), y.letters())
			i, j = i+1, j+1
		}
	}
	return sum
}

// likeness of two bags, from 0 to 1.
func likeness(a, b bag) float64 {
	if a.weight+b.weight == 0 {
		return 0
	}
	return 2 * float64(common(a, b)) / float64(a.weight+b.weight)
}

// stems calls f with each stem of a bag once, and how many letters it has.
func (b bag) stems(f func(stem lemma, letters int)) {
	for i, w := range b.lemmas {
		if i == 0 || b.lemmas[i-1].stem() != w.stem() {
			f(w.stem(), w.letters())
		}
	}
}
