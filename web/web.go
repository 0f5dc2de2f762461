// Package web holds the files that pages are made of: templates, styles,
// scripts and catalogues, embedded in the program. It has no logic.
package web

import "embed"

// Files holds templates/, static/ and words/.
//
//go:embed templates static words
var Files embed.FS
