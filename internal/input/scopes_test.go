package input_test

import (
	"reflect"
	"testing"

	"github.com/gosocial/social/internal/input"
)

func TestScopes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"": nil, " ,\n": nil, "a": {"a"}, "a b,c": {"a", "b", "c"}, " a,\tb\r\n": {"a", "b"}, "https://x/y:z": {"https://x/y:z"},
	} {
		if got := input.Scopes(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, want %#v", text, got, want)
		}
	}
}
