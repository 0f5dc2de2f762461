package notifier

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"vestnik/documents"
)

// tokenLife is how long the link in a notice opens a page: after the effect.
const tokenLife = 90 * 24 * time.Hour

// What stands in a masked message in the place of personal words. The masks of
// token and Message-ID are as long as what they replace, so that no line of the
// message breaks elsewhere; the account has a line of its own.
var (
	maskToken   = strings.Repeat("x", base64.RawURLEncoding.EncodedLen(sha256.Size))
	maskID      = strings.Repeat("0", 2*messageIDSize)
	maskAddress = "masked@masked.invalid"
	maskAccount = strings.Repeat("•", 8)
)

const messageIDSize = 16

// mac is a keyed hash for one purpose.
func (n *Notifier) mac(purpose string, parts ...any) []byte {
	h := hmac.New(sha256.New, n.Key)
	fmt.Fprintf(h, "vestnik %s\n", purpose)
	for _, p := range parts {
		fmt.Fprintf(h, "%v\n", p)
	}
	return h.Sum(nil)
}

// token opens one person's page from one notice. It is made, not stored.
func (n *Notifier) token(seq documents.Seq, recipient int64) string {
	return base64.RawURLEncoding.EncodeToString(n.mac("token", seq, recipient))
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// messageID is the same whenever the same thing is sent to the same person.
func (n *Notifier) messageID(domain string, what ...any) string {
	return hex.EncodeToString(n.mac("message-id", what...)[:messageIDSize]) + "@" + domain
}

// maskedID is id without what is personal in it.
func maskedID(id string) string {
	_, domain, _ := strings.Cut(id, "@")
	return maskID + "@" + domain
}

// addressMAC lets two uses of an address be compared without the address.
func (n *Notifier) addressMAC(address string) string {
	return hex.EncodeToString(n.mac("address", strings.ToLower(address))[:16])
}

// hidden is an address for a page: a•••@example.kz.
func hidden(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	if local == "" {
		return ""
	}
	return local[:1] + "•••@" + domain
}

// account names one account to whoever shares a mailbox, and to a stranger to whom
// a mail was forwarded nobody: А••• С•••, •••24.
func account(r Recipient) string {
	id := []rune(r.ExternalID)
	tail := "•••" + string(id[max(len(id)-2, (len(id)+1)/2):])
	if name := maskedName(r.Name); name != "" {
		return fit(name, maxAccount-len("•••, ")-2) + ", " + tail
	}
	return tail
}

// maxAccount keeps the line of an account within 72 columns.
const maxAccount = 40
