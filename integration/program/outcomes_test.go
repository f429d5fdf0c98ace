package program_test

import (
	"net/url"
	"strings"
	"testing"
)

// The rows of the parity table "Outcomes", through the program.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	s := serve(t)
	names := map[string]string{"facebook": "Facebook", "twitter": "Twitter", "foursquare": "foursquare", "google": "Google", "acme": "Acme", "hub": "Hub"}
	for id, name := range names {
		t.Run(id, func(t *testing.T) { // one after another: the accounts are the same
			s := &site{T: t, url: s.url, file: s.file, data: s.data, pretend: s.pretend, process: s.process}
			outcomes(s, id, name)
		})
	}
}

func outcomes(s *site, id, name string) {
	matt, ana := id+"-matt@example.org", id+"-ana@example.org"
	rows := func() int { return s.count(`SELECT COUNT(*) FROM social_connections WHERE provider_id = ?`, id) }
	sealed := func() (b []byte) {
		s.query(&b, `SELECT sealed_token FROM social_connections WHERE provider_id = ?`, id)
		return b
	}

	// log-in, connection unknown: refused, and nothing is stored
	v := s.visitor()
	v.through("/login/"+id, "matt").to(303, "/login").has("Cache-Control", "no-store").has("Referrer-Policy", "no-referrer")
	v.flash("error: " + name + " account not associated with an existing user")
	if v.user() != "" || rows() != 0 {
		s.Fatal("a refused log-in created a session or a row")
	}
	v.asJSON().through("/login/"+id, "matt").problem(401, "unknown_account")

	// log-in, the user refused
	v.denied("/login/"+id).to(303, "/login").has("Cache-Control", "no-store")
	v.flash("error: Access was denied to your " + name + " account")

	// connect, the user refused
	m := s.signedIn(matt)
	m.denied("/connect/"+id).to(303, "/profile")
	m.flash("error: Access was denied by " + name)
	m.asJSON().denied("/connect/"+id).problem(403, "access_denied")

	// connect, new
	m.through("/connect/"+id, "matt").to(303, "/profile").has("Referrer-Policy", "no-referrer")
	m.flash("success: Connection established to " + name)
	if rows() != 1 {
		s.Fatalf("%d rows, want 1", rows())
	}

	// connect, the user has it already: tokens updated
	before := sealed()
	m.through("/connect/"+id, "matt", "next", "/connections?a=b").to(303, "/connections?a=b")
	m.flash("notice: A connection is already established with " + name + " to your account")
	if string(before) == string(sealed()) {
		s.Error("connecting again kept the old token")
	}

	// connect, another user has it: nothing changes
	a := s.signedIn(ana)
	before = sealed()
	a.through("/connect/"+id, "matt").to(303, "/profile")
	a.flash("error: A connection is already established with " + name)
	a.asJSON().through("/connect/"+id, "matt").problem(409, "connection_taken")
	if string(before) != string(sealed()) || rows() != 1 {
		s.Error("connecting what another user owns changed something")
	}

	// reconnect, same account and another
	m.through("/reconnect/"+id, "matt").to(303, "/profile")
	m.flash("success: Connection to " + name + " renewed")
	if string(before) == string(sealed()) {
		s.Error("reconnecting kept the old token")
	}
	before = sealed()
	m.through("/reconnect/"+id, "ana", "next", "/connections").to(303, "/connections")
	m.flash("error: That is a different " + name + " account")
	if string(before) != string(sealed()) {
		s.Error("reconnecting as another account changed the token")
	}
	m.asJSON().through("/reconnect/"+id, "ana").problem(409, "connection_different")

	// log-in, connection known: token updated, log-in tracked
	v = s.visitor()
	logins := s.count(`SELECT logins FROM social_users WHERE email = ?`, matt)
	v.through("/login/"+id, "matt", "next", "/connections").to(303, "/connections")
	if v.user() != matt || string(before) == string(sealed()) {
		s.Error("the log-in did not sign in, or kept the old token")
	}
	if n := s.count(`SELECT logins FROM social_users WHERE email = ?`, matt); n != logins+1 {
		s.Errorf("%d log-ins, want %d", n, logins+1)
	}
	v.flash("")
	s.visitor().through("/login/"+id, "matt").to(303, "/profile")
	s.visitor().asJSON().through("/login/"+id, "matt").is(200).says(`"user"`, matt)

	// remove one that does not exist
	m.post("/connect/"+id+"/nobody", "_method", "DELETE").to(303, "/profile")
	m.flash("error: Unable to remove connection to " + name)
	m.asJSON().do("DELETE", "/connect/"+id+"/nobody").problem(404, "no_connection")
	a.asJSON().do("DELETE", "/connect/"+id+"/"+m.only(id).ProviderUserID).problem(404, "no_connection")

	// remove one: its token is revoked (those before it were replaced)
	alive, _ := s.pretend.Provider(id).Live("matt")
	m.post("/connect/"+id+"/"+url.PathEscape(m.only(id).ProviderUserID), "_method", "DELETE", "header:Referer", s.url+"/connections").to(303, "/connections")
	m.flash("info: Connection to " + name + " removed")
	if rows() != 0 {
		s.Error("the row is still there")
	}
	if access, _ := s.pretend.Provider(id).Live("matt"); access >= alive && id != "foursquare" { // which has no revocation
		s.Errorf("%d tokens work, %d before", access, alive)
	}

	// remove all, by query parameter and as JSON
	m.through("/connect/"+id, "matt").is(303)
	m.through("/connect/"+id, "ana").is(303)
	m.flash("success: Connection established to " + name + "\nsuccess: Connection established to " + name)
	if list := m.connections(); len(list) != 2 || list[0].Rank >= list[1].Rank {
		s.Errorf("connections %+v, want two, ranked", list)
	}
	m.post("/connect/"+id+"?_method=DELETE", "header:Referer", "http://evil.example/").to(303, "/profile")
	m.flash("info: All connections to " + name + " removed")
	if rows() != 0 {
		s.Error("rows are still there")
	}
	m.through("/connect/"+id, "jun").is(303)
	if r := m.asJSON().do("DELETE", "/connect/"+id).is(204); r.body != "" {
		s.Errorf("204 with a body: %q", r.body)
	}
}

// only returns the user's one connection to the provider.
func (v *visitor) only(provider string) listed {
	v.Helper()
	var found []listed
	for _, c := range v.connections() {
		if c.ProviderID == provider {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		v.Fatalf("%d connections to %s, want one", len(found), provider)
	}
	return found[0]
}

// The rows of the parity table "Requests", through the program.
func TestRequests(t *testing.T) {
	t.Parallel()
	s := serve(t)
	anonymous, matt := s.visitor(), s.signedIn("matt@example.org")

	// log-in while signed in
	matt.post("/login/google").to(303, "/profile")
	matt.asJSON().post("/login/google").problem(409, "signed_in")

	// requests that need a signed-in user
	for _, path := range []string{"/connect/google", "/reconnect/google", "/connections/x/check"} {
		anonymous.post(path).to(303, "/login")
		anonymous.post(path, "header:Referer", s.url+"/profile?tab=2").to(303, "/login?next=%2Fprofile%3Ftab%3D2")
		anonymous.post(path, "header:Referer", "http://evil.example/profile").to(303, "/login")
		anonymous.asJSON().post(path).problem(401, "not_signed_in")
	}
	for _, path := range []string{"/connect/google", "/connect/google/1"} {
		anonymous.post(path, "_method", "DELETE", "header:Referer", s.url+"/connections").to(303, "/login?next=%2Fconnections")
		anonymous.asJSON().do("DELETE", path).problem(401, "not_signed_in")
	}
	anonymous.get("/connections").to(303, "/login?next=%2Fconnections")
	anonymous.asJSON().get("/connections").problem(401, "not_signed_in")

	// unknown provider
	for _, v := range []*visitor{anonymous, matt} {
		for _, request := range []string{"POST /login/", "POST /connect/", "POST /reconnect/", "GET /callback/", "POST /callback/", "DELETE /connect/", "GET /register/", "POST /register/"} {
			method, path, _ := strings.Cut(request, " ")
			v.do(method, path+"myspace").is(404).says("<title>This way to sign in is not offered", "There is no such provider here.")
			v.asJSON().do(method, path+"myspace").problem(404, "unknown_provider")
		}
	}
	matt.asJSON().do("DELETE", "/connect/myspace/1").problem(404, "unknown_provider")

	// removing one connection with an empty ID does not remove all
	matt.through("/connect/hub", "matt").to(303, "/profile")
	matt.asJSON().do("DELETE", "/connect/hub/").problem(404, "not_found")
	if n := len(matt.connections()); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	matt.asJSON().do("DELETE", "/connect/hub").is(204)

	// unknown paths
	for _, path := range []string{"/login/", "/connect/", "/reconnect/google/more", "/callback/google/more", "/connections/x", "/nothing"} {
		matt.get(path).is(404).says("<title>There is nothing here", "Back to the start")
		matt.asJSON().get(path).problem(404, "not_found")
	}

	// wrong methods
	for request, allow := range map[string]string{
		"GET /login/google": "POST", "GET /reconnect/google": "POST", "GET /connect/google": "DELETE, POST",
		"POST /connect/google/1": "DELETE", "POST /callback/google": "GET", "HEAD /callback/google": "GET",
		"GET /connections/x/check": "POST", "POST /connections": "GET, HEAD", "GET /logout": "POST",
		"PUT /login": "GET, HEAD, POST", "DELETE /register": "GET, HEAD, POST", "DELETE /profile": "GET, HEAD, PATCH, POST",
		"POST /session": "GET, HEAD", "POST /": "GET, HEAD", "PUT /register/google": "GET, HEAD, POST",
	} {
		method, path, _ := strings.Cut(request, " ")
		matt.do(method, path).is(405).has("Allow", allow)
		if method != "HEAD" {
			matt.asJSON().do(method, path).problem(405, "method_not_allowed").has("Allow", allow)
		}
	}
	for _, path := range []string{"/", "/profile", "/connections", "/session", "/healthz", "/readyz"} {
		if r := matt.do("HEAD", path).is(200); r.body != "" {
			t.Errorf("HEAD %s has a body", path)
		}
		matt.asJSON().do("HEAD", path).is(200)
	}
	anonymous.do("HEAD", "/login").is(200)

	// reconnect needs a connection of the user: by its ID, or the default one
	matt.post("/reconnect/google").is(404)
	matt.asJSON().post("/reconnect/google").problem(404, "no_connection")
	matt.through("/connect/hub", "matt").is(303)
	id := matt.only("hub").ID
	matt.asJSON().post("/reconnect/google", "connection", id).problem(404, "no_connection")
	s.signedIn("ana@example.org").asJSON().post("/reconnect/hub", "connection", id).problem(404, "no_connection")
	matt.through("/connect/hub", "ana").is(303)
	second := matt.connections()[1]
	matt.get("/")
	matt.through("/reconnect/hub", "ana", "connection", second.ID).to(303, "/profile")
	matt.flash("success: Connection to Hub renewed")

	// reconnecting with scope adds to what the connection has
	address := matt.begin("/reconnect/hub", "connection", id, "scope", "write")
	if scope := query(t, address).Get("scope"); scope != "read email write" {
		t.Errorf("requests the scopes %q", scope)
	}
	matt.get(matt.decide(address, "matt", true).URL.String()).to(303, "/profile")
	if got := strings.Join(matt.connections()[0].Scopes, " "); got != "read email write" {
		t.Errorf("the connection has %q", got)
	}
	if matt.user() != "matt@example.org" {
		t.Error("reconnecting signed out")
	}

	// a JSON object in place of a form
	var begun struct {
		AuthorizeURL string `json:"authorize_url"`
	}
	matt.asJSON().postJSON("/reconnect/hub", map[string]string{"connection": id, "scope": "more"}).is(200).into(&begun)
	if scope := query(t, begun.AuthorizeURL).Get("scope"); scope != "read email write more" {
		t.Errorf("requests the scopes %q", scope)
	}
	matt.asJSON().postJSON("/reconnect/hub", map[string]string{"connection": "none"}).problem(404, "no_connection")

	// started with JSON
	if address := matt.asJSON().begin("/connect/twitter"); !strings.HasPrefix(address, s.pretend.Provider("twitter").URL()) {
		t.Errorf("authorize_url is %q", address)
	}
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}
