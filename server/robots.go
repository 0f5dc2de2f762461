package server

import (
	"fmt"
	"net/http"
)

// robots tells crawlers (RFC 9309) what is not for them. Behind a path of -url it
// counts only where the host's own file says the same.
func (p *site) robots(v *visit, w http.ResponseWriter) error {
	base := v.base()
	return serveTagged(w, v.r, textType, fmt.Appendf(nil, "User-agent: *\nDisallow: %s/desk\nDisallow: %s/me/\nDisallow: %s/api/\n\nSitemap: %s\n", base, base, base, v.absolute(base+"/sitemap.xml")))
}
