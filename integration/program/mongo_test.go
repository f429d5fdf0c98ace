package program_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/internal/test/ferret"
)

// The program on FerretDB with a front that adds transactions, in place of MongoDB:
// migration by several processes at once, accounts, and one provider of each protocol.
func TestOnMongoDB(t *testing.T) {
	t.Parallel()
	server := ferret.Start(t)
	database := server.ReplicaSetURL(t)
	file := unmigrated(t, database)
	if plan := succeeds(t, "migrate", "--dry-run", "--config", file); !strings.Contains(plan,
		`db.getCollection("social_connections").createIndex({"provider_id":1,"provider_user_id":1,"tenant":1}, {unique: true`) {
		t.Errorf("would run %s", plan)
	}
	migrateByFour(t, file)
	if text := succeeds(t, "migrate", "--dry-run", "--config", file); text != "// The schema is up to date (version 3).\n" {
		t.Errorf("would run %s", text)
	}
	succeeds(t, "migrate", "--status", "--config", file)

	standalone := filepath.Join(t.TempDir(), "social.yaml")
	writeFile(t, standalone, "database: '"+server.URL(t)+"'\nkeys: ["+sealingKey+"]\n")
	if text := fails(t, nil, "serve", "--config", standalone); !strings.Contains(text, "replica set") {
		t.Errorf("serve without transactions: %s", text)
	}

	// While a transaction is open the test's server answers no other command: more than can
	// wait here at one time, or the transaction would find no connection to go on.
	s := serve(t, settings{"database": database, "migrate": false, "signup": "auto", "database_connections": 50})
	for id, name := range map[string]string{"twitter": "Twitter", "hub": "Hub", "google": "Google"} {
		s.connectAndLogIn(id, name)
	}
	s.signUpAtOnce()

	if text := succeeds(t, "users", "list", "--config", s.file); !strings.Contains(text, "google@example.org") {
		t.Errorf("says %s", text)
	}
	if text := succeeds(t, "keys", "reseal", "--config", s.file); !strings.Contains(text, "0 tokens") {
		t.Errorf("says %s", text)
	}
	if err := s.process.Stop(); err != nil {
		t.Error(err)
	}
}

// connectAndLogIn takes a new user through connecting, logging in and disconnecting.
func (s *site) connectAndLogIn(id, name string) {
	s.Helper()
	email := id + "@example.org"
	v := s.visitor()
	v.post("/register", "email", email, "password", password, "password_confirm", password).to(303, "/profile")
	if v.user() != email {
		s.Fatalf("registering signs in %q", v.user())
	}
	v.through("/connect/"+id, "matt").to(303, "/profile")
	v.flash("success: Account created successfully\nsuccess: Connection established to " + name)
	v.through("/connect/"+id, "matt").to(303, "/profile")
	v.flash("notice: A connection is already established with " + name + " to your account")

	again := s.visitor()
	again.through("/login/"+id, "matt").to(303, "/profile")
	if again.user() != email {
		s.Errorf("%s signs in %q", name, again.user())
	}
	other := s.visitor()
	other.post("/register", "email", "other-"+email, "password", password, "password_confirm", password).is(303)
	other.asJSON().through("/connect/"+id, "matt").problem(409, "connection_taken")

	v.through("/connect/"+id, "ana").is(303)
	if list := v.connections(); len(list) != 2 || list[0].Rank != 0 || list[1].Rank != 1 {
		s.Errorf("connections %+v, want two, ranked", list)
	}
	v.asJSON().do("DELETE", "/connect/"+id).is(204)
	if list := v.connections(); len(list) != 0 {
		s.Errorf("connections %+v, want none", list)
	}
	v.post("/logout").is(303)
	if v.user() != "" {
		s.Error("still signed in")
	}
	v.asJSON().post("/login", "email", email, "password", "wrong").problem(401, "bad_credentials")
	v.post("/login", "email", email, "password", password).to(303, "/profile")
}

// signUpAtOnce signs up one person by a first log-in from five browsers at once.
func (s *site) signUpAtOnce() {
	s.Helper()
	var group sync.WaitGroup
	users := make([]string, 5)
	for i := range users {
		group.Go(func() {
			v := s.visitor()
			v.through("/login/google", "matt").is(303)
			users[i] = v.user()
		})
	}
	group.Wait()
	for _, u := range users {
		if u == "" || u != users[0] {
			s.Errorf("five log-ins of one person sign in %q", users)
		}
	}
	v := s.visitor()
	v.through("/login/google", "matt").to(303, "/profile")
	v.asJSON().do("DELETE", "/connect/google").problem(409, "last_way_in")
}
