package oauth_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/gosocial/social/oauth"
)

func TestSecurity18_UserInfoIsOfTheSameSubject(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		info any
		ok   bool
	}{
		"same":    {map[string]any{"sub": "248289761001", "name": "J", "email": "j@example.com"}, true},
		"other":   {map[string]any{"sub": "1", "name": "J"}, false},
		"missing": {map[string]any{"name": "J"}, false},
		"number":  {`{"sub":248289761001}`, false},
		"twice":   {`{"sub":"248289761001","sub":"248289761001"}`, false},
		"array":   {`[]`, false},
		"null":    {`null`, false},
		"HTML":    {`<html>`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.userInfo = func(w http.ResponseWriter) bool { writeJSON(w, tt.info); return true }
			p := op.provider()
			p.UserInfo = oauth.UserInfoAlways
			c := op.open(t, p)
			g, err := op.login(t, c, oauth.Request{})
			if !tt.ok {
				if err == nil {
					t.Error("log-in went through")
				}
				// Nor where the subject is made of other claims.
				p.SubjectOf = func(claims map[string]any) (string, error) { return "tenant/" + claims["sub"].(string), nil }
				if _, err := op.login(t, op.open(t, p), oauth.Request{}); err == nil {
					t.Error("with SubjectOf, log-in went through")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if g.Profile.Email != "j@example.com" || g.Profile.EmailVerified {
				t.Errorf("the ID token vouched for an address of the user info: %+v", g.Profile)
			}
			op.bend(func() { op.userInfo = nil; op.info = map[string]any{"sub": "1"} })
			_, err = c.Profile(context.Background(), g.Token)
			wantKind(t, err, oauth.Invalid)
		})
	}
}

func TestOIDC_UserInfoWhenTheIDTokenIsThin(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.claims = func(m map[string]any) { delete(m, "name"); delete(m, "email"); delete(m, "email_verified") }
	g := mustLogin(t, op, op.open(t, op.provider()))
	if g.Profile.FullName != "Jane Doe" || g.Profile.Email != "jane@example.com" || !g.Profile.EmailVerified {
		t.Errorf("got %+v", g.Profile)
	}
	p := op.provider()
	p.UserInfo = oauth.UserInfoNever
	if g = mustLogin(t, op, op.open(t, p)); g.Profile.Email != "" {
		t.Errorf("user info was asked: %+v", g.Profile)
	}
	if n := op.count("/userinfo"); n != 1 {
		t.Errorf("user info asked %d times, want 1", n)
	}
}

// Scopes that were granted under another name, or of which the answer says nothing,
// were granted.
func TestOIDC_UserInfoByTheScopesThatWereGranted(t *testing.T) {
	t.Parallel()
	for scope, want := range map[string]int{
		"openid email": 1, "openid https://scopes.test/email": 1, "": 1, "openid": 0, "openid calendar": 0,
	} {
		op := newOpenIDProvider(t)
		op.claims, op.answer = without("email"), set("scope", scope)
		p := op.provider()
		p.Scopes, p.ScopeAliases = []string{"openid", "email"}, map[string]string{"email": "https://scopes.test/email"}
		g := mustLogin(t, op, op.open(t, p))
		if n := op.count("/userinfo"); n != want || (g.Profile.Email != "") != (want == 1) {
			t.Errorf("scope %q: asked %d times, %+v", scope, n, g.Profile)
		}
	}
}

// User info is asked for what the scopes give and the ID token lacks.
func TestOIDC_UserInfoIsAskedForWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		scopes, missing []string
		endpoint        bool
		want            int
	}{
		{[]string{"openid", "email", "profile"}, nil, true, 0},
		{[]string{"openid", "email", "profile"}, []string{"name"}, true, 1},
		{[]string{"openid", "email", "profile"}, []string{"email"}, true, 1},
		{[]string{"openid", "email", "profile"}, []string{"name", "email"}, false, 0},
		{[]string{"openid", "profile"}, []string{"email"}, true, 0},
		{[]string{"openid", "profile"}, []string{"name"}, true, 1},
		{[]string{"openid", "email"}, []string{"name"}, true, 0},
		{[]string{"openid", "calendar"}, []string{"name", "email"}, true, 0},
	} {
		op := newOpenIDProvider(t)
		op.claims = func(claims map[string]any) {
			for _, name := range tt.missing {
				delete(claims, name)
			}
		}
		if !tt.endpoint {
			op.discovery = without("userinfo_endpoint")
		}
		// The answer grants more than was asked for.
		op.answer = set("scope", "openid email profile calendar")
		p := op.provider()
		p.Scopes = tt.scopes
		g := mustLogin(t, op, op.open(t, p))
		if g.Profile.Email == "" && g.Profile.EmailVerified {
			t.Errorf("without %v an address is verified that is not there", tt.missing)
		}
		if n := op.count("/userinfo"); n != tt.want {
			t.Errorf("for %v without %v user info was asked %d times", tt.scopes, tt.missing, n)
		}
	}
}

func TestSecurity21_SubjectIsExactAndNeverEmail(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.claims = set("sub", "90071992547409931234567890")
	if g := mustLogin(t, op, op.open(t, op.provider())); g.Profile.Subject != "90071992547409931234567890" {
		t.Errorf("got subject %q", g.Profile.Subject)
	}
	p := op.provider()
	p.SubjectOf = func(claims map[string]any) (string, error) {
		n, ok := claims["big"].(json.Number)
		if !ok {
			t.Errorf("a number came as %T", claims["big"])
		}
		return n.String(), nil
	}
	op.claims = func(m map[string]any) { m["big"] = json.Number("12345678901234567890") }
	if g := mustLogin(t, op, op.open(t, p)); g.Profile.Subject != "12345678901234567890" {
		t.Errorf("got subject %q", g.Profile.Subject)
	}
	p.SubjectOf = func(map[string]any) (string, error) { return "", nil }
	_, err := op.login(t, op.open(t, p), oauth.Request{})
	wantKind(t, err, oauth.Invalid)
}
