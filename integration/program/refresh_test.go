package program_test

import (
	"testing"
	"time"

	"github.com/gosocial/social/socialtest"
)

// An ID token of a refresh that is not as it should be does not cost the connection at
// a provider that rotates refresh tokens, also when another process goes on.
func TestRefreshedIDToken(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	acme := s.pretend.Provider("acme")
	rows := []struct {
		name  string
		fault socialtest.Fault
		other bool // of another user
	}{
		{"none", socialtest.Fault{}, false},
		{"iat in 90 s", socialtest.Claim("iat", time.Now().Add(90*time.Second).Unix()), false},
		{"another nonce", socialtest.Claim("nonce", "another"), false},
		{"aud grown", socialtest.Claim("aud", []string{"site-acme", "account"}), false},
		{"another at_hash", socialtest.Claim("at_hash", "bm90IHRoaXMgb25lIQ"), false},
		{"exp a text", socialtest.Claim("exp", "tomorrow"), false},
		{"no JWT", socialtest.Field("id_token", "nonsense"), false},
		{"another sub", socialtest.Claim("sub", "somebody-else"), true},
		{"another iss", socialtest.Claim("iss", "https://evil.test"), true},
	}
	people := make([]*visitor, len(rows))
	checks := make([]string, len(rows))
	for i, row := range rows {
		subject := "person" + string(rune('a'+i))
		acme.AddUser(socialtest.User{Subject: subject, Username: subject})
		people[i] = s.signedIn(subject + "@lp.com")
		people[i].through("/connect/acme", subject).is(303)
		checks[i] = "/connections/" + people[i].only("acme").ID + "/check"
		acme.ExpireTokens(subject)
		acme.ServeWith(socialtest.EndpointToken, row.fault.Times(1))
		people[i].asJSON().post(checks[i])
		c := people[i].only("acme")
		if row.other && (c.Status != "failing" || c.LastError != "other_subject") || !row.other && c.Status != "active" {
			t.Errorf("%s: %s, %q", row.name, c.Status, c.LastError)
		}
		if !row.other {
			people[i].asJSON().post(checks[i]).is(200).says(`"status":"active"`)
		}
		acme.ExpireTokens(subject)
	}
	acme.ServeWith(socialtest.EndpointToken)
	s.restart(s.configuration())
	for i, row := range rows {
		if !row.other {
			people[i].asJSON().post(checks[i]).is(200).says(`"status":"active"`)
		}
	}
}

// A refresh that is refused without saying why is this connection's own matter when
// others of the client are refreshed.
func TestRefusedRefresh(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	hub := s.pretend.Provider("hub")
	matt, ana := s.signedIn("matt@lp.com"), s.signedIn("ana@lp.com")
	matt.through("/connect/hub", "matt").is(303)
	ana.through("/connect/hub", "ana").is(303)
	check := "/connections/" + matt.only("hub").ID + "/check"

	hub.ExpireTokens("matt")
	hub.ServeWith(socialtest.EndpointToken, socialtest.OAuthError(400, "unauthorized_client"))
	matt.asJSON().post(check).problem(502, "provider_failed")
	if c := matt.only("hub"); c.Status != "failing" || c.LastError != "refused" {
		t.Errorf("%s, %q", c.Status, c.LastError)
	}
	// It was the third time, and the first was long ago. Another one works.
	hub.ServeWith(socialtest.EndpointToken)
	hub.ExpireTokens("ana")
	ana.asJSON().post("/connections/" + ana.only("hub").ID + "/check").is(200)
	s.exec(`UPDATE social_connections SET refusals = 2, refused_since = ?, version = version + 1 WHERE refusals > 0`,
		time.Now().Add(-2*time.Hour).UnixMicro())
	hub.ServeWith(socialtest.EndpointToken, socialtest.OAuthError(400, "unauthorized_client"))
	s.restart(s.configuration()) // which knows nothing of what was
	matt.asJSON().post(check).problem(409, "needs_reauthorization")
	if c := matt.only("hub"); c.Status != "needs_reauthorization" || c.LastError != "refused" {
		t.Errorf("%s, %q", c.Status, c.LastError)
	}
}

// An API that refuses the token that it gave just now is at fault, and not the user.
func TestRefusedByTheAPI(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	hub := s.pretend.Provider("hub")
	matt := s.signedIn("matt@lp.com")
	matt.through("/connect/hub", "matt").is(303)
	check := "/connections/" + matt.only("hub").ID + "/check"
	hub.ServeWith(socialtest.EndpointUserInfo, socialtest.OAuthError(401, "invalid_token"))
	for range 2 {
		matt.asJSON().post(check).problem(502, "provider_failed")
		if c := matt.only("hub"); c.Status != "failing" || c.LastError != "api_refused" {
			t.Errorf("%s, %q", c.Status, c.LastError)
		}
	}
	hub.ServeWith(socialtest.EndpointUserInfo)
	matt.asJSON().post(check).is(200).says(`"status":"active"`)
}
