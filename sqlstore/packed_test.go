package sqlstore

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// A packed column comes from this package's own statements. This test calls unpack
// itself, because no database returns another one.
func TestUnpack(t *testing.T) {
	t.Parallel()
	type row struct {
		name   string
		count  int64
		rank   int
		active bool
		at     time.Time
		scopes []string
		roles  []string
	}
	read := func(packed string) (r row, err error) {
		err = unpack(packed, []any{&r.count, (*text)(&r.name), &r.rank, &r.active, (*micros)(&r.at), (*scopes)(&r.scopes), (*roleNames)(&r.roles)})
		return r, err
	}
	got, err := read("-7,5,3,1,1000000,3,3,a,\x1a00a bz\x1fy")
	want := row{"a,\x00", -7, 3, true, time.Unix(1, 0).UTC(), []string{"a", "b"}, []string{"y", "z"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v, want %+v", got, err, want)
	}
	if got, err := read("0,0,0,0,0,0,0,"); err != nil || !reflect.DeepEqual(got, row{}) {
		t.Errorf("nothing is %+v, %v", got, err)
	}
	for _, packed := range []string{"", "0,0,0,0,0,0,", "0,0,0,0,0,0,0,x", "0,2,0,0,0,0,0,x", "0,-1,0,0,0,0,0,",
		"x,0,0,0,0,0,0,", ",0,0,0,0,0,0,", strings.Repeat("0,", 8)} {
		if _, err := read(packed); !errors.Is(err, errPacked) {
			t.Errorf("%q: error %v, want %v", packed, err, errPacked)
		}
	}
	if err := unpack("1,", []any{new(string)}); !errors.Is(err, errPacked) {
		t.Errorf("an unknown field: error %v, want %v", err, errPacked)
	}
}
