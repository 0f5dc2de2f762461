package redline_test

import (
	"testing"

	"vestnik/documents/redline"
)

// What permanent ids know of clauses goes before what words and numbers suggest,
// in both directions.
func TestKnownClauses(t *testing.T) {
	old := parse(t, "1. Служба хранит адрес пользователя один год.\n\n2. Пользователь вправе отозвать согласие.\n")
	new := parse(t, "1. Служба хранит адрес и телефон пользователя один год.\n\n2. Служба передаёт адрес партнёрам.\n\n3. Пользователь вправе отозвать согласие.\n")
	becomes := func(known ...redline.Pair) string {
		for _, e := range redline.Compare(old, new, known...).Changes {
			if e.OldClause != nil && *e.OldClause == "1." && e.NewClause != nil {
				return *e.NewClause
			}
		}
		return "nothing"
	}
	if got := becomes(); got != "1." {
		t.Errorf("without ids clause 1 becomes %s", got)
	}
	if got := becomes(redline.Pair{Old: 0, New: 1}, redline.Pair{Old: 1, New: 2}); got != "2." {
		t.Errorf("with ids clause 1 becomes %s", got)
	}
	known := []redline.Pair{{Old: 0, New: 1}, {Old: 1, New: 2}}
	back := []redline.Pair{{Old: 1, New: 0}, {Old: 2, New: 1}}
	if fault := mirrored(redline.Compare(old, new, known...), redline.Compare(new, old, back...)); fault != "" {
		t.Error(fault)
	}
}
