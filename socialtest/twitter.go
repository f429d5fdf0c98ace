package socialtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Post is a message on the pretend Twitter.
type Post struct {
	ID      string
	Subject string
	Text    string
	Via     string // the application's name
	Time    time.Time
}

// maxPosts is how many posts are kept.
const maxPosts = 500

// Posts returns the account's posts, newest first; with an empty account those
// of everybody. Only the pretend Twitter has any.
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

func twitterError(status, code int, message string) *answer {
	return &answer{status: status, fields: map[string]any{
		"errors": []any{map[string]any{"code": code, "message": message}},
	}}
}

// twitterUser is the user object of the 1.1 API.
func (p *Provider) twitterUser(u User, withEmail bool) map[string]any {
	fields := map[string]any{
		"id": subjectNumber(u.Subject), "id_str": u.Subject,
		"name": u.Name, "screen_name": u.Username,
		"profile_image_url": p.picture(u), "profile_image_url_https": p.picture(u),
		"protected": false, "verified": false, "statuses_count": len(p.Posts(u.Subject)),
	}
	if withEmail && u.Email != "" && u.EmailVerified {
		fields["email"] = u.Email // Twitter gives only verified ones
	}
	maps.Copy(fields, u.Claims)
	return fields
}

// isDigits reports whether s is a whole number in JSON.
func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" && s[0] != '0' }

// verifyCredentials serves account/verify_credentials.json.
func (p *Provider) verifyCredentials(r *http.Request) *answer {
	c, refused := p.verify(r, anAccessToken)
	if refused != nil {
		return refused
	}
	withEmail := c.app.RequestEmail && paramsOf(r).query.Get("include_email") == "true"
	return ok(p.twitterUser(c.user, withEmail))
}

// updateStatus serves statuses/update.json.
func (p *Provider) updateStatus(r *http.Request) *answer {
	c, refused := p.verify(r, anAccessToken)
	if refused != nil {
		return refused
	}
	in := paramsOf(r)
	status := in.form.Get("status")
	if status == "" {
		status = in.query.Get("status")
	}
	switch {
	case strings.TrimSpace(status) == "":
		return twitterError(http.StatusForbidden, 170, "Missing required parameter: status.")
	case !utf8.ValidString(status):
		return twitterError(http.StatusForbidden, 186, "The status is not UTF-8.")
	case utf8.RuneCountInString(status) > 280:
		return twitterError(http.StatusForbidden, 186, "Tweet needs to be a bit shorter.")
	}
	p.mu.Lock()
	if n := len(p.posts); n > 0 {
		if last := p.posts[n-1]; last.Subject == c.user.Subject && last.Text == status {
			p.mu.Unlock()
			return twitterError(http.StatusForbidden, 187, "Status is a duplicate.")
		}
		if n == maxPosts {
			p.posts = slices.Delete(p.posts, 0, 1)
		}
	}
	p.postID++
	post := Post{
		ID: strconv.Itoa(1_800_000_000_000_000_000 + p.postID), Subject: c.user.Subject, Text: status, Via: c.app.Name, Time: p.srv.now(),
	}
	p.posts = append(p.posts, post)
	p.mu.Unlock()
	return ok(p.status(post, c.user))
}

// userTimeline serves statuses/user_timeline.json.
func (p *Provider) userTimeline(r *http.Request) *answer {
	c, refused := p.verify(r, anAccessToken)
	if refused != nil {
		return refused
	}
	v := paramsOf(r).query
	u := c.user
	if name := v.Get("screen_name"); name != "" {
		named, found := p.findUser(name)
		if !found {
			return twitterError(http.StatusNotFound, 34, "Sorry, that page does not exist.")
		}
		u = named
	}
	count := 20
	if s := v.Get("count"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return twitterError(http.StatusBadRequest, 44, "count is not a number.")
		}
		count = n
	}
	list := []any{}
	for _, post := range p.Posts(u.Subject) {
		if len(list) == count {
			break
		}
		list = append(list, p.status(post, u))
	}
	body, _ := json.Marshal(list)
	return &answer{status: http.StatusOK, contentType: "application/json", body: body}
}

// status is a status object of the 1.1 API.
func (p *Provider) status(post Post, u User) map[string]any {
	return map[string]any{
		"id": json.Number(post.ID), "id_str": post.ID, "text": post.Text, "source": post.Via,
		"created_at": post.Time.UTC().Format(time.RubyDate), "user": p.twitterUser(u, false),
	}
}

// invalidateToken serves oauth/invalidate_token.json.
func (p *Provider) invalidateToken(r *http.Request) *answer {
	c, refused := p.verify(r, anAccessToken)
	if refused != nil {
		return refused
	}
	p.mu.Lock()
	delete(p.tokens, c.token.value)
	p.mu.Unlock()
	return ok(map[string]any{"access_token": c.token.value})
}
