package social_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// The same person at the provider is one user in each tenant, and each tenant's
// people, sessions and connections are its own.
func TestTenantsDoNotMeet(t *testing.T) {
	t.Parallel()
	s := open(t, auto)
	s.acme.set(email("matt@lp.com", true))
	north, south := s.browser().in("north"), s.browser().in("south")
	for _, b := range []*browser{north, south} {
		if a := b.flow("/login/acme", "1"); a.location != "/profile" || b.whoami() == "" {
			t.Fatalf("%d %q", a.status, a.location)
		}
	}
	one, two := north.whoami(), south.whoami()
	if one == two {
		t.Fatal("one user in two tenants")
	}
	// A session is good in its tenant alone.
	if who := north.in("south").whoami(); who != "" {
		t.Errorf("north's session is %s's in south", who)
	}
	if who := north.in("").whoami(); who != "" {
		t.Errorf("north's session is %s's in the default tenant", who)
	}
	north.in("north")
	// Connections: neither listed, checked nor removed from another.
	mine := s.rowsIn("north", one)
	if len(mine) != 1 || mine[0].Tenant != "north" || len(s.rowsIn("south", one)) != 0 || len(s.rows(one)) != 0 {
		t.Errorf("connections: %+v", mine)
	}
	if a := south.program().post("/connections/"+mine[0].ID+"/check", nil); a.status != http.StatusNotFound {
		t.Errorf("south checks north's connection: %d", a.status)
	}
	if a := south.do("DELETE", "/connect/acme/1", nil); a.status != http.StatusConflict {
		t.Errorf("south's own last way: %d %s", a.status, a.body)
	}
	if len(s.rowsIn("north", one)) != 1 {
		t.Error("south removed north's connection")
	}
	// The default tenant knows nobody.
	b := s.browser()
	if a := b.flow("/login/acme", "1"); a.location != "/profile" || b.whoami() == one || b.whoami() == two {
		t.Errorf("%d %q", a.status, a.location)
	}
}

// A flow that began in one tenant does not end in another.
func TestFlowStaysInItsTenant(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	b := s.browser()
	callback, answer := b.in("north").begin("/login/acme", "1")
	if a := b.in("").get(callback + "?" + answer.Encode()); a.status != http.StatusBadRequest || b.whoami() != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if s.acme.tokenRequests != 0 {
		t.Error("the code was sent")
	}
}

// An unfinished sign-up is its tenant's.
func TestSignUpStaysInItsTenant(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.SignUp = social.Form })
	b := s.browser().in("north")
	if a := b.flow("/login/acme", "1"); a.location != "/register/acme?login_failed=1" {
		t.Fatalf("%d %q", a.status, a.location)
	}
	if a := b.in("").get("/register/acme"); a.status != 404 {
		t.Errorf("the default tenant has it: %d %s", a.status, a.body)
	}
	if a := b.in("north").get("/register/acme"); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// "default" is how the default tenant is written, and no other's name.
func TestDefaultTenant(t *testing.T) {
	t.Parallel()
	ctx := social.WithTenant(context.Background(), "default")
	if id := social.Tenant(ctx); id != "" {
		t.Errorf("tenant %q", id)
	}
	s := open(t)
	u, err := s.acc.Create(ctx, accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"})
	must(t, err)
	if _, err := s.acc.User(context.Background(), u.ID); err != nil || u.Tenant != "" {
		t.Errorf("%+v, %v", u, err)
	}
}
