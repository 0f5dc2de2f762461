// Package sample is what the demo tells its story with: two versions of the
// policy of a company that does not exist, the note and the reason of the second
// one, and registered users who do not exist either.
package sample

import "embed"

// Files holds NNNN.LANG.md, note.LANG.txt, reason.txt and recipients.csv.
//
//go:embed *.md *.txt *.csv
var Files embed.FS
