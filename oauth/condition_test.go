package oauth_test

import (
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
		{"error=no", 400, "error=no&x=y", true},
		{"error=no", 400, "error=yes&error=no", false},
		{"error=no", 400, `{"error":"no"`, false},
		{"error=no", 400, "", false},
	} {
		if got := oauth.Holds(tc.condition, tc.status, []byte(tc.body)); got != tc.want {
			t.Errorf("%s of %d %s: %t", tc.condition, tc.status, tc.body, got)
		}
	}
	for _, good := range []oauth.Condition{"a=b", "200 a=b", "a.b.0=c d&e=f", "4001=x"} {
		if err := good.Check(); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []oauth.Condition{"", " ", "a", "a=", "=b", "400", "400 ", "099 a=b", "700 a=b", "a=b&", "a=b&c", " a=b", "400  a=b"} {
		if bad.Check() == nil {
			t.Errorf("%q is a condition", bad)
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
