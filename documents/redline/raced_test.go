//go:build race

package redline_test

// raced: the race detector is in this binary, which makes it some eight times slower.
const raced = true
