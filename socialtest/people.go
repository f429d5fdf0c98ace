package socialtest

import (
	"fmt"
	"hash/fnv"
	"html"
	"maps"
	"strings"
	"unicode/utf8"
)

// A User is an account at a pretend provider.
type User struct {
	Subject       string // unique at the provider; made up when empty
	Username      string
	Name          string
	Email         string // "" when the account has none
	EmailVerified bool

	// Picture is the address of a picture; a drawn one when empty.
	Picture string

	// Claims are further fields of the user-info answer; they win over those the
	// provider makes itself.
	Claims map[string]any
}

// people are the accounts that every provider begins with.
var people = [4]User{
	{Username: "matt", Name: "Matt Cooper", Email: "matt@lp.com", EmailVerified: true},
	{Username: "ana", Name: "Ana Duarte", Email: "ana@example.com", EmailVerified: true},
	{Username: "jun", Name: "Jun Sato", Email: "jun@example.com"},
	{Username: "noor", Name: "Noor Haddad"},
}

// AddUser adds an account, or replaces the one with the same subject, and
// returns it as it is kept.
func (p *Provider) AddUser(u User) User {
	if u.Subject == "" {
		u.Subject = "u" + random(8)
	}
	if u.Username == "" {
		u.Username = u.Subject
	}
	if u.Name == "" {
		u.Name = u.Username
	}
	u.Claims = maps.Clone(u.Claims)
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.users {
		if p.users[i].Subject == u.Subject {
			p.users[i] = u
			return u
		}
	}
	p.users = append(p.users, u)
	return u
}

// UpdateUser changes an account; the change shows at the next request. The
// subject stays. It panics when there is no such account.
func (p *Provider) UpdateUser(account string, change func(*User)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.userLocked(account)
	if u == nil {
		panic("socialtest: " + p.ID() + " has no account " + account)
	}
	changed := *u
	changed.Claims = maps.Clone(u.Claims)
	change(&changed)
	changed.Subject = u.Subject
	*u = changed
}

// RemoveUser deletes an account and ends its tokens.
func (p *Provider) RemoveUser(account string) {
	p.RevokeTokens(account)
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.users {
		if p.users[i].Subject == account || p.users[i].Username == account {
			p.users = append(p.users[:i:i], p.users[i+1:]...)
			return
		}
	}
}

// Users returns the provider's accounts.
func (p *Provider) Users() []User {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]User(nil), p.users...)
}

// User returns the account with the subject or the username. It panics when
// there is none.
func (p *Provider) User(account string) User {
	u, ok := p.findUser(account)
	if !ok {
		panic("socialtest: " + p.ID() + " has no account " + account)
	}
	return u
}

func (p *Provider) findUser(account string) (User, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u := p.userLocked(account); u != nil {
		return *u, true
	}
	return User{}, false
}

func (p *Provider) userLocked(account string) *User {
	if account == "" {
		return nil
	}
	for i := range p.users {
		if p.users[i].Subject == account {
			return &p.users[i]
		}
	}
	for i := range p.users {
		if p.users[i].Username == account {
			return &p.users[i]
		}
	}
	return nil
}

// picture returns the address of the account's picture.
func (p *Provider) picture(u User) string {
	if u.Picture != "" {
		return u.Picture
	}
	return p.URL() + "/people/" + u.Subject + ".svg"
}

func (u User) givenName() string {
	given, _, _ := strings.Cut(u.Name, " ")
	return given
}

func (u User) familyName() string {
	_, family, _ := strings.Cut(u.Name, " ")
	return family
}

// portrait draws an account: initials on a colour of its own.
func portrait(u User) string {
	h := fnv.New32a()
	h.Write([]byte(u.Name))
	hue := h.Sum32() % 360
	var initials strings.Builder
	for _, word := range strings.Fields(u.Name) {
		if r, _ := utf8.DecodeRuneInString(word); initials.Len() < 3 {
			initials.WriteRune(r)
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">`+
		`<rect width="96" height="96" fill="hsl(%d 45%% 42%%)"/><circle cx="48" cy="112" r="52" fill="hsl(%d 50%% 34%%)"/>`+
		`<text x="48" y="60" text-anchor="middle" font-family="system-ui,sans-serif" font-size="34" font-weight="600" fill="#fff">%s</text></svg>`,
		hue, hue, html.EscapeString(strings.ToUpper(initials.String())))
}
