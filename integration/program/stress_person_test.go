package program_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/socialtest"
)

// A person has an account at the site and one at Hub, whose access tokens expire after
// a second, and which revokes the grant when a refresh token is used twice.
type person struct {
	*stress
	*rand.Rand
	browser   *visitor
	email     string
	account   string
	connected bool

	logins, uncertain int // acknowledged log-ins, and those without an answer
}

// request sends a request to a random node. It returns nil when the failure is
// excused; the person then does not know whether the request took effect.
func (p *person) request(what string, statuses []int, send func(v *visitor) (*reply, error)) *reply {
	d := p.randomNode(p.Rand)
	began := time.Now()
	r, err := send(p.browser.at(d))
	took := time.Since(began)
	p.mu.Lock()
	p.counts[what]++
	p.slowest = max(p.slowest, took)
	p.mu.Unlock()
	if err == nil && slices.Contains(statuses, r.status) {
		return r
	}
	if p.excused != nil && p.excused(d, began, r, err) {
		p.mu.Lock()
		p.counts["excused"]++
		p.mu.Unlock()
		return nil
	}
	if err != nil {
		p.Errorf("%s cannot %s: %v", p.email, what, err)
	} else {
		p.Errorf("%s cannot %s: %s: status %d, location %q: %.300s", p.email, what, r.what, r.status, r.location, r.body)
	}
	return nil
}

func (p *person) json(what, method, path string, statuses []int, fields ...string) *reply {
	return p.request(what, statuses, func(v *visitor) (*reply, error) { return v.asJSON().form(method, path, fields...) })
}

func (p *person) run() {
	for !p.register() {
		if p.over() {
			return
		}
	}
	for !p.over() {
		switch p.IntN(12) {
		case 0:
			p.relogin()
		case 1:
			p.connect("/connect/hub")
		case 2:
			p.disconnect()
		case 3:
			if p.connected {
				p.connect("/reconnect/hub")
			}
		case 4:
			p.mistype()
		case 5, 6:
			p.list()
		default:
			p.check()
		}
	}
}

// register registers from two browsers at once. One of them succeeds.
func (p *person) register() bool {
	replies := make(chan *reply, 2)
	rival := *p
	rival.Rand = rand.New(rand.NewPCG(p.Uint64(), 2))
	rival.browser = p.visitor()
	for _, applicant := range []*person{p, &rival} {
		go func() {
			replies <- applicant.json("register", "POST", "/register", []int{201, 409},
				"email", p.email, "password", password, "password_confirm", password)
		}()
	}
	made := 0
	for range 2 {
		switch r := <-replies; {
		case r == nil:
			p.uncertain++
		case r.status == 201:
			made++
		}
	}
	p.logins += made
	if made > 1 || made == 0 && p.uncertain == 0 {
		p.Errorf("%s was registered %d times", p.email, made)
	}
	return p.logIn()
}

// logIn logs in with the password.
func (p *person) logIn() bool {
	r := p.json("log in", "POST", "/login", []int{200, 401}, "email", p.email, "password", password)
	switch {
	case r == nil:
		p.uncertain++
		return false
	case r.status == 401:
		if p.uncertain == 0 {
			p.Errorf("%s cannot log in: the account is gone", p.email)
		}
		return false
	}
	p.logins++
	return true
}

// mistype logs in with a wrong password from another browser.
func (p *person) mistype() {
	other := *p
	other.browser = p.visitor()
	other.json("mistype", "POST", "/login", []int{401}, "email", p.email, "password", "a slip of the finger")
}

// resume learns the state of the site after a request without an answer.
func (p *person) resume() {
	for !p.Failed() {
		r := p.json("resume", "GET", "/session", []int{200, 401})
		if r != nil && (r.status == 200 || p.logIn()) {
			break
		}
		p.rest()
	}
	for !p.Failed() {
		if list, ok := p.connections(); ok {
			p.connected = len(list) > 0
			return
		}
		p.rest()
	}
}

func (p *person) rest() { time.Sleep(time.Duration(20+p.IntN(100)) * time.Millisecond) }

// relogin logs out, and logs in by password or through Hub.
func (p *person) relogin() {
	if p.json("log out", "POST", "/logout", []int{204}) == nil {
		p.resume()
		return
	}
	if r := p.json("session after log-out", "GET", "/session", []int{401}); r == nil {
		p.resume()
		return
	}
	if !p.connected || p.IntN(4) == 0 {
		if !p.logIn() {
			p.resume()
		}
		return
	}
	if back := p.begin("/login/hub"); back == "" || !p.complete("log in", back) {
		p.uncertain++
		p.resume()
		return
	}
	p.logins++
}

// begin begins a flow, consents at Hub, and returns the callback's address.
func (p *person) begin(path string) string {
	r := p.request("begin", []int{303}, func(v *visitor) (*reply, error) { return v.form("POST", path) })
	if r == nil {
		return ""
	}
	atHub := p.visitor()
	back, err := socialtest.Decide(p.Context(), atHub.client, r.location, p.account, true)
	if err != nil {
		p.Errorf("at Hub: %v", err)
		return ""
	}
	return back.URL.String()
}

func (p *person) complete(what, back string) bool {
	r := p.request(what, []int{303}, func(v *visitor) (*reply, error) { return v.try("GET", back, nil, nil) })
	if r != nil && r.location != "/profile" {
		p.Errorf("%s cannot %s: the callback redirects to %q", p.email, what, r.location)
	}
	return r != nil
}

func (p *person) connect(path string) {
	if back := p.begin(path); back == "" || !p.complete("connect", back) {
		p.resume()
		return
	}
	p.connected = true
}

func (p *person) disconnect() {
	statuses := []int{404}
	if p.connected {
		statuses = []int{204}
	}
	if p.json("disconnect", "DELETE", "/connect/hub", statuses) == nil {
		p.resume()
		return
	}
	p.connected = false
}

func (p *person) connections() (list []listed, ok bool) {
	r := p.json("list", "GET", "/connections", []int{200})
	if r == nil {
		return nil, false
	}
	r.into(&list)
	return list, true
}

// list expects the connections that were acknowledged before.
func (p *person) list() {
	list, ok := p.connections()
	if !ok {
		p.resume()
		return
	}
	if p.connected != (len(list) == 1) || len(list) > 1 {
		p.Errorf("%s is connected: %v, and lists %+v", p.email, p.connected, list)
	}
}

// check uses the connection from several tabs at once. Its token expires a second
// after each refresh.
func (p *person) check() {
	list, ok := p.connections()
	if !ok || len(list) == 0 {
		return
	}
	id := list[0].ID
	var group sync.WaitGroup
	var renew atomic.Bool
	for range 1 + p.IntN(4) {
		tab := *p
		tab.Rand = rand.New(rand.NewPCG(p.Uint64(), 3))
		group.Go(func() {
			r := tab.json("check", "POST", "/connections/"+id+"/check", []int{200, 409})
			if r != nil && r.status == 409 {
				renew.Store(true)
			}
		})
	}
	group.Wait()
	if !renew.Load() {
		return
	}
	// The only valid reason is a process that was killed before it stored a new token.
	var reason string
	p.query(&reason, `SELECT last_error FROM social_connections WHERE id = ?`, id)
	if reason != "lost_rotation" || p.excused == nil {
		p.Errorf("%s has to connect again: %s", p.email, reason)
	}
	p.lost.Add(1)
	p.connect("/reconnect/hub")
}
