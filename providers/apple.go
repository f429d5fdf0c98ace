package providers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gosocial/social/internal/pemkey"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// Apple is Sign in with Apple, OpenID Connect.
//
// teamID has ten characters. The credentials are a Services ID as ClientID, and
// instead of a client secret the PrivateKey (the .p8 file: PEM, PKCS #8, P-256)
// with its KeyID, by which a secret is signed.
func Apple(teamID string, credentials ...oauth.Credentials) *oauth.OIDC {
	secrets := &appleSecrets{teamID: teamID}
	return &oauth.OIDC{
		OAuth2: oauth.OAuth2{
			ID: "apple", Name: "Apple",
			Credentials: credentials,
			Issuer:      "https://appleid.apple.com",
			Endpoints: oauth.Endpoints{
				Authorize: "https://appleid.apple.com/auth/authorize",
				Token:     "https://appleid.apple.com/auth/token",
				Keys:      "https://appleid.apple.com/auth/keys",
				Revoke:    "https://appleid.apple.com/auth/revoke",
			},
			Scopes:     []string{"openid", "name", "email"},
			ScopeTexts: map[string]string{"name": seeName},
			Hints:      map[string]string{}, // it documents none
			Consent:    url.Values{}, ChooseAccount: url.Values{}, Reauthenticate: url.Values{},
			FormPost:    true, // required when name or email is asked for
			TokenAuth:   oauth.AuthPost,
			Denied:      []oauth.Condition{deniedAuthorization},
			Revocation:  oauth.Revocation{EndsGrant: true},
			TrustEmail:  true,
			Mistakes:    appleMistakes(),
			RegisterURL: "https://developer.apple.com/account/resources/identifiers/list/serviceId",
			MakeSecret:  secrets.at,
			MapProfile:  appleProfile,
		},
		Signals: oauth.Signals{Field: "payload", OneEvent: true, Effects: map[string]oauth.SignalEffect{
			"consent-revoked": oauth.SignalRemoved, "account-delete": oauth.SignalRemoved, "account-deleted": oauth.SignalRemoved,
		}},
		UserInfo:            oauth.UserInfoNever, // there is no such endpoint
		ProfileFromCallback: appleName,
	}
}

// appleProfile reads the claims. Apple documents email_verified as a boolean or
// the same as a string.
func appleProfile(raw json.RawMessage) (oauth.Profile, error) {
	var claims struct {
		Subject  string `json:"sub"`
		Email    string `json:"email"`
		Verified any    `json:"email_verified"`
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		return oauth.Profile{}, errors.New("apple: claims of an unexpected shape")
	}
	return oauth.Profile{
		Subject:       claims.Subject,
		DisplayName:   claims.Email,
		Email:         claims.Email,
		EmailVerified: claims.Email != "" && (claims.Verified == true || claims.Verified == "true"),
	}, nil
}

// appleName adds the name from the callback's user parameter. It came through the
// browser, so it is only for show.
func appleName(p *oauth.Profile, callback url.Values) {
	var user struct {
		Name struct {
			First string `json:"firstName"`
			Last  string `json:"lastName"`
		} `json:"name"`
	}
	if text := callback.Get("user"); len(text) > 4096 || json.Unmarshal([]byte(text), &user) != nil {
		return
	}
	if name := strings.TrimSpace(user.Name.First + " " + user.Name.Last); name != "" {
		p.FullName, p.DisplayName = name, name
	}
}

const (
	appleSecretLife  = 24 * time.Hour // Apple allows six months
	appleSecretSpare = time.Hour
)

// appleSecrets signs client secrets and keeps each while it is valid.
type appleSecrets struct {
	teamID string

	mu     sync.Mutex
	signed map[oauth.Credentials]appleSecret
}

type appleSecret struct {
	text  secret.Text
	until time.Time
}

func (s *appleSecrets) at(c oauth.Credentials, now time.Time) (secret.Text, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.signed[c]
	if kept.text != "" && now.Before(kept.until.Add(-appleSecretSpare)) && now.After(kept.until.Add(-appleSecretLife-time.Minute)) {
		return kept.text, nil
	}
	if s.teamID == "" {
		return "", errors.New("apple: the team ID is missing")
	}
	key, err := applePrivateKey(c.PrivateKey)
	if err != nil {
		return "", err
	}
	until := now.Add(appleSecretLife)
	raw, err := signES256(key,
		map[string]any{"alg": "ES256", "kid": c.KeyID},
		map[string]any{
			"iss": s.teamID, "sub": c.ClientID, "aud": "https://appleid.apple.com",
			"iat": now.Unix(), "exp": until.Unix(),
		})
	if err != nil {
		return "", errors.New("apple: signing the client secret failed")
	}
	if s.signed == nil {
		s.signed = make(map[oauth.Credentials]appleSecret)
	}
	s.signed[c] = appleSecret{secret.Text(raw), until}
	return secret.Text(raw), nil
}

// signES256 makes a JWS in compact form (RFC 7515 §3.1, RFC 7518 §3.4).
func signES256(key *ecdsa.PrivateKey, header, claims map[string]any) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding
	input := b64.EncodeToString(h) + "." + b64.EncodeToString(c)
	sum := sha256.Sum256([]byte(input))
	r, t, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return "", err
	}
	var sig [64]byte
	r.FillBytes(sig[:32])
	t.FillBytes(sig[32:])
	return input + "." + b64.EncodeToString(sig[:]), nil
}

func applePrivateKey(text secret.Text) (*ecdsa.PrivateKey, error) {
	block := pemkey.Decode(text.Reveal())
	if block == nil {
		return nil, errors.New("apple: PrivateKey is not PEM: want the whole text of the .p8 file, from -----BEGIN to -----END")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("apple: PrivateKey is not PKCS #8")
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("apple: PrivateKey is not a P-256 key")
	}
	return key, nil
}

func newApple(s Settings) (oauth.Provider, error) {
	if s.TeamID == "" {
		return nil, missing("team_id")
	}
	p := Apple(s.TeamID, s.Credentials...)
	s.TeamID, s.secretSigned = "", true
	return p, s.applyOIDC(p)
}
