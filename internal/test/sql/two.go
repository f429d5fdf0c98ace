// Package sql checks what sqlstore promises on every database that several
// processes share.
package sql

import (
	"errors"
	"sync"
	"testing"

	"github.com/gosocial/social/sqlstore"
)

// Two are stores on one database, as two processes have them.
type Two [2]*sqlstore.Store

// atOnce calls f n times at once, in turns on either store.
func (two Two) atOnce(n int, f func(s *sqlstore.Store, i int) error) []error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-begin
			errs[i] = f(two[i%2], i)
		})
	}
	close(begin)
	done.Wait()
	return errs
}

func wantOneWinner(t *testing.T, errs []error, lost error) {
	t.Helper()
	winners := 0
	for _, err := range errs {
		if err == nil {
			winners++
		} else if !errors.Is(err, lost) {
			t.Errorf("error %v, want %v", err, lost)
		}
	}
	if winners != 1 {
		t.Errorf("%d calls succeeded, want 1", winners)
	}
}

func want(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}
