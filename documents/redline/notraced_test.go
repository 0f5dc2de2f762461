//go:build !race

package redline_test

const raced = false
