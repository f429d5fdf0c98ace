package socialtest

import (
	"crypto/rand"
	"math/big"
	"net/http"
	"strings"
	"time"
)

const (
	grantDevice    = "urn:ietf:params:oauth:grant-type:device_code"
	deviceInterval = time.Second // between two requests for the token
	slowDown       = 5 * time.Second

	// userCodeLetters cannot be mistaken for each other, and make no words (RFC 8628 §6.1).
	userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"
)

// device is a device that waits for the user, or for its token.
type device struct {
	pending
	code, userCode string
	interval       time.Duration
	asked          time.Time // when the token was asked for last

	answered bool
	subject  string // "" when the user said no
	authTime time.Time
}

// authorizeDevice serves the device authorization endpoint (RFC 8628 §3.1).
func (p *Provider) authorizeDevice(r *http.Request) *answer {
	v := paramsOf(r).form
	if name := twice(v); name != "" {
		return p.tokenError(http.StatusBadRequest, "invalid_request", "the parameter "+name+" appears twice")
	}
	app, why := p.client(r, v)
	if why != "" {
		return p.tokenError(http.StatusUnauthorized, "invalid_client", why)
	}
	now := p.srv.now()
	d := &device{code: random(24), userCode: userCode(), interval: deviceInterval, asked: now}
	d.pending = pending{id: random(18), app: app, scopes: p.splitScopes(v.Get("scope")), offline: true, device: d, expires: now.Add(pendingLife)}
	p.mu.Lock()
	defer p.mu.Unlock()
	for code, old := range p.devices {
		if now.Sub(old.expires) > pendingLife {
			delete(p.devices, code)
		}
	}
	p.devices[d.code] = d
	if p.answer.on {
		d.answerLocked(p.answer.account, now)
	}
	page := p.URL() + p.dialect.device
	return ok(map[string]any{
		"device_code": d.code, "user_code": d.userCode,
		"verification_uri": page, "verification_uri_complete": page + "?user_code=" + d.userCode,
		"expires_in": int64(pendingLife / time.Second), "interval": int64(d.interval / time.Second),
	})
}

// userCode makes a code that people can read and type.
func userCode() string {
	var b strings.Builder
	for i := range 8 {
		if i == 4 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(userCodeLetters))))
		if err != nil {
			panic(err) // crypto/rand does not fail
		}
		b.WriteByte(userCodeLetters[n.Int64()])
	}
	return b.String()
}

func (d *device) answerLocked(subject string, authTime time.Time) {
	d.answered, d.subject, d.authTime = true, subject, authTime
}

// devicePage asks for the code and then for consent (RFC 8628 §3.3). People may leave out
// the dash and write small letters.
func (p *Provider) devicePage(r *http.Request) *answer {
	typed := r.URL.Query().Get("user_code")
	if typed == "" {
		return render("device", http.StatusOK, page{Title: "Connect a device", Provider: p}, false)
	}
	plain := func(code string) string { return strings.ToUpper(strings.ReplaceAll(code, "-", "")) }
	now := p.srv.now()
	var found *device
	p.mu.Lock()
	for _, d := range p.devices {
		if plain(d.userCode) == plain(strings.TrimSpace(typed)) && !d.answered && now.Before(d.expires) {
			found = d
		}
	}
	p.mu.Unlock()
	if found == nil {
		return p.refusal(http.StatusBadRequest, "There is no device with this code, or its time has passed. Look at the device, and type its code again.")
	}
	return p.ask(&found.pending, p.sessionOf(r))
}

// decideDevice notes what the user answered.
func (p *Provider) decideDevice(q *pending, subject string, authTime time.Time) *answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	q.device.answerLocked(subject, authTime)
	return render("device-done", http.StatusOK, page{Title: "Go back to your device", Provider: p, Data: subject != ""}, false)
}

// deviceToken serves the token endpoint for a device (RFC 8628 §3.4, §3.5).
func (p *Provider) deviceToken(app *App, code string) *answer {
	now := p.srv.now()
	p.mu.Lock()
	refuse := func(code, description string) *answer {
		p.mu.Unlock()
		return p.tokenError(http.StatusBadRequest, code, description)
	}
	d := p.devices[code]
	switch {
	case d == nil:
		return refuse("invalid_grant", "the device code is unknown or was used")
	case d.app.ClientID != app.ClientID:
		return refuse("invalid_grant", "the device code was issued to another application")
	case !now.Before(d.expires):
		return refuse("expired_token", "the device code has expired")
	}
	early := now.Sub(d.asked) < d.interval*9/10 // clocks and networks differ a little
	d.asked = now
	switch {
	case early:
		d.interval += slowDown
		return refuse("slow_down", "the interval is not kept")
	case !d.answered:
		return refuse("authorization_pending", "the user has not answered yet")
	}
	delete(p.devices, code)
	if d.subject == "" {
		return refuse("access_denied", "the user said no")
	}
	family := random(9)
	of := token{client: app.ClientID, subject: d.subject, scopes: d.scopes, family: family, authTime: d.authTime}
	access := p.issueLocked(of)
	of.refresh = true
	refresh := p.issueLocked(of)
	p.mu.Unlock()
	return p.grant(app, access, refresh, "")
}
