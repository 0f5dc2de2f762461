package notifier

import (
	"strings"
	"testing"
	"time"

	"vestnik/notifier/mail"
)

// BenchmarkCompose makes one message ready for the relay: from the form that it
// shares with its neighbours to the bytes, read again.
func BenchmarkCompose(b *testing.B) {
	n, s, set := told(b, 6)
	f, err := n.form(s, []string{"ru"}, set, nil)
	if err != nil {
		b.Fatal(err)
	}
	made := made(f)
	id, token, to := strings.Repeat("0", 32)+"@example.kz", strings.Repeat("t", 43), mail.Address{Local: "a", Domain: "example.com"}
	for b.Loop() {
		m, err := mail.Compose(made.message(to, id, time.Unix(1, 0), token, "А••• С•••, •••24"))
		if err != nil {
			b.Fatal(err)
		}
		if err := assertOwn(m, made.allowed, personal{To: to.String()}, id, token); err != nil {
			b.Fatal(err)
		}
	}
}
