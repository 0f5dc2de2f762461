package mail

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Address is a checked mailbox: an ASCII dot-atom local part of at most 64
// octets and a domain in A-labels.
type Address struct{ Local, Domain string }

func (a Address) String() string { return a.Local + "@" + a.Domain }

// path is the address as a reverse or forward path; the zero Address is the null
// path.
func (a Address) path() string {
	if a == (Address{}) {
		return "<>"
	}
	return "<" + a.String() + ">"
}

// valid tells whether a is as ParseAddress makes it.
func (a Address) valid() bool {
	p, err := ParseAddress(a.String())
	return err == nil && p == a
}

// ParseAddress checks s and turns an internationalised domain into A-labels. It
// refuses quoted local parts, address literals and domains without a dot. Its
// errors are sentences for people and do not repeat the address.
func ParseAddress(s string) (Address, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return Address{}, errors.New("a mail address has the form name@example.kz")
	}
	if err := checkLocal(s[:at]); err != nil {
		return Address{}, err
	}
	domain, err := asciiDomain(s[at+1:])
	if err != nil {
		return Address{}, err
	}
	if len(s[:at])+1+len(domain) > 254 {
		return Address{}, errors.New("a mail address has at most 254 characters")
	}
	return Address{s[:at], domain}, nil
}

// checkLocal accepts the dot-atom of RFC 5322 §3.2.3 within RFC 5321 §4.5.3.1.1.
func checkLocal(local string) error {
	switch {
	case local == "":
		return errors.New("the mail address has nothing before the @")
	case len(local) > 64:
		return errors.New("the part of a mail address before the @ has at most 64 characters")
	case local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, ".."):
		return errors.New("a dot in a mail address stands between two other characters")
	}
	for _, r := range local {
		if r > 126 {
			return errors.New("the part of a mail address before the @ must be in Latin letters")
		}
		if !isAtext(byte(r)) && r != '.' {
			return fmt.Errorf("the part of a mail address before the @ cannot contain %q", r)
		}
	}
	return nil
}

func isAtext(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

func asciiDomain(s string) (string, error) {
	if s == "" || s[0] == '[' || !utf8.ValidString(s) {
		return "", errors.New("a mail address ends in a domain such as example.kz")
	}
	domain, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", errors.New("the domain of the mail address is not valid")
	}
	domain = strings.ToLower(domain)
	dot := strings.LastIndexByte(domain, '.')
	switch {
	case !isDomain(domain):
		return "", errors.New("the domain of the mail address is not valid")
	case dot < 0:
		return "", errors.New("the domain of a mail address has a dot in it, as in example.kz")
	case strings.Trim(domain[dot+1:], "0123456789") == "":
		return "", errors.New("a mail address ends in a domain such as example.kz, not in a number")
	}
	return domain, nil
}

// isDomain accepts dot-separated labels in lower case, 253 characters at most.
func isDomain(s string) bool {
	for l := range strings.SplitSeq(s, ".") {
		if !isLabel(l) {
			return false
		}
	}
	return len(s) <= 253
}

// isLabel accepts letters, digits and hyphens (RFC 5890 §2.3.1).
func isLabel(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	for i := range len(l) {
		c := l[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}
