package notifier

import (
	"fmt"
	"strings"
	"testing"

	"vestnik/notifier/mail"
)

func TestLogsNameNobody(t *testing.T) {
	for _, err := range []error{
		fmt.Errorf("begin: %w", &mail.Answer{Code: 421, Enhanced: "4.3.0", Phase: mail.PhaseRcpt, Text: "4.3.0 <victim@example.org> later"}),
		fmt.Errorf("address victim@example.org is strange"),
	} {
		if got := nameless(err); strings.Contains(got, "victim") || got == "" {
			t.Errorf("nameless(%v) = %q", err, got)
		}
	}
}
