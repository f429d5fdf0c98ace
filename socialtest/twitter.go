package socialtest

import (
	"slices"
	"time"
)

// A Post is a message on the pretend Twitter.
type Post struct {
	ID      string
	Subject string
	Text    string
	Time    time.Time
}

// Posts returns the account's posts, newest first; with an empty account those
// of everybody.
func (p *Provider) Posts(account string) []Post {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.userLocked(account)
	var found []Post
	for _, post := range slices.Backward(p.posts) {
		if account == "" || u != nil && post.Subject == u.Subject {
			found = append(found, post)
		}
	}
	return found
}
