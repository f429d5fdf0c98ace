package socialtest

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
	"time"

	"github.com/gosocial/social/oauth"
)

// A Provider is one pretend provider of a Server. It is safe for concurrent use.
type Provider struct {
	srv     *Server
	dialect *dialect
	log     requestLog

	mu       sync.Mutex
	apps     map[string]*App
	users    []User
	life     time.Duration
	answer   automatic
	faults   map[Endpoint][]*armed
	keys     []*signingKey // made when they are first needed
	pending  map[string]*pending
	codes    map[string]*code
	tokens   map[string]*token
	sessions map[string]*session
	requests map[string]*requestToken
	devices  map[string]*device // by device code
	nonces   map[string]time.Time
	posts    []Post
	postID   int
}

// automatic is how authorization requests are answered without a page.
type automatic struct {
	on      bool
	account string // "" denies
}

func newProvider(s *Server, d *dialect) *Provider {
	p := &Provider{
		srv: s, dialect: d, life: d.life,
		apps:     make(map[string]*App),
		faults:   make(map[Endpoint][]*armed),
		pending:  make(map[string]*pending),
		codes:    make(map[string]*code),
		tokens:   make(map[string]*token),
		sessions: make(map[string]*session),
		requests: make(map[string]*requestToken),
		devices:  make(map[string]*device),
		nonces:   make(map[string]time.Time),
	}
	for i, u := range people {
		u.Subject = d.subjects[i]
		p.AddUser(u)
	}
	return p
}

// ID returns the provider's ID, which is also its path on the server.
func (p *Provider) ID() string { return p.dialect.id }

// Name returns the provider's name, for people.
func (p *Provider) Name() string { return p.dialect.name }

// Protocol returns what the provider speaks.
func (p *Provider) Protocol() oauth.Protocol { return p.dialect.protocol }

// URL returns the provider's address, without a trailing slash.
func (p *Provider) URL() string { return p.srv.url + "/" + p.dialect.id }

// Issuer returns what iss is on the callback and in ID tokens. It is empty for a
// provider that has neither.
func (p *Provider) Issuer() string {
	if !p.dialect.issuer {
		return ""
	}
	return p.URL()
}

// Endpoints returns the provider's addresses, to be put in place of those of a
// catalog provider. An OpenID provider's can be discovered at Issuer too.
func (p *Provider) Endpoints() oauth.Endpoints {
	at := func(path string) string {
		if path == "" {
			return ""
		}
		return p.URL() + path
	}
	d := p.dialect
	return oauth.Endpoints{
		RequestToken: at(d.requestToken),
		Authorize:    at(d.authorize),
		Token:        at(d.token),
		UserInfo:     at(d.userInfo),
		Revoke:       at(d.revoke),
		Keys:         at(d.keys),
		EndSession:   at(d.endSession),
		API:          p.URL() + d.api,

		DeviceAuthorization: at(d.device),
	}
}

// Approve makes the provider answer authorization requests at once, without a
// page, as if the account (a subject or a username) had consented. Ask undoes
// it.
func (p *Provider) Approve(account string) {
	u := p.User(account)
	p.setAnswer(automatic{on: true, account: u.Subject})
}

// Deny makes the provider answer authorization requests at once, without a page,
// as if the user had said no. Ask undoes it.
func (p *Provider) Deny() { p.setAnswer(automatic{on: true}) }

// Ask makes the provider show its consent page, as it does from the beginning.
func (p *Provider) Ask() { p.setAnswer(automatic{}) }

func (p *Provider) setAnswer(a automatic) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = a
}

// SetTokenLife sets how long access tokens issued from now on last. 0: they do
// not expire, and answers name no expiry.
func (p *Provider) SetTokenLife(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.life = d
}

// random returns n random bytes as URL-safe text.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
