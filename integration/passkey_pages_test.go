package integration_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/vault"
)

// passkeyStates are those of the pages of passkeys. TestPasskeysInChromium uses them with
// an authenticator of the browser.
var passkeyStates = []state{
	{"passkeys", func(g *gallery) {
		g.withPasskey()
		g.open("/security/passkeys")
		g.shows(".connections")
	}, false},
	{"passkeys-none", func(g *gallery) {
		g.newcomer()
		g.open("/security/passkeys")
		g.shows("form[data-passkey]")
	}, true},
	{"passkeys-known", func(g *gallery) {
		g.newcomer()
		g.open("/security/passkeys")
		g.browserRefuses("InvalidStateError")
		g.shows(`[data-note="known"]`)
	}, true},
	{"passkeys-failed", func(g *gallery) {
		g.newcomer()
		g.open("/security/passkeys")
		g.browserRefuses("NotAllowedError")
		g.shows(`[data-note="failed"]`)
	}, true},
	{"passkeys-refused", func(g *gallery) {
		g.newcomer()
		g.open("/security/passkeys")
		g.sendPasskey("{}", "Laptop")
		g.wrong()
	}, true},
	{"passkeys-required", func(g *gallery) { g.admin(); g.click(".hint a"); g.shows(`form[action="/security/passkeys"]`) }, true},
	{"passkey", func(g *gallery) {
		g.withPasskey()
		g.open("/security/passkeys")
		g.click(".connections a.button")
		g.shows("button.danger")
	}, false},
	{"recovery-passkey", func(g *gallery) { g.withPasskey() }, true},
	{"security-passkey", func(g *gallery) { g.withPasskey(); g.open("/security") }, true},
	{"verify-passkey", func(g *gallery) { g.withPasskey(); g.open("/verify"); g.shows("form[data-passkey]") }, true},
	{"factor-passkey", func(g *gallery) {
		email := g.withPasskey()
		g.forget()
		g.open("/login")
		g.submit("email", email, "password", galleryPassword)
		g.shows(`form[data-passkey][action="/two-factor"]`)
	}, true},
	{"login-passkey-wrong", func(g *gallery) { g.open("/login"); g.sendPasskey("{}", ""); g.wrong() }, true},
	{"totp-required", (*gallery).admin, true},
	{"data_deletion", func(g *gallery) { g.dataDeletion(fmt.Sprint("stranger", newcomers.Add(1))) }, false},
	{"data_deletion-waiting", func(g *gallery) {
		email := g.newcomer()
		g.must(func() error {
			u, err := g.acc.Find(g.Context(), email)
			if err != nil {
				return err
			}
			_, err = g.soc.Config().Connections.Insert(g.Context(), vault.Connection{ID: "facebook of " + u.ID, UserID: u.ID, ProviderID: "facebook",
				ProviderUserID: u.ID, Status: vault.Active, Rank: -1, CreatedAt: time.Now().Add(-time.Hour)}, []byte("sealed"))
			if err == nil {
				g.dataDeletion(u.ID)
			}
			return err
		})
	}, true},
	{"problem-data-deletion", func(g *gallery) { g.open("/data-deletion/none") }, true},
}

// admin logs in as a user who has to set up a second factor first.
func (g *gallery) admin() {
	g.Helper()
	email := g.newcomer()
	g.must(func() error {
		u, err := g.acc.Find(g.Context(), email)
		if err != nil {
			return err
		}
		return g.acc.Grant(g.Context(), u.ID, galleryAdmin)
	})
	g.forget()
	g.open("/login")
	g.submit("email", email, "password", galleryPassword)
	g.shows(`form[action="/security/totp"]`)
}

// withPasskey makes a newcomer with a passkey.
func (g *gallery) withPasskey() (email string) {
	g.Helper()
	email = g.newcomer()
	g.open("/security/passkeys")
	const ask = `fetch(document.querySelector("form[data-passkey]").dataset.options, {method: "POST", headers: {Accept: "application/json"}}).then(r => r.text())`
	options := result(g.person, "reading the options", chromedp.Evaluate[string](ask, chromedp.EvalAwaitPromise))
	keys := passkeytest.Authenticator{Origin: g.site}
	answer, err := keys.Create([]byte(options))
	if err != nil {
		g.Fatal(err)
	}
	g.sendPasskey(string(answer), "Laptop")
	g.shows(".codes")
	return email
}

// sendPasskey posts the page's form of passkeys with what a browser answers.
func (g *gallery) sendPasskey(answer, name string) {
	g.Helper()
	script := `{ const form = document.querySelector("form[data-passkey]"); form.elements.credential.value = ` + strconv.Quote(answer) + `
		if (form.elements.name) form.elements.name.value = ` + strconv.Quote(name) + `
		form.submit(); true }`
	result(g.person, "sending the passkey", chromedp.Evaluate[bool](script))
}

// browserRefuses has the browser refuse to make a passkey.
func (g *gallery) browserRefuses(name string) {
	g.Helper()
	const script = `PublicKeyCredential.parseCreationOptionsFromJSON = options => options
		navigator.credentials.create = () => Promise.reject(new DOMException("as the test wants it", "%s")); true`
	result(g.person, "turning passkeys off", chromedp.Evaluate[bool](fmt.Sprintf(script, name)))
	g.click("form[data-passkey] button")
}

// dataDeletion opens the status of a request to delete a user's data, which Facebook sends.
func (g *gallery) dataDeletion(subject string) {
	g.Helper()
	payload := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"algorithm":"HMAC-SHA256","issued_at":%d,"user_id":"%s"}`, time.Now().Unix(), subject))
	mac := hmac.New(sha256.New, []byte(g.facebook.ClientSecret.Reveal()))
	mac.Write([]byte(payload))
	signed := base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) + "." + payload
	res, err := http.PostForm(g.site+"/data-deletion/facebook", url.Values{"signed_request": {signed}})
	if err != nil {
		g.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Code string `json:"confirmation_code"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Code == "" {
		g.Fatalf("%d, %v", res.StatusCode, err)
	}
	g.open("/data-deletion/" + answer.Code)
}
