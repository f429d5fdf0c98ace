package program_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/socialtest"
)

// A user deletes the account, keeps it, and deletes it again; an operator keeps it once
// more. In the grace nothing is refreshed, linked or signed up.
func TestAccountDeletion(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"signup": "auto"})
	hub := s.pretend.Provider("hub")
	matt := s.signedIn("matt@lp.com")
	matt.through("/connect/hub", "matt").is(303)
	other := s.visitor()
	other.post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")

	var export struct {
		User        struct{ Email string }
		Connections []struct {
			ProviderID string `json:"provider_id"`
		}
	}
	if err := json.Unmarshal([]byte(succeeds(t, "users", "export", "matt@lp.com", "--config", s.file)), &export); err != nil || export.User.Email != "matt@lp.com" || len(export.Connections) != 1 {
		t.Errorf("%+v, %v", export, err)
	}
	matt.asJSON().post("/account/delete").is(202).says(`{"deletion_at":"`)
	other.asJSON().get("/session").problem(401, "not_signed_in")
	tokens := s.count(`SELECT generation + version FROM social_connections`)
	refreshes := hub.Calls("token")
	v := s.visitor()
	v.through("/login/hub", "matt", "next", "/connections").to(303, "/connections")
	v.get("/connections").to(303, "/account/delete?next=%2Fconnections")
	v.asJSON().get("/session").problem(401, "not_signed_in")
	if n := s.count(`SELECT generation + version FROM social_connections`); n != tokens {
		t.Errorf("the connection has changed: %d, was %d", n, tokens)
	}
	if n := hub.Calls("token") - refreshes; n != 1 { // the log-in's
		t.Errorf("%d requests for tokens", n)
	}
	s.visitor().asJSON().post("/register", "email", "matt@lp.com", "password", password, "password_confirm", password).problem(409, "invalid_email")
	if n := s.count(`SELECT COUNT(*) FROM social_users`); n != 1 {
		t.Errorf("%d users", n)
	}
	v.asJSON().post("/account/undelete").is(200).says(`"user":`)
	v.asJSON().get("/session").is(200)

	if text := succeeds(t, "users", "delete", "--grace", "matt@lp.com", "--config", s.file); !strings.Contains(text, "will be deleted at "+time.Now().UTC().AddDate(0, 0, 14).Format("2006-01-02")) {
		t.Errorf("says %s", text)
	}
	v.asJSON().get("/session").problem(401, "not_signed_in")
	if text := succeeds(t, "users", "show", "--json", "matt@lp.com", "--config", s.file); strings.Contains(text, `"deletion_at": null`) {
		t.Errorf("shows %s", text)
	}
	succeeds(t, "users", "undelete", "matt@lp.com", "--config", s.file)
	v.through("/login/hub", "matt").to(303, "/profile")
	v.asJSON().post("/connections/" + s.connectionID() + "/check").is(200)
}

// connectionID returns the ID of the only connection.
func (s *site) connectionID() (id string) {
	s.Helper()
	s.query(&id, `SELECT id FROM social_connections`)
	return id
}

// The running program deletes what is due, and goes on where a process that was killed has
// stopped: in the end every user is gone and every token revoked, and nobody else's.
func TestAccountDeletionIsGoneOnWith(t *testing.T) {
	t.Parallel()
	const users = 12
	s := serve(t, settings{"deletion_grace": "1s"})
	hub := s.pretend.Provider("hub")
	for i := range users {
		name := fmt.Sprint("person", i)
		hub.AddUser(socialtest.User{Subject: fmt.Sprint(7000 + i), Username: name, Name: name, Email: name + "@example.com"})
		s.user(name + "@example.com")
		v := s.visitor()
		v.post("/login", "email", name+"@example.com", "password", password).is(303)
		v.through("/connect/hub", name).is(303)
	}
	stays := s.signedIn("ana@lp.com")
	stays.through("/connect/hub", "ana").is(303)
	ids := s.userIDs(users)
	kills := 0
	due := func() int {
		return s.count(`SELECT COUNT(*) FROM social_users WHERE deletion_at > 0`)
	}
	s.exec(`UPDATE social_users SET deletion_at = 1 WHERE email <> 'ana@lp.com'`)
	for start := time.Now(); due() > 0 && time.Since(start) < 2*time.Minute; {
		before := due()
		for due() == before && time.Since(start) < 2*time.Minute {
			time.Sleep(time.Millisecond) // until a user or two are deleted
		}
		if kills < 4 {
			s.process.Kill()
			kills++
			s.restartStopped()
		}
	}
	if n := due(); n != 0 {
		t.Fatalf("%d users are left", n)
	}
	for _, table := range []string{"social_connections", "social_sessions"} {
		if n := s.count(`SELECT COUNT(*) FROM ` + table + ` WHERE user_id IN (` + ids + `)`); n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
	s.exec(`UPDATE social_one_time SET not_before = 0 WHERE purpose = 'revoke'`)
	for i := range users {
		for start := time.Now(); ; {
			alive, _ := hub.Live(fmt.Sprint("person", i))
			if alive == 0 {
				break
			}
			if time.Since(start) > time.Minute {
				t.Fatalf("the token of person %d still works", i)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	if alive, _ := hub.Live("ana"); alive == 0 || s.count(`SELECT COUNT(*) FROM social_users`) != 1 {
		t.Error("who stays has lost the account or the token")
	}
	if kills == 0 {
		t.Error("nothing was killed")
	}
}

// userIDs lists the IDs of so many users, for a query.
func (s *site) userIDs(want int) string {
	s.Helper()
	db := s.open()
	defer db.Close()
	rows, err := db.QueryContext(s.Context(), `SELECT id FROM social_users WHERE email <> 'ana@lp.com'`)
	if err != nil {
		s.Fatal(err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			s.Fatal(err)
		}
		ids = append(ids, "'"+id+"'")
	}
	if len(ids) != want {
		s.Fatalf("%d users, want %d", len(ids), want)
	}
	return strings.Join(ids, ", ")
}
