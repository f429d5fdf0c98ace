package vault

import (
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// layoutV1 is the first byte of every plaintext.
const layoutV1 = 1

// A storedToken is a token as it is sealed: with the time when it was issued, from
// which margin computes how early it is refreshed.
type storedToken struct {
	oauth.Token
	Issued time.Time
	// Granted is when the user last authorized the connection; zero when that is unknown.
	Granted time.Time
}

func putToken(e *keyring.Encoder, t *storedToken) {
	e.Text(t.ClientID)
	e.Text(t.Access.Reveal())
	e.Text(t.Secret.Reveal())
	e.Text(t.Refresh.Reveal())
	e.Text(t.ID.Reveal())
	e.Text(t.Type)
	e.Time(t.Expiry)
	e.Time(t.Issued)
	e.Time(t.RefreshExpiry)
	e.Texts(t.Scopes)
	e.Number(uint64(len(t.Extra)))
	for name, value := range t.Extra {
		e.Text(name)
		e.Text(value.Reveal())
	}
}

func getToken(d *keyring.Decoder) (t storedToken) {
	t.ClientID = d.Text()
	t.Access = secret.Text(d.Text())
	t.Secret = secret.Text(d.Text())
	t.Refresh = secret.Text(d.Text())
	t.ID = secret.Text(d.Text())
	t.Type = d.Text()
	t.Expiry = d.Time()
	t.Issued = d.Time()
	t.RefreshExpiry = d.Time()
	t.Scopes = d.Texts()
	for n := d.Number(); n > 0; n-- {
		if !d.More() {
			d.Byte() // which fails: there are fewer than that
			break
		}
		if t.Extra == nil {
			t.Extra = map[string]secret.Text{}
		}
		name := d.Text()
		t.Extra[name] = secret.Text(d.Text())
	}
	return t
}

func encodeToken(t *storedToken) []byte {
	size := 128 + len(t.ClientID) + len(t.Access) + len(t.Secret) + len(t.Refresh) + len(t.ID)
	e := make(keyring.Encoder, 0, size)
	e.Byte(layoutV1)
	putToken(&e, t)
	e.Time(t.Granted)
	return e
}

func decodeToken(plaintext []byte) (storedToken, bool) {
	d := keyring.NewDecoder(plaintext)
	v1 := d.Byte() == layoutV1
	t := getToken(d)
	if d.More() { // earlier rows have none
		t.Granted = d.Time()
	}
	return t, v1 && d.Whole()
}

func encodeHeld(h *Held, now time.Time) []byte {
	var e keyring.Encoder
	e.Byte(layoutV1)
	e.Text(string(h.Data))
	e.Bool(h.Grant != nil)
	if h.Grant != nil {
		putGrant(&e, h.Grant, now)
	}
	return e
}

// decodeHeld returns the grant and the data of a Held.
func decodeHeld(plaintext []byte) (g *oauth.Grant, data []byte, ok bool) {
	d := keyring.NewDecoder(plaintext)
	v1 := d.Byte() == layoutV1
	if text := d.Text(); text != "" {
		data = []byte(text)
	}
	if d.Bool() {
		g = getGrant(d)
	}
	return g, data, v1 && d.Whole()
}

func putGrant(e *keyring.Encoder, g *oauth.Grant, now time.Time) {
	e.Text(g.ProviderID)
	p := &g.Profile
	for _, s := range []string{p.Subject, p.DisplayName, p.FullName, p.Email, p.ProfileURL, p.ImageURL} {
		e.Text(s)
	}
	e.Bool(p.EmailVerified)
	e.Texts(g.RequestedScopes)
	e.Text(g.SessionID)
	putToken(e, &storedToken{Token: g.Token, Issued: now})
}

func getGrant(d *keyring.Decoder) *oauth.Grant {
	g := &oauth.Grant{ProviderID: d.Text()}
	p := &g.Profile
	for _, s := range []*string{&p.Subject, &p.DisplayName, &p.FullName, &p.Email, &p.ProfileURL, &p.ImageURL} {
		*s = d.Text()
	}
	p.EmailVerified = d.Bool()
	g.RequestedScopes = d.Texts()
	g.SessionID = d.Text()
	g.Token = getToken(d).Token
	return g
}

func encodeRevocation(r *revocation) []byte {
	var e keyring.Encoder
	e.Byte(layoutV1)
	e.Text(r.ConnectionID)
	e.Text(r.ProviderID)
	e.Text(r.providerUserID)
	putToken(&e, &storedToken{Token: r.token})
	return e
}

func decodeRevocation(plaintext []byte, r *revocation) bool {
	d := keyring.NewDecoder(plaintext)
	v1 := d.Byte() == layoutV1
	r.ConnectionID, r.ProviderID, r.providerUserID = d.Text(), d.Text(), d.Text()
	r.token = getToken(d).Token
	return v1 && d.Whole()
}
