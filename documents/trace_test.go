package documents_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"vestnik/documents"
)

// Whatever a trace says comes back; whatever else is read is refused, not believed.
func TestTraceCoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := documents.Trace{Number: 7, Size: rapid.IntRange(0, 1<<30).Draw(t, "size"), Marks: []documents.Mark{}}
		for range rapid.IntRange(0, 300).Draw(t, "marks") {
			m := documents.Mark{ID: rapid.String().Draw(t, "id")}
			copy(m.Own[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "own"))
			want.Marks = append(want.Marks, m)
		}
		b := want.Encode()
		if got, ok := documents.DecodeTrace(7, b); !ok || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, %t, want %v", got, ok, want)
		}
		if _, ok := documents.DecodeTrace(7, b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")]); ok {
			t.Fatal("a piece is believed")
		}
		if _, ok := documents.DecodeTrace(7, append(b, 'x')); ok {
			t.Fatal("more is believed")
		}
		_, _ = documents.DecodeTrace(7, rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		_, _ = documents.DecodeTrace(7, append([]byte{1}, rapid.SliceOf(rapid.Byte()).Draw(t, "numbers")...))
	})
}
