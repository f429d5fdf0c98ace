package program_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/socialtest"
)

func TestConnections(t *testing.T) {
	t.Parallel()
	s := serve(t)
	matt, ana := s.signedIn("matt@lp.com"), s.signedIn("ana@lp.com")
	s.pretend.Provider("hub").SetTokenLife(time.Hour)
	for _, id := range []string{"hub", "twitter", "foursquare"} {
		matt.through("/connect/"+id, "matt").is(303)
	}
	ana.through("/connect/hub", "ana").is(303)

	t.Run("list", func(t *testing.T) {
		matt := matt.on(t)
		r := matt.asJSON().get("/connections").is(200).has("Cache-Control", "no-store")
		var list []map[string]any
		r.into(&list)
		if len(list) != 3 {
			t.Fatalf("%d connections, want 3", len(list))
		}
		want := strings.Fields("created_at display_name email expires_at full_name id image_url last_error missing_scopes profile_url provider_id provider_user_id rank scopes status status_reason status_since updated_at")
		for _, c := range list {
			var names []string
			for name := range c {
				names = append(names, name)
			}
			slices.Sort(names)
			if !slices.Equal(names, want) {
				t.Errorf("fields %v, want %v", names, want)
			}
			if missing, ok := c["missing_scopes"].([]any); !ok || len(missing) != 0 {
				t.Errorf("missing_scopes is %v", c["missing_scopes"])
			}
			if _, ok := c["scopes"].([]any); !ok || c["status"] != "active" || c["rank"] != 0.0 {
				t.Errorf("%v", c)
			}
			for _, name := range []string{"created_at", "updated_at"} {
				if at, err := time.Parse(time.RFC3339, c[name].(string)); err != nil || time.Since(at).Abs() > time.Minute {
					t.Errorf("%s is %v", name, c[name])
				}
			}
			expires, _ := c["expires_at"].(string)
			if at, err := time.Parse(time.RFC3339, expires); c["provider_id"] == "hub" && (err != nil || time.Until(at) < 50*time.Minute) || c["provider_id"] != "hub" && c["expires_at"] != nil {
				t.Errorf("%s: expires_at is %v", c["provider_id"], c["expires_at"])
			}
		}
		matt.get("/connections").is(200).says("Hub", "matt", "@matt", `name="connection"`, "see your e-mail address", "<code>read</code>").saysNot("Ana Duarte", "@ana")
		ana.on(t).asJSON().get("/connections").says(`"display_name":"ana"`).saysNot("matt")
	})

	t.Run("unknown expiry", func(t *testing.T) {
		hub := s.pretend.Provider("hub")
		for _, f := range []socialtest.Fault{socialtest.Field("expires_in", 0), socialtest.Field("expires_in", -5), socialtest.WithoutField("expires_in")} {
			hub.ServeWith(socialtest.EndpointToken, f)
			matt.on(t).through("/reconnect/hub", "matt").is(303)
			if c := matt.on(t).only("hub"); c.ExpiresAt != nil {
				t.Errorf("expires_at is %s", *c.ExpiresAt)
			}
		}
		hub.ServeWith(socialtest.EndpointToken)
	})

	t.Run("missing scopes", func(t *testing.T) {
		hub := s.pretend.Provider("hub")
		hub.ServeWith(socialtest.EndpointToken, socialtest.Field("scope", "read"))
		matt.on(t).through("/reconnect/hub", "matt").is(303)
		matt.on(t).asJSON().get("/connections").says(`"scopes":["read"],"missing_scopes":["email"]`)
		hub.ServeWith(socialtest.EndpointToken)
		matt.on(t).through("/connect/hub", "matt").is(303)
		matt.on(t).asJSON().get("/connections").says(`"scopes":["read","email"],"missing_scopes":[]`)
	})

	t.Run("check", func(t *testing.T) {
		matt, hub := matt.on(t), s.pretend.Provider("hub")
		matt.through("/reconnect/hub", "matt").is(303)
		matt.get("/")
		c := matt.only("hub")
		check := "/connections/" + c.ID + "/check"
		before := hub.Calls(socialtest.EndpointUserInfo)
		var checked struct {
			Status  string
			Profile map[string]any
		}
		matt.asJSON().post(check).is(200).into(&checked)
		if checked.Status != "active" || checked.Profile["provider_user_id"] != c.ProviderUserID || checked.Profile["display_name"] != "matt" {
			t.Errorf("%+v", checked)
		}
		if n := hub.Calls(socialtest.EndpointUserInfo); n != before+1 {
			t.Errorf("%d calls of user info", n-before)
		}
		matt.post(check, "header:Referer", s.url+"/connections").to(303, "/connections")
		matt.flash("success: Connection to Hub works")

		ana.on(t).asJSON().post(check).problem(404, "no_connection")
		ana.on(t).post(check).is(404)
		matt.asJSON().post("/connections/nothing/check").problem(404, "no_connection")

		// refreshing first when due
		hub.ExpireTokens("matt")
		on(t, s).exec(`UPDATE social_connections SET expires_at = ?, version = version + 1 WHERE id = ?`, time.Now().Add(-time.Minute).UnixMicro(), c.ID)
		matt.asJSON().post(check).is(200).says(`"status":"active"`)
		if next := matt.only("hub"); next.ExpiresAt == nil {
			t.Error("the token was not refreshed")
		}

		// the provider fails
		hub.ServeWith(socialtest.EndpointUserInfo, socialtest.Unavailable())
		matt.asJSON().post(check).problem(502, "provider_failed")
		matt.post(check).is(502).says(" did not answer as it should · Social</title>")
		hub.ServeWith(socialtest.EndpointUserInfo)

		// the user revokes the access at the provider
		hub.RevokeTokens("matt")
		matt.asJSON().post(check).problem(409, "needs_reauthorization")
		gone := matt.only("hub")
		if gone.Status != "needs_reauthorization" || gone.StatusSince == nil {
			t.Errorf("%+v", gone)
		}
		matt.asJSON().post(check).problem(409, "needs_reauthorization")
		matt.post(check).to(303, "/profile")
		matt.flash("error: Connection to Hub has to be renewed")
		matt.get("/profile").is(200).says("Reconnect needed", `action="/reconnect/hub"`)
		matt.through("/reconnect/hub", "matt").is(303)
		if c := matt.only("hub"); c.Status != "active" {
			t.Errorf("%+v", c)
		}

		// failing is transient
		hub.ExpireTokens("matt")
		on(t, s).exec(`UPDATE social_connections SET expires_at = ?, version = version + 1 WHERE id = ?`, time.Now().Add(-time.Minute).UnixMicro(), c.ID)
		hub.ServeWith(socialtest.EndpointToken, socialtest.Unavailable())
		matt.asJSON().post(check).problem(502, "provider_failed")
		if c := matt.only("hub"); c.Status != "failing" || c.StatusSince == nil {
			t.Errorf("%+v", c)
		}
		matt.get("/connections").says("Trying again")
		hub.ServeWith(socialtest.EndpointToken)
	})

	t.Run("the last way to log in", func(t *testing.T) {
		s := on(t, s)
		if out := succeeds(t, "users", "create", "no-password@lp.com", "--no-password", "--config", s.file); out == "" {
			t.Fatal("no user")
		}
		var id string
		s.query(&id, `SELECT id FROM social_users WHERE email = 'no-password@lp.com'`)
		v := s.signedIn("giver@lp.com")
		v.through("/connect/google", "noor").is(303)
		s.exec(`UPDATE social_connections SET user_id = ? WHERE provider_id = 'google'`, id)
		v = s.visitor()
		v.through("/login/google", "noor").is(303)
		v.post("/connect/google", "_method", "DELETE").to(303, "/profile")
		v.flash("error: This is your last way to log in: set a password or connect another account first")
		v.asJSON().do("DELETE", "/connect/google/"+v.only("google").ProviderUserID).problem(409, "last_way_in")
		v.through("/connect/facebook", "noor").is(303)
		v.asJSON().do("DELETE", "/connect/google").is(204)
	})

	t.Run("nothing secret", func(t *testing.T) {
		s := on(t, s)
		var sealed []byte
		s.query(&sealed, `SELECT sealed_token FROM social_connections WHERE provider_id = 'twitter'`)
		if len(sealed) == 0 || json.Valid(sealed) || strings.Contains(string(sealed), "oauth") {
			t.Errorf("sealed_token is %q", sealed)
		}
	})
}

// on returns the same browser for a subtest.
func (v *visitor) on(t *testing.T) *visitor {
	w := *v
	w.site = on(t, v.site)
	return &w
}

// A revocation that got 503 is tried again within a minute.
func TestRevocationIsRepeated(t *testing.T) {
	t.Parallel()
	s := serve(t)
	hub := s.pretend.Provider("hub")
	v := s.signedIn("matt@lp.com")
	v.through("/connect/hub", "matt").is(303)
	hub.ServeWith(socialtest.EndpointRevoke, socialtest.Unavailable().Times(1))
	start := time.Now()
	v.asJSON().do("DELETE", "/connect/hub").is(204)
	for alive := 1; alive > 0; alive, _ = hub.Live("matt") {
		if time.Since(start) > time.Minute {
			t.Fatal("the token still works after a minute")
		}
		time.Sleep(100 * time.Millisecond) // the test cannot wait for another process's event
	}
	if n := hub.Calls(socialtest.EndpointRevoke); n < 2 {
		t.Errorf("%d calls", n)
	}
}
