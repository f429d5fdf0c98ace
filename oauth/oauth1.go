package oauth

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/gosocial/social/secret"
)

// OAuth1 is a provider that speaks OAuth 1.0a (RFC 5849) with HMAC-SHA1
// signatures.
type OAuth1 struct {
	ID, Name    string
	Mark        string        // as in Description; ID when empty
	Credentials []Credentials // ClientID and ClientSecret
	// Endpoints: RequestToken, Authorize, Token and UserInfo are required (but see
	// ProfileFromToken). Revoke,
	// where there is one, takes a signed POST and ends the token it was signed
	// with.
	Endpoints Endpoints

	// Hints, ChooseAccount and Reauthenticate are as in OAuth2, for the authorization
	// address.
	Hints                         map[string]string
	ChooseAccount, Reauthenticate url.Values

	// UserAgent is as in OAuth2.
	UserAgent string

	// UserInfoParams go with the user-info request.
	UserInfoParams url.Values
	Profile        Mapping
	// ProfileFromToken is as in OAuth2.
	ProfileFromToken bool

	// APIHosts may receive signed requests besides the hosts of
	// Endpoints.UserInfo, Emails and API. A leading dot means all
	// subdomains.
	APIHosts    []string
	TrustEmail  bool
	RegisterURL string

	// ErrorCodes are the provider's own error codes with the word of the OAuth
	// Problem Reporting extension that each means: token_rejected,
	// consumer_key_rejected, signature_invalid, ….
	ErrorCodes map[string]string
	// Mistakes are as in OAuth2.
	Mistakes Mistakes

	// MapProfile, when set, replaces Profile for what paths cannot say.
	MapProfile func(json.RawMessage) (Profile, error) `json:"-"`
}

// Description implements Provider. OAuth 1.0a has neither scopes nor refresh
// tokens.
func (p *OAuth1) Description() Description {
	return Description{
		ID: p.ID, Name: cmp.Or(p.Name, p.ID), Mark: cmp.Or(p.Mark, p.ID), Protocol: ProtocolOAuth1,
		Hints:         hintNames(p.Hints),
		TrustEmail:    p.TrustEmail,
		Email:         p.Profile.Email != "",
		VerifiedEmail: p.Profile.EmailVerified != "",
		Revoke:        p.Endpoints.Revoke != "",
		RegisterURL:   p.RegisterURL,
		API:           p.Endpoints.API,
	}
}

// Open implements Provider. The Client is a Revoker.
func (p *OAuth1) Open(env Env) (Client, error) {
	c := &oauth1Client{p: *p, env: env.ready(), about: p.Description()}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("oauth: provider %q: %w", p.ID, err)
	}
	return c, nil
}

func (c *oauth1Client) check() error {
	p := &c.p
	if p.ID == "" {
		return errors.New("ID is missing")
	}
	var err error
	if c.clients, err = newRegistrations(p.Credentials, secretOf); err != nil {
		return err
	}
	if c.codes, err = ownCodesOf(p.ErrorCodes, problems); err != nil {
		return err
	}
	if c.mistakes, err = readMistakes(p.Mistakes); err != nil {
		return err
	}
	e := &p.Endpoints
	for _, endpoint := range [...]struct{ field, address string }{
		{"RequestToken", e.RequestToken}, {"Authorize", e.Authorize}, {"Token", e.Token}, {"UserInfo", e.UserInfo},
	} {
		if endpoint.field == "UserInfo" && p.ProfileFromToken {
			continue
		}
		if err := checkAddress("Endpoints."+endpoint.field, endpoint.address); err != nil {
			return err
		}
	}
	if e.Revoke != "" {
		if err := checkAddress("Endpoints.Revoke", e.Revoke); err != nil {
			return err
		}
	}
	authorize, _ := url.Parse(e.Authorize) // checkAddress did it; RFC 5849 §2.2: it may have a query
	if name := firstOwn(authorize.Query()); name != "" {
		return fmt.Errorf("Endpoints.Authorize may not set %s", name)
	}
	if name := firstOwn(p.UserInfoParams); name != "" {
		return fmt.Errorf("UserInfoParams may not set %s", name)
	}
	if name := firstOwn(p.ChooseAccount); name != "" {
		return fmt.Errorf("ChooseAccount may not set %s", name)
	}
	if name := firstOwn(p.Reauthenticate); name != "" {
		return fmt.Errorf("the field Reauthenticate may not set %s", name)
	}
	for hint, parameter := range p.Hints {
		if firstOwn(url.Values{parameter: nil}) != "" {
			return fmt.Errorf("the hint %s of Hints may not set %s", hint, parameter)
		}
	}
	c.start = e.Authorize + "?oauth_token="
	if strings.Contains(e.Authorize, "?") {
		c.start = strings.TrimSuffix(e.Authorize, "&") + "&oauth_token="
	}
	if p.MapProfile == nil {
		if err := p.Profile.check(); err != nil {
			return err
		}
	}
	c.hosts, err = tokenHosts(*e, p.APIHosts)
	return err
}

func secretOf(c Credentials) (secret.Text, error) {
	if c.ClientSecret == "" {
		return "", errors.New("ClientSecret is missing")
	}
	return c.ClientSecret, nil
}

// firstOwn finds a name that belongs to the protocol.
func firstOwn(params url.Values) string {
	for name := range params {
		if strings.HasPrefix(strings.ToLower(name), "oauth_") {
			return name
		}
	}
	return ""
}
