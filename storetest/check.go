package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// A part is one subtest of a suite.
type part[S any] struct {
	name string
	run  func(*testing.T, S)
}

func runParts[S any](t *testing.T, open func(*testing.T) S, parts []part[S]) {
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.run(t, open(t))
		})
	}
}

// name returns a name that was never used before.
func name(kind string) string { return kind + "-" + rand.Text() }

// at is a moment to the millisecond: a store must keep at least that.
var at = time.Date(2026, time.March, 4, 5, 6, 7, 89*int(time.Millisecond), time.UTC)

// odd are texts that stores are known to change.
var odd = map[string]string{
	"empty":       "",
	"unicode":     "Zoë Ångström 山田太郎 🦊 e\u0301 \u202e",
	"quotes":      `'"` + "`" + `\'; DROP TABLE x; -- %s ? $1 :a @b {prefix}`,
	"spaces":      "  leading, trailing and \t\r\n ",
	"control":     "a\x01b\x1fc\x7fd",
	"digits":      "00123",
	"16 KB":       strings.Repeat("0123456789abcde\n", 1024),
	"wide":        strings.Repeat("山", 5000),
	"looks empty": "NULL",
}

// race calls f n times at once and returns the errors.
func race(n int, f func(i int) error) []error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-begin
			errs[i] = f(i)
		})
	}
	close(begin)
	done.Wait()
	return errs
}

// won checks that one of the errors is nil and the others are the given one.
func won(t *testing.T, errs []error, lost error) {
	t.Helper()
	winners := 0
	for i, err := range errs {
		switch {
		case err == nil:
			winners++
		case !errors.Is(err, lost):
			t.Errorf("call %d: error %v, want %v", i, err, lost)
		}
	}
	if winners != 1 {
		t.Errorf("%d of %d calls succeeded, want 1", winners, len(errs))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// same compares values. Times are the same at the same moment, and an empty list is
// the same as none.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	differ(t, what, reflect.ValueOf(got), reflect.ValueOf(want))
}

func differ(t *testing.T, path string, got, want reflect.Value) {
	t.Helper()
	if w, ok := want.Interface().(time.Time); ok {
		g := got.Interface().(time.Time)
		if !g.Equal(w) || g.IsZero() != w.IsZero() {
			t.Errorf("%s: %v, want %v", path, g, w)
		}
		return
	}
	switch want.Kind() {
	case reflect.Struct:
		for i := range want.NumField() {
			differ(t, path+"."+want.Type().Field(i).Name, got.Field(i), want.Field(i))
		}
	case reflect.Slice:
		if got.Len() != want.Len() {
			t.Errorf("%s: %d values, want %d: %.200q", path, got.Len(), want.Len(), got.Interface())
			return
		}
		if want.Type().Elem().Kind() == reflect.Uint8 {
			if string(got.Bytes()) != string(want.Bytes()) {
				t.Errorf("%s: other bytes: %.200q, want %.200q", path, got.Bytes(), want.Bytes())
			}
			return
		}
		for i := range want.Len() {
			differ(t, path, got.Index(i), want.Index(i))
		}
	default:
		if got.Interface() != want.Interface() {
			t.Errorf("%s: %.200q, want %.200q", path, got.Interface(), want.Interface())
		}
	}
}

// ended calls f with a context that was cancelled, and with one past its
// deadline.
func ended(t *testing.T, what string, f func(context.Context) error) {
	t.Helper()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("%s with a cancelled context: error %v, want %v", what, err, context.Canceled)
	}
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := f(late); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%s with a context past its deadline: error %v, want %v", what, err, context.DeadlineExceeded)
	}
}
