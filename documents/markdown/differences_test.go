package markdown

// differences from CommonMark's examples, each on purpose.
var differences = []struct {
	reason   string
	examples []int
}{
	{"a document that begins with a line --- has front matter, which readers are not shown",
		[]int{96, 98}},
	{"a number of more than three digits is a year or a sum, not the number of an item",
		[]int{265}},
	{"a language of a code block that is no word gives no class",
		[]int{144}},
	{"raw HTML is reduced to an allow-list: unknown elements, scripts, styles, forms, classes, comments and instructions go",
		[]int{150, 152, 153, 154, 163, 164, 169, 170, 171, 172, 173, 176, 177, 178, 179, 180, 182, 183, 201, 308, 309, 491, 524, 536, 617, 625, 626, 627, 628, 629}},
	{"an element of raw HTML ends with the block that it was opened in, unless it can hold blocks; a table cannot",
		[]int{148, 187, 190, 191, 344, 476, 477, 494, 613, 614, 615, 616, 630, 631, 642, 643}},
	{"the address of a link in raw HTML is escaped as in Markdown",
		[]int{21, 31}},
	{"a link that leads nowhere, or is no address that a parser of addresses accepts, is its text alone",
		[]int{200, 346, 485, 486, 487, 500, 567}},
	{"a fragment leads to ids of the source, which begin with u-",
		[]int{501}},
	{"links go to http, https, mailto, tel and relative addresses only; a scheme is written in lower case",
		[]int{596, 597, 598, 599, 601}},
}
