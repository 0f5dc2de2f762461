package documents_test

import (
	"bytes"
	"testing"

	"vestnik/documents"
)

// Keys that are not UTF-8 stay apart, also in a store that was moved.
func TestKeysOfBytes(t *testing.T) {
	rules := alone()
	l, moved := library(t, &rules), library(t, &rules)
	privacy(t, l)
	publications := []documents.Publication{
		{Document: "privacy", Draft: draft("Первый."), Key: "\xff"},
		{Document: "privacy", Draft: draft("Второй."), Based: 1, Key: "\xfe"},
	}
	var made []documents.Event
	for _, p := range publications {
		e, err := l.Publish(t.Context(), p, staff)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, e)
	}
	var dump bytes.Buffer
	if err := l.Store.Dump(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	if err := moved.Store.Load(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	for _, l := range []*documents.Library{l, moved} {
		for i, p := range publications {
			if e, err := l.Publish(t.Context(), p, staff); err != nil || e.Seq != made[i].Seq {
				t.Errorf("key %q: got event %d, want %d; %v", p.Key, e.Seq, made[i].Seq, err)
			}
		}
	}
}
