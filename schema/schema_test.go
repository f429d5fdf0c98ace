package schema_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/gosocial/social/schema"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		done, needed []int64
		version      int64
		pending      []int64
		err          error
	}{
		"empty":                {nil, []int64{1, 2}, 0, []int64{1, 2}, schema.ErrOlder},
		"current":              {[]int64{2, 1, 0}, []int64{1, 2}, 2, nil, nil},
		"more than is needed":  {[]int64{1, 2, 3}, []int64{1, 3}, 3, nil, nil},
		"one behind":           {[]int64{1}, []int64{1, 2}, 1, []int64{2}, schema.ErrOlder},
		"an earlier one lacks": {[]int64{1, 3}, []int64{1, 2, 3}, 3, []int64{2}, schema.ErrOlder},
		"newer":                {[]int64{1, 2, 3, 4}, []int64{1, 2}, 4, nil, schema.ErrNewer},
		"newer, and one lacks": {[]int64{1, 4}, []int64{1, 2}, 4, []int64{2}, schema.ErrNewer},
	} {
		s := schema.Compare(tt.done, tt.needed, 3)
		if s.Version != tt.version || s.Latest != 3 || !slices.Equal(s.Pending, tt.pending) || !errors.Is(s.Err(), tt.err) {
			t.Errorf("%s: %+v, %v", what, s, s.Err())
		}
	}
}
