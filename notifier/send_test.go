package notifier_test

import (
	"testing"

	"vestnik/notifier"
)

func TestWholePath(t *testing.T) {
	h := newHouse(t, nil)
	h.people(20)
	h.person("kazakh", "kazakh@example.com", "kk")
	h.person("unknown", "unknown@example.com", "")
	h.run()
	e := h.publish("Вторая.", nil)
	x := h.closed(e.Seq)
	want := notifier.Figures{Due: 22, Accepted: 22}
	if x.Figures != want || x.Closing == nil || *x.Closing != want {
		t.Errorf("figures %+v, closing %+v, want %+v", x.Figures, x.Closing, want)
	}
	if x.Languages["ru"] != 20 || x.Languages["kk"] != 1 || x.Languages["kk+ru"] != 1 {
		t.Errorf("languages %v", x.Languages)
	}
	if got := len(h.relay.taken()); got != 22 {
		t.Errorf("the relay has %d messages, want 22", got)
	}
	h.balanced()
}
