package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Relay says where messages are handed over.
type Relay struct {
	URL      string         // smtp://[user:password@]host:port[?tls=none], smtps://…
	Hello    string         // our host name or address for EHLO; "" for localhost
	RootCAs  *x509.CertPool // nil for the system's
	Patience time.Duration  // the longest wait for one answer; 0 for RFC 5321's limits

	dial func(ctx context.Context, network, addr string) (net.Conn, error) // nil: TCP; tests
}

// security is how a connection is protected.
type security int

const (
	plain security = iota // loopback, or asked for with ?tls=none
	startTLS
	implicitTLS
)

// endpoint is a Relay's URL, taken apart.
type endpoint struct {
	host, port     string
	security       security
	user, password string
}

// ParseRelay checks the URL. smtp:// demands STARTTLS except to loopback or
// with ?tls=none. Its errors are sentences for people without the URL, which may
// hold a password.
func ParseRelay(url string) (Relay, error) {
	r := Relay{URL: url}
	_, err := r.endpoint()
	return r, err
}

// Host is where the relay is, without user and password.
func (r Relay) Host() string {
	e, err := r.endpoint()
	if err != nil {
		return ""
	}
	return net.JoinHostPort(e.host, e.port)
}

func (r Relay) endpoint() (endpoint, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return endpoint{}, errors.New("a relay is given as smtp://host:port or smtps://host:port")
	}
	if strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return endpoint{}, errors.New("the URL of a relay ends with its port")
	}
	e := endpoint{host: u.Hostname(), port: u.Port()}
	if host, err := idna.Lookup.ToASCII(e.host); err == nil {
		e.host = host
	}
	if _, err := r.hello(); err != nil {
		return endpoint{}, err
	}
	e.user = u.User.Username()
	e.password, _ = u.User.Password()
	if strings.ContainsAny(e.host+e.user+e.password, "\r\n\x00") {
		return endpoint{}, errors.New("the URL of a relay cannot contain control characters")
	}
	if e.security, err = securityOf(u, e.host); err != nil {
		return endpoint{}, err
	}
	if e.user != "" && e.security == plain && !isLoopback(e.host) {
		return endpoint{}, errors.New("a password is sent over TLS only: leave out ?tls=none, or the user")
	}
	if e.port == "" {
		e.port = map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme]
	}
	return e, nil
}

func securityOf(u *url.URL, host string) (security, error) {
	q := u.Query()
	without := q.Get("tls") == "none"
	q.Del("tls")
	switch {
	case len(q) > 0 || u.Query().Has("tls") && !without:
		return 0, errors.New("the URL of a relay can have ?tls=none and nothing else after its port")
	case u.Scheme == "smtps" && without:
		return 0, errors.New("smtps:// is TLS from the first byte: write smtp:// with ?tls=none")
	case u.Scheme == "smtps":
		return implicitTLS, nil
	case without || isLoopback(host):
		return plain, nil
	}
	return startTLS, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

func (r Relay) connect(ctx context.Context, e endpoint) (net.Conn, error) {
	dial := r.dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: r.wait(waitConnect)}).DialContext
	}
	return dial(ctx, "tcp", net.JoinHostPort(e.host, e.port))
}

func (r Relay) tlsConfig(host string) *tls.Config {
	return &tls.Config{ServerName: host, RootCAs: r.RootCAs, MinVersion: tls.VersionTLS12}
}

// hello is our name in EHLO: A-labels or an address literal (RFC 5321 §4.1.3).
func (r Relay) hello() (string, error) {
	if r.Hello == "" {
		return "localhost", nil
	}
	if ip, err := netip.ParseAddr(r.Hello); err == nil {
		if ip = ip.Unmap().WithZone(""); ip.Is6() {
			return "[IPv6:" + ip.String() + "]", nil
		}
		return "[" + ip.String() + "]", nil
	}
	name, err := idna.Lookup.ToASCII(r.Hello)
	if err != nil || !utf8.ValidString(r.Hello) || !isDomain(strings.ToLower(name)) {
		return "", errors.New("the name that we greet the relay with must be a host name")
	}
	return name, nil
}

// wait shortens a limit of RFC 5321 §4.5.3.2 to the relay's patience.
func (r Relay) wait(limit time.Duration) time.Duration {
	if r.Patience > 0 && r.Patience < limit {
		return r.Patience
	}
	return limit
}
