package program_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/socialtest"
)

// Processes that share only the database are one site.
func TestProcesses(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, database string) {
		c := serveAll(t, 4, settings{
			"database": database, "signup": "auto", "api_tokens": true,
			"throttle": settings{"login_account": 10, "login_network": 0, "registration_network": 20},
		})
		t.Run("sessions", func(t *testing.T) { c.on(t).sessions() })
		t.Run("accounts", func(t *testing.T) { c.on(t).accounts() })
		t.Run("flows", func(t *testing.T) { c.on(t).flows() })
		t.Run("first log-ins", func(t *testing.T) { c.on(t).firstLogins() })
		t.Run("refreshes", func(t *testing.T) { c.on(t).refreshes() })
		t.Run("revocations", func(t *testing.T) { c.on(t).revocations() })
		t.Run("throttling", func(t *testing.T) { c.on(t).throttling() })
	})
}

// on returns the cluster for a subtest.
func (c *cluster) on(t *testing.T) *cluster { return &cluster{on(t, c.site), c.nodes} }

// each runs f n times at once, with the nodes in turn.
func (c *cluster) each(n int, f func(i int, d *node)) {
	var group sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-begin
			f(i, c.nodes[i%len(c.nodes)])
		})
	}
	close(begin)
	group.Wait()
}

// A session that begins at one process is valid at all, and ends at all at once.
func (c *cluster) sessions() {
	first, second := c.nodes[0], c.nodes[1]
	c.user("matt@lp.com")
	v := c.visitor()
	v.at(first).post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	for _, d := range c.nodes {
		if v.at(d).user() != "matt@lp.com" {
			c.Error("a process does not know the session")
		}
	}
	copied := c.visitor()
	copied.client.Jar.SetCookies(parse(c.T, c.url), v.client.Jar.Cookies(parse(c.T, c.url)))
	v.at(second).post("/logout").to(303, "/")
	for _, d := range c.nodes {
		if copied.at(d).user() != "" {
			c.Error("a process accepts a session that ended at another")
		}
	}
	v.at(first).post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	succeeds(c.T, "users", "deactivate", "matt@lp.com", "--config", c.file)
	for _, d := range c.nodes {
		if v.at(d).user() != "" {
			c.Error("a process accepts the session of a deactivated user")
		}
	}
}

// What one process, or an operator's command, changes in an account, every process knows at
// the next request.
func (c *cluster) accounts() {
	const address = "ann@lp.com"
	c.user(address)
	v := c.visitor().asJSON()
	v.at(c.nodes[0]).post("/login", "email", address, "password", password).is(200)
	everywhere := func(status int, parts ...string) {
		c.Helper()
		for _, d := range c.nodes {
			v.at(d).get("/session").is(status).says(parts...)
		}
	}
	succeeds(c.T, "roles", "create", "keeper", "--config", c.file)
	succeeds(c.T, "roles", "grant", address, "keeper", "--config", c.file)
	everywhere(200, `"roles":["keeper"]`)
	succeeds(c.T, "roles", "revoke", address, "keeper", "--config", c.file)
	everywhere(200, `"roles":[]`)

	var made struct{ ID, Token string }
	v.at(c.nodes[1]).post("/security/tokens", "name", "deploy").is(201).into(&made)
	for i, d := range c.nodes {
		c.visitor().asJSON().at(d).get("/session", "header:Authorization", "Bearer "+made.Token).is(200)
		if i == len(c.nodes)-1 {
			v.at(d).do("DELETE", "/security/tokens/"+made.ID).is(204)
		}
	}
	for _, d := range c.nodes {
		c.visitor().asJSON().at(d).get("/session", "header:Authorization", "Bearer "+made.Token).is(401)
	}

	var setup struct{ Secret string }
	v.at(c.nodes[0]).post("/security/totp").is(201).into(&setup)
	v.at(c.nodes[1]).post("/security/totp/confirm", "code", oathtool(c.T, setup.Secret, 0)).is(200)
	half := make([]*visitor, len(c.nodes))
	for i, d := range c.nodes {
		half[i] = c.visitor().asJSON()
		half[i].at(d).post("/login", "email", address, "password", password).is(200).says(`{"two_factor":["totp","recovery_code"]}`)
	}
	// The code is good once, at one of them.
	code, in := oathtool(c.T, setup.Secret, 1), atomic.Int32{}
	c.each(len(half), func(i int, _ *node) {
		r, err := half[i].at(c.nodes[(i+1)%len(c.nodes)]).form("POST", "/two-factor", "code", code)
		switch {
		case err != nil:
			c.Error(err)
		case r.status == 200:
			in.Add(1)
		case r.status != 401:
			c.Errorf("%d: %s", r.status, r.body)
		}
	})
	if in.Load() != 1 {
		c.Errorf("one code signs in %d times", in.Load())
	}
	succeeds(c.T, "users", "reset-factors", address, "--config", c.file)
	for _, d := range c.nodes {
		w := c.visitor().asJSON()
		w.at(d).post("/login", "email", address, "password", password).is(200).says(`"user":`)
	}
	succeeds(c.T, "users", "end-sessions", address, "--config", c.file)
	everywhere(401)
}

// A flow begins at one process and ends at another. Its state is accepted once.
func (c *cluster) flows() {
	for i, id := range pretendIDs {
		v := c.signedIn(fmt.Sprintf("%s@lp.com", id))
		begin, end := c.nodes[i%len(c.nodes)], c.nodes[(i+1)%len(c.nodes)]
		back := v.decide(v.at(begin).begin("/connect/"+id), "noor", true).URL.String()
		other := v.at(end).copy()
		v.at(end).get(back).to(303, "/profile")
		for _, d := range c.nodes {
			other.at(d).get(back).is(400)
		}
		v.at(begin).only(id)

		stranger := c.visitor()
		back = stranger.decide(stranger.at(begin).begin("/login/"+id), "noor", true).URL.String()
		var in, refused atomic.Int32
		copies := make([]*visitor, 8)
		for i := range copies {
			copies[i] = stranger.copy()
		}
		c.each(len(copies), func(i int, d *node) {
			r, err := copies[i].at(d).try("GET", back, nil, nil)
			switch {
			case err != nil:
				c.Error(err)
			case r.status == 303 && r.location == "/profile":
				in.Add(1)
			case r.status == 400:
				refused.Add(1)
			default:
				c.Errorf("%s: %d to %q", id, r.status, r.location)
			}
		})
		if in.Load() != 1 || refused.Load() != 7 {
			c.Errorf("%s: one callback signs in %d times and is refused %d times", id, in.Load(), refused.Load())
		}
	}
}

// copy returns another browser with the same cookies.
func (v *visitor) copy() *visitor {
	w := v.site.visitor()
	w.client.Jar.SetCookies(parse(v.T, v.url), v.client.Jar.Cookies(parse(v.T, v.url+"/callback/")))
	return w
}

// First log-ins of one person at all processes at once create one user.
func (c *cluster) firstLogins() {
	c.pretend.Provider("google").AddUser(socialtest.User{Username: "newcomer", Email: "newcomer@example.org", EmailVerified: true})
	visitors, backs := make([]*visitor, 8), make([]string, 8)
	for i := range visitors {
		visitors[i] = c.visitor()
		backs[i] = visitors[i].decide(visitors[i].at(c.nodes[i%len(c.nodes)]).begin("/login/google"), "newcomer", true).URL.String()
	}
	c.each(len(visitors), func(i int, d *node) {
		if r, err := visitors[i].at(d).try("GET", backs[i], nil, nil); err != nil || r.status != 303 || r.location != "/profile" {
			c.Errorf("%+v, %v", r, err)
		}
	})
	for _, v := range visitors {
		if v.user() != "newcomer@example.org" {
			c.Errorf("%q is signed in", v.user())
		}
	}
	if n := c.count(`SELECT COUNT(*) FROM social_users WHERE email = 'newcomer@example.org'`); n != 1 {
		c.Errorf("%d users", n)
	}
}

// An expired token is refreshed once by all processes together, at a provider that
// revokes the grant when a refresh token is used twice.
func (c *cluster) refreshes() {
	hub := c.pretend.Provider("hub")
	v := c.signedIn("refreshing@lp.com")
	v.through("/connect/hub", "ana").to(303, "/profile")
	check := "/connections/" + v.only("hub").ID + "/check"
	for range 3 {
		hub.ExpireTokens("ana")
		before := hub.Calls(socialtest.EndpointToken)
		c.each(40, func(_ int, d *node) {
			r, err := v.at(d).asJSON().try("POST", check, nil, nil)
			if err != nil || r.status != 200 {
				c.Errorf("%+v, %v", r, err)
			}
		})
		if n := hub.Calls(socialtest.EndpointToken) - before; n != 1 {
			c.Errorf("%d refreshes, want 1", n)
		}
	}
}

// A revocation that a killed process had pending is done by another.
func (c *cluster) revocations() {
	hub := c.pretend.Provider("hub")
	v := c.signedIn("leaving@lp.com")
	v.through("/connect/hub", "jun").to(303, "/profile")
	last := c.nodes[len(c.nodes)-1]
	before := hub.Calls(socialtest.EndpointRevoke)
	hub.ServeWith(socialtest.EndpointRevoke, socialtest.Unavailable().Times(1))
	v.at(last).asJSON().do("DELETE", "/connect/hub").is(204)
	last.kill()
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if _, refresh := hub.Live("jun"); refresh == 0 {
			break
		}
		if time.Since(began) > time.Minute {
			c.Fatal("no process revoked the token within a minute")
		}
	}
	last.start()
	if n := hub.Calls(socialtest.EndpointRevoke) - before; n < 2 {
		c.Errorf("%d calls", n)
	}
}

// Guesses at all processes together are limited exactly.
func (c *cluster) throttling() {
	c.user("guessed@lp.com")
	var wrong, throttled atomic.Int32
	c.each(60, func(_ int, d *node) {
		v := c.visitor().at(d).asJSON()
		r, err := v.form("POST", "/login", "email", "guessed@lp.com", "password", "no")
		switch {
		case err != nil:
			c.Error(err)
		case r.status == 401:
			wrong.Add(1)
		case r.status == 429:
			throttled.Add(1)
		default:
			c.Errorf("%d: %s", r.status, r.body)
		}
	})
	if wrong.Load() != 10 || throttled.Load() != 50 {
		c.Errorf("%d guesses were checked and %d throttled, want 10 and 50", wrong.Load(), throttled.Load())
	}
	c.visitor().at(c.nodes[1]).asJSON().post("/login", "email", "guessed@lp.com", "password", password).problem(429, "throttled")

	c.exec(`DELETE FROM social_attempts`)
	var registered, refused atomic.Int32
	c.each(40, func(i int, d *node) {
		r, err := c.visitor().at(d).asJSON().form("POST", "/register", "email", fmt.Sprintf("mass%d@lp.com", i),
			"password", password, "password_confirm", password)
		switch {
		case err != nil:
			c.Error(err)
		case r.status == 201:
			registered.Add(1)
		case r.status == 429:
			refused.Add(1)
		default:
			c.Errorf("%d: %s", r.status, r.body)
		}
	})
	if registered.Load() != 20 || refused.Load() != 20 {
		c.Errorf("%d registered and %d refused, want 20 each", registered.Load(), refused.Load())
	}
	if n := c.count(`SELECT COUNT(*) FROM social_users WHERE email LIKE 'mass%'`); n != 20 {
		c.Errorf("%d users", n)
	}
}
