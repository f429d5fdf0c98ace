package program_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/socialtest"
)

// An unexpected failure is a 500 page with a request ID, and only the log has the
// cause.
func TestUnexpectedFailure(t *testing.T) {
	t.Parallel()
	s := serve(t)
	v := s.signedIn("matt@lp.com")
	address := v.decide(v.begin("/connect/hub"), "matt", true).URL.String()
	s.exec(`ALTER TABLE social_connections RENAME TO elsewhere`)
	for _, path := range []string{"/profile", "/connections"} {
		page := v.get(path).is(500).says("<title>Something went wrong here", "name the request <code>").saysNot("social_connections", "SQL")
		_, rest, _ := strings.Cut(page.body, "<code>")
		id, _, _ := strings.Cut(rest, "</code>")
		if len(id) < 8 || !s.process.Logged("request_id="+id) || !s.process.Logged("social_connections") {
			t.Errorf("the log does not have the cause of %q", id)
		}
	}
	v.asJSON().get("/connections").problem(500, "internal").says(`"request_id":"`).saysNot("social_connections")
	v.get(address).is(500).has("Cache-Control", "no-store").has("Referrer-Policy", "no-referrer")
	s.visitor().get("/readyz").is(503)
	s.visitor().get("/healthz").is(200)
	s.exec(`ALTER TABLE elsewhere RENAME TO social_connections`)
	v.get("/profile").is(200)
	s.visitor().get("/readyz").is(200)
}

// SIGTERM drains: requests finish, and their results are stored.
func TestDrain(t *testing.T) {
	t.Parallel()
	s := serve(t)
	v := s.signedIn("matt@lp.com")
	hub := s.pretend.Provider("hub")
	address := v.decide(v.begin("/connect/hub"), "matt", true).URL.String()
	release := make(chan struct{})
	hub.ServeWith(socialtest.EndpointToken, socialtest.HangUntil(release))
	before := hub.Calls(socialtest.EndpointToken)
	answered := make(chan int, 1)
	go func() {
		resp, err := v.client.Get(address)
		if err != nil {
			answered <- 0
			return
		}
		resp.Body.Close()
		answered <- resp.StatusCode
	}()
	for hub.Calls(socialtest.EndpointToken) == before {
		time.Sleep(time.Millisecond) // the test cannot wait for another process's event
	}
	ended := make(chan error, 1)
	go func() { ended <- s.process.Stop() }()
	for { // until it accepts no new connections
		c, err := net.Dial("tcp", parse(t, s.url).Host)
		if err != nil {
			break
		}
		c.Close()
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-ended:
		t.Fatalf("the program ended during a request: %v", err)
	default:
	}
	close(release)
	if status := <-answered; status != http.StatusSeeOther {
		t.Errorf("the request got %d", status)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := s.count(`SELECT COUNT(*) FROM social_connections`); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// A second signal does not wait for requests.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	p, address, err := program.Start(t, nil, "Social demo: ", "demo", "--listen", "127.0.0.1:0", "--providers-listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := parse(t, address).Host
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "POST /login HTTP/1.1\r\nHost: "+host+"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
	if line, err := bufio.NewReader(c).ReadString('\n'); !strings.Contains(line, "100 Continue") {
		t.Fatalf("the form is not read: %q, %v", line, err)
	}
	p.Terminate()
	for {
		c, err := net.Dial("tcp", host)
		if err != nil {
			break
		}
		c.Close()
		time.Sleep(time.Millisecond)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Stop() }()
	for deadline := time.After(20 * time.Second); ; {
		select {
		case err := <-ended:
			if err == nil {
				t.Error("the program reports that the request has finished")
			}
			return
		case <-deadline:
			t.Error("the program waits for the request")
			<-ended
			return
		case <-time.After(50 * time.Millisecond):
			p.Terminate() // the previous signal may have come before the program was ready for a second one
		}
	}
}

// Sessions, flows and connections outlive the process.
func TestRestart(t *testing.T) {
	t.Parallel()
	s := serve(t)
	v := s.signedIn("matt@lp.com")
	v.through("/connect/hub", "matt").is(303)
	address := v.decide(v.begin("/connect/twitter"), "matt", true).URL.String()
	s.restart(s.configuration())
	if v.user() != "matt@lp.com" {
		t.Error("the session is gone")
	}
	v.get(address).to(303, "/profile")
	if n := len(v.connections()); n != 2 {
		t.Errorf("%d connections", n)
	}
	v.asJSON().post("/connections/" + v.only("hub").ID + "/check").is(200)
}

// Pages load nothing from other sites, run no scripts, and escape foreign text.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"signup": "form"})
	const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	s.pretend.Provider("hub").AddUser(socialtest.User{Username: evil, Name: evil, Subject: "666", Picture: "javascript:alert(1)",
		Claims: map[string]any{"html_url": "javascript:alert(1)"}})
	v := s.signedIn("matt@lp.com")
	v.through("/connect/hub", "666").is(303)
	for _, path := range []string{"/profile", "/connections"} {
		r := v.get(path).is(200).saysNot("<script>", "<img src=x", `href="javascript`, `src="javascript`)
		if csp := r.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("the policy %q", csp)
		}
	}
	v.do("DELETE", "/connect/hub").is(303)
	v = s.visitor()
	v.through("/login/hub", "666").is(303)
	v.get("/register/hub").is(200).says("Register with your Hub account: &lt;script&gt;").saysNot("<script>", "<img src=x")
}

// Neither the database nor the log has a secret in the clear.
func TestNothingSecretKept(t *testing.T) {
	t.Parallel()
	s := serve(t)
	v := s.signedIn("matt@lp.com")
	for _, id := range pretendIDs {
		v.through("/connect/"+id, "matt").is(303)
	}
	cookie := v.client.Jar.Cookies(parse(t, s.url))[0].Value
	if err := s.process.Stop(); err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	db := s.open()
	defer db.Close()
	for _, table := range []string{"connections", "users", "sessions", "one_time", "claims"} {
		list, err := db.Query("SELECT * FROM social_" + table)
		if err != nil {
			t.Fatal(err)
		}
		names, _ := list.Columns()
		for list.Next() {
			values, into := make([][]byte, len(names)), make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			if err := list.Scan(into...); err != nil {
				t.Fatal(err)
			}
			for _, value := range values {
				rows.Write(value)
				rows.WriteByte('\n')
			}
		}
		list.Close()
	}
	for _, secret := range []string{cookie, password, sealingKey} {
		if strings.Contains(rows.String(), secret) || strings.Contains(s.process.Log(), secret) {
			t.Errorf("the database or the log has %.8s…", secret)
		}
	}
}
