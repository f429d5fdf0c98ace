package oauth_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	const deep = `{"message":"Bad Request","errors":[{"resource":"RefreshToken","code":"invalid"}],"n":190,"big":12345678901234567890,"no":false,"nil":null,"text":"a=b"}`
	for _, tc := range []struct {
		condition oauth.Condition
		status    int
		body      string
		want      bool
	}{
		{"message=Bad Request", 400, deep, true},
		{"400 message=Bad Request", 400, deep, true},
		{"400 message=Bad Request", 401, deep, false},
		{"message=bad request", 400, deep, false},
		{"message=Bad", 400, deep, false},
		{"errors.0.resource=RefreshToken&errors.0.code=invalid", 400, deep, true},
		{"errors.0.resource=RefreshToken&errors.0.code=valid", 400, deep, false},
		{"errors.1.code=invalid", 400, deep, false},
		{"n=190", 400, deep, true},
		{"big=12345678901234567890", 400, deep, true},
		{"no=false", 400, deep, true},
		{"nil=null", 400, deep, true},
		{"text=a=b", 400, deep, true},
		{"errors=[]", 400, deep, false},
		{"list=[]", 400, `{"list":[],"object":{}}`, false},
		{"object={}", 400, `{"list":[],"object":{}}`, false},
		{"text=a\ufffd", 400, "{\"text\":\"a\xff\"}", true}, // as a decoder reads it
		{"error=no", 400, "error=no&x=y", true},
		{"error=no", 400, "error=yes&error=no", false},
		{"error=no", 400, `{"error":"no"`, false},
		{"error=no", 400, "", false},
		{"n!=0", 200, deep, true},
		{"n!=190", 200, deep, false},
		{"missing!=0", 200, deep, false},
		{"n!=0&n!=190", 200, deep, false},
		{"n!=0&n!=1", 200, deep, true},
		{"errors[code=invalid].resource=RefreshToken", 400, deep, true},
		{"error!=no", 400, "error=yes", true},
		{"message*=Bad", 400, deep, true},
		{"message*=bad", 400, deep, false},
		{"missing*=Bad", 400, deep, false},
		{"message*=Bad&n*=19", 400, deep, true},
	} {
		if got := oauth.Holds(tc.condition, tc.status, []byte(tc.body)); got != tc.want {
			t.Errorf("%s of %d %s: %t", tc.condition, tc.status, tc.body, got)
		}
	}
	for _, good := range []oauth.Condition{"a=b", "200 a=b", "a.b.0=c d&e=f", "4001=x", "100 a=b", "599 a=b", "4001 a=b", "40 a=b", "abc d=e", `"a.b"=c`, `a="`} {
		if err := good.Check(); err != nil {
			t.Error(err)
		}
	}
	for want, list := range map[string][]oauth.Condition{
		"is not of the form":              {"", " ", "a", "a=", "=b", "a=b&", "a=b&c", " a=b", "400  a=b", `"a=b`, `a"b"c"=d`},
		"names no HTTP status":            {"099 a=b", "099", "600 a=b", "700 a=b"},
		"names a status and nothing else": {"400", "400 "},
	} {
		for _, bad := range list {
			if err := bad.Check(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want %q", bad, err, want)
			}
		}
	}
}

func FuzzCondition(f *testing.F) {
	f.Add("400 errors.0.code=invalid&a=b", 400, []byte(`{"errors":[{"code":"invalid"}],"a":"b"}`))
	f.Add("error=x", 200, []byte("error=x"))
	f.Fuzz(func(t *testing.T, condition string, status int, body []byte) {
		c := oauth.Condition(condition)
		if err := c.Check(); err != nil && oauth.Holds(c, status, body) {
			t.Errorf("%q holds, and is none: %v", condition, err)
		}
	})
}
