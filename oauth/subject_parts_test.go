package oauth_test

import (
	"encoding/json"
	"testing"

	"github.com/gosocial/social/oauth"
)

// A part that is missing or zero makes no subject, although the other part is good.
func TestSecurity21_EachPartOfASubjectIsSomebody(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		oid any
		ok  bool
	}{
		"a text":    {"1", true},
		"a number":  {json.Number("9007199254740993"), true},
		"negative":  {-7, true},
		"zero":      {0, false},
		"minus 0":   {json.Number("-0"), false},
		"a decimal": {json.Number("1.0"), false},
		"1e3":       {json.Number("1e3"), false},
		"1E3":       {json.Number("1E3"), false},
		"empty":     {"", false},
		"null":      {nil, false},
		"true":      {true, false},
		"an array":  {[]any{1}, false},
	} {
		op := newOpenIDProvider(t)
		op.claims = func(m map[string]any) { m["tid"], m["oid"] = "t-1", tc.oid }
		p := op.provider()
		p.SubjectClaim = "{tid}/{oid}"
		if g, err := op.login(t, op.open(t, p), oauth.Request{}); tc.ok != (err == nil) {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
	}
}
