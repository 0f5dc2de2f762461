package server

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/sync/singleflight"
)

// flights make each thing once for all who want it at the same time. The making is
// nobody's request: whoever goes away leaves it to the others. Nothing is kept
// here, neither a thing nor an error.
type flights[V any] struct{ group singleflight.Group }

// do returns what make makes for key, or the end of ctx. make has a context of its
// own, which ends after most; a panic in it is an error for all who wait.
func (f *flights[V]) do(ctx context.Context, key string, most time.Duration, make func(context.Context) (V, error)) (v V, err error) {
	done := f.group.DoChan(key, func() (made any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
			}
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), most)
		defer cancel()
		return make(ctx)
	})
	select {
	case <-ctx.Done():
		return v, ctx.Err()
	case r := <-done:
		v, _ = r.Val.(V)
		return v, r.Err
	}
}
