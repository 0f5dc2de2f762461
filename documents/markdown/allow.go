package markdown

// elements of raw HTML that reach a page.
var elements = set("a abbr b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr")

var attributes = map[string]map[string]bool{
	"":         set("id lang dir title"),
	"a":        set("href name"),
	"ol":       set("start reversed type"),
	"li":       set("value"),
	"td":       set("colspan rowspan align"),
	"th":       set("colspan rowspan scope align"),
	"col":      set("span"),
	"colgroup": set("span"),
	"details":  set("open"),
	"time":     set("datetime"),
}

func attrAllowed(element, name string) bool { return attributes[""][name] || attributes[element][name] }
