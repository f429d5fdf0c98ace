package web

import (
	"net/http"
	"time"

	"github.com/gosocial/social"
)

// A securityView is the view of templates/security.html: how the user signs in, what is
// missing, and the next step. Each section of the page has a field, a template of its own
// (templates/security_….html) and a function in securitySections.
type securityView struct {
	layout
	Here     string // the page's own address
	Missing  []missing
	Ways     waysSection
	Factors  *factorsSection // nil where there are no second factors
	Tokens   *tokensSection  // nil where there are no API tokens
	Sessions sessionsSection
	Account  accountSection
}

// A missing is something that makes an account safer, and the page where it is done.
type missing struct {
	Text string // the key of a text, with the words that lead to the page in brackets
	Page string
}

// A securityJSON is the answer of GET /security.
type securityJSON struct {
	Password       bool         `json:"password"`
	Passkeys       int          `json:"passkeys"` // how many
	TwoFactor      []string     `json:"two_factor"`
	RecoveryCodes  int          `json:"recovery_codes"`
	Sessions       int          `json:"sessions"`
	Tokens         int          `json:"tokens"`
	TrustedDevices []deviceJSON `json:"trusted_devices"`
	Providers      []string     `json:"providers"`
}

// A deviceJSON is a trusted device. DELETE /sessions/ID ends it.
type deviceJSON struct {
	ID         string    `json:"id"`
	Device     string    `json:"device"`
	Address    string    `json:"address"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	ExpiresAt  time.Time `json:"expires_at"`
}

// A securitySection reads what a section of the page shows, and the same for JSON.
type securitySection func(r *http.Request, v *securityView, body *securityJSON) error

// securitySections are the sections in the order in which they advise.
func (w *Web) securitySections() []securitySection {
	return []securitySection{w.factorsSection, w.waysSection, w.tokensSection, w.sessionsSection, w.accountSection}
}

func (w *Web) security(rw http.ResponseWriter, r *http.Request) {
	v := securityView{Here: w.base + "/security"}
	body := securityJSON{TwoFactor: []string{}, TrustedDevices: []deviceJSON{}, Providers: []string{}}
	for _, section := range w.securitySections() {
		if err := section(r, &v, &body); err != nil {
			w.fail(rw, r, err)
			return
		}
	}
	if social.WantsJSON(r) {
		social.WriteJSON(rw, http.StatusOK, body)
		return
	}
	v.layout = w.layout(rw, r)
	w.render(rw, r, http.StatusOK, "security", v)
}
