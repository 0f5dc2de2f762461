package notifier

import (
	"fmt"
	"slices"
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

func TestCatalogueIsWhole(t *testing.T) {
	words, err := newSpeech()
	if err != nil {
		t.Fatal(err)
	}
	want := words.catalogue.Keys("ru")
	for _, tag := range []string{"kk", "en"} {
		if got := words.catalogue.Keys(tag); !slices.Equal(got, want) {
			t.Errorf("%s has %v, ru has %v", tag, got, want)
		}
	}
	for _, reason := range []string{ReasonErased, ReasonLeft, ReasonUnreachable, ReasonTold, ReasonNotAllowed, ReasonCancelled, ReasonClosed, ReasonPerson,
		mail.ReasonDoubt, mail.ReasonNoMailbox, mail.ReasonBadDomain, mail.ReasonBadAddress, mail.ReasonFull, mail.ReasonNeedsUTF8, mail.ReasonPolicy,
		mail.ReasonThrottled, mail.ReasonTemporary, mail.ReasonRefused, mail.ReasonProtocol, mail.ReasonRelay} {
		if !slices.Contains(want, "reason-"+reason) {
			t.Errorf("no words for the reason %s", reason)
		}
	}
	for _, why := range []string{mail.ReasonLogin, mail.ReasonTLS, mail.ReasonTooBig, mail.ReasonSender, mail.ReasonContent, string(mail.GatePolicy), string(mail.GateDead), string(mail.GateProtocol), "foreign"} {
		if !slices.Contains(want, "why-"+why) {
			t.Errorf("no words for a stop for %s", why)
		}
	}
}
