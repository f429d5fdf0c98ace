package oauth_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// What many users may have makes them one.
func TestSecurity21_SubjectsOfEverybody(t *testing.T) {
	t.Parallel()
	for value, good := range map[string]bool{
		`"1"`: true, `7`: true, `"a b"`: true, `"0a"`: true, `"10"`: true, `"00000000-0000-0000-0000-000000000001"`: true,
		`""`: false, `null`: false, `0`: false, `-0`: false, `"0"`: false, `"000"`: false, `"-"`: false,
		`"00000000-0000-0000-0000-000000000000"`: false,
		`" "`:                                    false, `"\t"`: false, `"\u00a0"`: false, `"\u3000"`: false, `" 1"`: false, `"1\n"`: false,
		`"null"`: false, `"(null)"`: false, `"<nil>"`: false, `"[]"`: false, `"()"`: false, `"<{}>"`: false, `"None"`: false, `"undefined"`: false, `"NaN"`: false, `"[object Object]"`: false, `"-1"`: false, `-1`: false,
		`"nulla"`: true, `"none@lp.com"`: true, `"-10"`: true,
		`"Not supported currently. Use oid claim."`: false, `"not Supported currently"`: false,
		`true`: false, `[1]`: false, `{}`: false, `1.5`: false, `1e3`: false,
	} {
		doc := json.RawMessage(`{"sub":` + value + `,"id":` + value + `}`)
		if p, err := oauth.ProfileOf(oauth.Mapping{Subject: "id"}, doc); (err == nil) != good {
			t.Errorf("by a path, %s: %q, %v", value, p.Subject, err)
		}
		if value[0] != '"' {
			continue
		}
		op := newOpenIDProvider(t)
		op.claims = set("sub", json.RawMessage(value))
		p := op.provider()
		p.UserInfo = oauth.UserInfoNever
		if g, err := op.login(t, op.open(t, p), oauth.Request{}); (err == nil) != good {
			t.Errorf("OpenID Connect, %s: %+v, %v", value, g, err)
		}
	}
}

func TestSecurity21_APlaceholderSaysTheNextStep(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.claims = func(m map[string]any) {
		m["sub"], m["oid"], m["tid"] = "Not supported currently. Use oid claim.", "00000000-0000-0000-0000-000000000001", "t-1"
	}
	p := op.provider()
	p.UserInfo = oauth.UserInfoNever
	_, err := op.login(t, op.open(t, p), oauth.Request{})
	wantKind(t, err, oauth.Invalid)
	if err == nil || !strings.Contains(err.Error(), "oid") || !strings.Contains(err.Error(), "SubjectClaim") {
		t.Errorf("got %v", err)
	}
	for claim, want := range map[string]string{
		"oid": "00000000-0000-0000-0000-000000000001", "{tid}/{oid}": "t-1/00000000-0000-0000-0000-000000000001", "absent|oid": "00000000-0000-0000-0000-000000000001",
		"absent": "", "sub": "",
	} {
		p.SubjectClaim = claim
		g, err := op.login(t, op.open(t, p), oauth.Request{})
		if (err != nil) != (want == "") || err == nil && g.Profile.Subject != want {
			t.Errorf("%s: got %+v, %v", claim, g, err)
		}
	}
}

// The claim that identifies in an ID token does so in a logout token.
func TestSecurity27_SubjectClaimOfALogoutToken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		bend    func(map[string]any)
		subject string
		ok      bool
	}{
		"there":                    {set("oid", "o-1"), "o-1", true},
		"missing, with a session":  {func(map[string]any) {}, "", true},
		"missing, without session": {without("sid"), "", false},
		"alone":                    {func(m map[string]any) { m["oid"] = "o-1"; delete(m, "sub"); delete(m, "sid") }, "", false}, // §2.4
	} {
		op := newOpenIDProvider(t)
		p := op.provider()
		p.SubjectClaim = "oid"
		claims := logoutClaims(op)
		tt.bend(claims)
		got, err := verifyLogoutAt(t, op, p, claims)
		if (err == nil) != tt.ok || err == nil && (got.Subject != tt.subject || got.Session != "session" && tt.subject == "") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	// A placeholder is no subject.
	op := newOpenIDProvider(t)
	claims := logoutClaims(op)
	claims["sub"] = "Not supported currently. Use oid claim."
	if got, err := verifyLogoutAt(t, op, op.provider(), claims); err != nil || got.Subject != "" || got.Session != "session" {
		t.Errorf("got %+v, %v", got, err)
	}
}
