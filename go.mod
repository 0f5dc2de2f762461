module vestnik

go 1.26.8

require (
	github.com/andybalholm/brotli v1.2.8 // pages compressed once
	github.com/chromedp/cdproto v0.159.0 // tests: what chromedp speaks
	github.com/chromedp/chromedp v0.23.0 // tests: a real browser
	github.com/danielgtaylor/huma/v2 v2.37.2 // the API, and its OpenAPI from the same code
	github.com/emersion/go-message v0.18.2 // reads mail for the mailbox page
	github.com/emersion/go-sasl v0.0.0-20241020182733-b788ff22d5a6 // AUTH towards the relay
	github.com/emersion/go-smtp v0.25.1 // the server of the built-in mailbox; relays in tests
	github.com/getkin/kin-openapi v0.152.0 // tests: every answer against the OpenAPI description
	github.com/google/go-cmp v0.7.0 // tests: differences that can be read
	github.com/jackc/pgx/v5 v5.12.0 // PostgreSQL
	github.com/jhillyerd/enmime/v2 v2.3.0 // tests: reads our mail as others do
	github.com/microcosm-cc/bluemonday v1.0.27 // sanitises rendered texts
	github.com/pressly/goose/v3 v3.29.0 // migrations of the schema
	github.com/prometheus/client_golang v1.25.0 // metrics
	github.com/rivo/uniseg v0.4.7 // widths, lines and sentences of plain text; tests: words by UAX #29
	github.com/rogpeppe/go-internal v1.16.0 // tests: scripts against the binary
	github.com/schollz/progressbar/v3 v3.19.1 // long commands show how far they are
	github.com/sergi/go-diff v1.4.0 // the bench of the redline: a rival
	github.com/wneessen/go-mail v0.8.1 // composes messages
	github.com/yuin/goldmark v1.8.7 // Markdown
	go.etcd.io/bbolt v1.5.0 // the embedded store
	go.yaml.in/yaml/v3 v3.0.6 // front matter
	golang.org/x/mod v0.42.0 // the Merkle tree and signed notes
	golang.org/x/net v0.62.0 // parses HTML after sanitising; IDNA
	golang.org/x/sync v0.24.0
	golang.org/x/term v0.47.0 // is this a terminal
	golang.org/x/text v0.43.0 // plurals, languages, normal forms
	golang.org/x/time v0.16.0 // rate limits
	pgregory.net/rapid v1.3.0 // tests: properties
)

require (
	github.com/aymerick/douceur v0.2.0 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cention-sany/utf7 v0.0.0-20170124080048-26cad61bd60a // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/clipperhouse/displaywidth v0.10.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/fatih/color v1.18.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/go-openapi/jsonpointer v0.22.5 // indirect
	github.com/go-openapi/swag/jsonname v0.25.5 // indirect
	github.com/gogs/chardet v0.0.0-20211120154057-b7413eaefb8f // indirect
	github.com/gorilla/css v1.0.1 // indirect
	github.com/inbucket/html2text v1.0.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/kr/pretty v0.3.1 // indirect
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/mattn/go-runewidth v0.0.20 // indirect
	github.com/mfridman/interpolate v0.0.2 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/oasdiff/yaml v0.1.1 // indirect
	github.com/oasdiff/yaml3 v0.0.14 // indirect
	github.com/olekukonko/cat v0.0.0-20250911104152-50322a0618f6 // indirect
	github.com/olekukonko/errors v1.2.0 // indirect
	github.com/olekukonko/ll v0.1.6 // indirect
	github.com/olekukonko/tablewriter v1.1.3 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	github.com/sethvargo/go-retry v0.5.0 // indirect
	github.com/ssor/bom v0.0.0-20170718123548-6386211fdfcf // indirect
	go.uber.org/multierr v1.11.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0
	golang.org/x/tools v0.51.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
