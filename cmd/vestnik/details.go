package main

// details is what -h says of a command below its flags, for those who meet it
// for the first time.
func details(command string) string {
	switch command {
	case "settings":
		return `organisation       who tells people, as they know it; in several languages a line
                   for each, with [kk] or [ru] in front
bin                its business identification number, 12 digits
postal             its postal address, which every notice shows; likewise
reply-to           the address at which somebody reads answers
zone               the time zone in which a date begins, such as Asia/Almaty
languages          of the pages, in order of preference: ru,kk,en
unknown-languages  of a mail to people whose language is not known
notice-days        between a notice and its effect
hold               how long a notice waits before the first mail, such as 15m
one-person         on: while one person is the whole staff, they may publish alone
allow              addresses and @domains that alone get mail; empty: everybody
rate               mails a minute in all, however many nodes work; 0: unbounded
url, smtp, from    are recorded by vestnik serve

  vestnik settings zone languages
  vestnik settings organisation='ACME LLP' reply-to=privacy@acme.example`
	case "serve":
		return `With -store bolt all of it is read and compared before anything is served. Of a
PostgreSQL database that is the log and the texts, because other nodes may be
sending: vestnik check counts the ledgers too. Any number of nodes may serve one
database, each with a -data folder of its own and the same keys in it. In an empty
database the schema is made if the role may. An upgrade of one that holds data is
refused with a sentence: back it up, then run vestnik migrate.

SIGTERM or Ctrl-C ends it: /readyz and /healthz say no for as long as -drain, then
requests and mails under way are ended, then the store. A second signal ends it at
once.`
	case "migrate":
		return `In an empty database serve, and what else may make an installation, does this by
itself if its role owns the schema. Back up one that holds data before an upgrade
(pg_dump, or vestnik backup): there is no way back. A role that only serves can add
to the log, and neither change nor delete what stands there:

  vestnik migrate -store env:OWNER_URL -service vestnik
  vestnik migrate -print -owner vestnik_owner -service vestnik >schema.sql`
	case "copy":
		return `Neither may be served, and the second must be empty: a new folder, or a database whose
schema the URL's role owns. Keys and state are not copied.

  vestnik copy bolt:vestnik-data env:OWNER_URL
  vestnik copy env:OWNER_URL bolt:new-folder`
	case "import":
		return `One file of any name is a single version. Several are named by number or by date,
and by language where there is more than one: 0001.ru.md, 2020-01-31.kk.md. Or a
manifest.json beside the texts says all that is known of them:

  {"titles": {"ru": "Политика"}, "prevailing": "ru", "zone": "Asia/Almaty", "versions": [
    {"number": 1, "effective": "2020-01-01", "published": "2019-12-20",
     "texts": {"ru": "0001.ru.md"}, "class": "notice", "reason": "…", "basis": {}}]}

Nobody is told of what moves in. A title is the front matter's, else the first
heading of level 1.`
	case "publish":
		return `A note is plain text in four parts with a line --- between: what changes, whom it
concerns, what it means for them, what they must do. Parts may be left out.

  vestnik publish -document privacy -class notice -reason 'New law' \
    -text ru=policy.ru.md -text kk=policy.kk.md -note ru=note.ru.txt -note kk=note.kk.txt`
	case "recipients":
		return `CSV begins with the row external_id,address,language,name,registered_at,groups;
groups have ; between. NDJSON has one object with these keys a line. external_id is
your own lasting number of a person, and never an address or a telephone number.`
	case "notices":
		return `N is the number that the list shows. A notice is stopped until it is resumed; what
is cancelled tells nobody else. release decides how sending goes on after a restore
or a move: go-on sends what is open, in-doubt waits first because it may have been
sent, close tells nobody else.`
	case "staff":
		return `invite and link print a link that signs its holder in once; hand it over in person.
Nothing is mailed.`
	}
	return ""
}
