package program_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/socialtest"
)

// A person has one account at the site and one at Hub, which gives tokens for a
// second and ends everything when a refresh token comes twice.
type person struct {
	*storm
	*rand.Rand
	browser   *visitor
	email     string
	account   string
	connected bool

	logins, unsure int // acknowledged, and those of which nothing was heard
}

// ask sends a request to any node. Without a reply, which then was excused, the
// person does not know what became of it.
func (p *person) ask(what string, statuses []int, send func(v *visitor) (*reply, error)) *reply {
	d := p.anyNode(p.Rand)
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
	if p.excuses != nil && p.excuses(d, began, r, err) {
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
	return p.ask(what, statuses, func(v *visitor) (*reply, error) { return v.asJSON().form(method, path, fields...) })
}

func (p *person) live() {
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

// register makes the account from two browsers at once: one of them gets it.
func (p *person) register() bool {
	replies := make(chan *reply, 2)
	rival := *p
	rival.Rand = rand.New(rand.NewPCG(p.Uint64(), 2))
	rival.browser = p.visitor()
	for _, who := range []*person{p, &rival} {
		go func() {
			replies <- who.json("register", "POST", "/register", []int{201, 409},
				"email", p.email, "password", password, "password_confirm", password)
		}()
	}
	made := 0
	for range 2 {
		switch r := <-replies; {
		case r == nil:
			p.unsure++
		case r.status == 201:
			made++
		}
	}
	p.logins += made
	if made > 1 || made == 0 && p.unsure == 0 {
		p.Errorf("%s was registered %d times", p.email, made)
	}
	return p.logIn()
}

// logIn signs in with the password.
func (p *person) logIn() bool {
	r := p.json("log in", "POST", "/login", []int{200, 401}, "email", p.email, "password", password)
	switch {
	case r == nil:
		p.unsure++
		return false
	case r.status == 401:
		if p.unsure == 0 {
			p.Errorf("%s cannot log in: the account is gone", p.email)
		}
		return false
	}
	p.logins++
	return true
}

// mistype counts for the one network that all people are in.
func (p *person) mistype() {
	nobody := *p
	nobody.browser = p.visitor()
	nobody.json("mistype", "POST", "/login", []int{401}, "email", p.email, "password", "a slip of the finger")
}

// resume finds out how things stand after an answer that did not come.
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

// relogin ends the session, and begins another by password or through Hub.
func (p *person) relogin() {
	if p.json("log out", "POST", "/logout", []int{204}) == nil {
		p.resume()
		return
	}
	if r := p.json("be nobody", "GET", "/session", []int{401}); r == nil {
		p.resume()
		return
	}
	if !p.connected || p.IntN(4) == 0 {
		if !p.logIn() {
			p.resume()
		}
		return
	}
	if back := p.leave("/login/hub"); back == "" || !p.comeBack("log in", back) {
		p.unsure++
		p.resume()
		return
	}
	p.logins++
}

// leave begins a flow and goes to Hub; the answer is the way back.
func (p *person) leave(path string) string {
	r := p.ask("begin", []int{303}, func(v *visitor) (*reply, error) { return v.form("POST", path) })
	if r == nil {
		return ""
	}
	stranger := p.visitor()
	back, err := socialtest.Decide(p.Context(), stranger.client, r.location, p.account, true)
	if err != nil {
		p.Errorf("at Hub: %v", err)
		return ""
	}
	return back.URL.String()
}

func (p *person) comeBack(what, back string) bool {
	r := p.ask(what, []int{303}, func(v *visitor) (*reply, error) { return v.try("GET", back, nil, nil) })
	if r != nil && r.location != "/profile" {
		p.Errorf("%s cannot %s: the way back leads to %q", p.email, what, r.location)
	}
	return r != nil
}

func (p *person) connect(path string) {
	if back := p.leave(path); back == "" || !p.comeBack("connect", back) {
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

// list expects what was acknowledged before.
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

// check uses the connection from several pages at once. A second after the last
// time its token has ended.
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
	// Only a process that died with a new token in its hands may be the reason.
	var reason string
	p.query(&reason, `SELECT last_error FROM social_connections WHERE id = ?`, id)
	if reason != "lost_rotation" || p.excuses == nil {
		p.Errorf("%s has to connect again: %s", p.email, reason)
	}
	p.lost.Add(1)
	p.connect("/reconnect/hub")
}
