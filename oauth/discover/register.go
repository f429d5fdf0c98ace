package discover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// ErrNoRegistration: the server does not let applications register themselves.
var ErrNoRegistration = errors.New("discover: the server lets no application register itself")

var errCredentials = errors.New("discover: the server's answer has a client_id or client_secret that is not printable ASCII (RFC 6749 appendix A)")

// endOfCalendar is the year 10000, which no format of dates has (RFC 3339 §1), in seconds
// since 1970: a secret with that expiry has none.
const endOfCalendar = 253402300800

// A Client is an application to register at a server.
type Client struct {
	Name         string   // for people, who are asked whether they allow it
	URI          string   // its page for people; may be empty
	RedirectURIs []string // of the callbacks
	Scopes       []string // that it may ask for; the server's default when nil
	// InitialToken is what a server with closed registration has given to the operator
	// (RFC 7591 §3).
	InitialToken secret.Text
}

// Registered is what a server has registered.
type Registered struct {
	Credentials  oauth.Credentials
	TokenAuth    oauth.TokenAuth // how it proves itself
	SecretExpiry time.Time       // zero when the secret does not expire

	// ManageURL and ManageToken change or remove the registration (RFC 7592), where the
	// server gives them.
	ManageURL   string
	ManageToken secret.Text
}

// Register registers with the zero Finder.
func Register(ctx context.Context, found *Found, c Client) (*Registered, error) {
	return new(Finder).Register(ctx, found, c)
}

// Register registers an application at a server that was found (RFC 7591; Mastodon's
// /api/v1/apps). Each call makes another client there: keep the credentials. The error is
// ErrNoRegistration where the server does not take it, and otherwise says what it refused.
func (f *Finder) Register(ctx context.Context, found *Found, c Client) (*Registered, error) {
	switch {
	case found.Registration == "":
		return nil, ErrNoRegistration
	case c.Name == "" || len(c.RedirectURIs) == 0:
		return nil, errors.New("discover: a client needs a name and a redirect URI")
	}
	if found.mastodon {
		return f.registerApp(ctx, found.Registration, c)
	}
	auth := found.tokenAuth()
	body, _ := json.Marshal(c.metadata(auth)) // texts have a JSON form
	var answer struct {
		ID      string      `json:"client_id"`
		Secret  secret.Text `json:"client_secret"`
		Expires json.Number `json:"client_secret_expires_at"`
		Auth    string      `json:"token_endpoint_auth_method"`
		URI     string      `json:"registration_client_uri"`
		Token   secret.Text `json:"registration_access_token"`
	}
	if err := f.post(ctx, found.Registration, "application/json", string(body), c.InitialToken, &answer); err != nil {
		return nil, err
	}
	r := &Registered{
		Credentials: oauth.Credentials{ClientID: answer.ID, ClientSecret: answer.Secret}, TokenAuth: auth,
	}
	if isAddress(answer.URI, strings.HasPrefix(found.Registration, "http://")) && isCredential(answer.Token.Reveal()) {
		r.ManageURL, r.ManageToken = answer.URI, answer.Token
	}
	own := authOf(answer.Auth)
	if own != "" {
		r.TokenAuth = own // the server may decide otherwise (RFC 7591 §3.2.1)
	}
	switch {
	case own == "" && isScope(answer.Auth):
		return nil, fmt.Errorf("discover: the server wants clients to prove themselves by %s, which they cannot here", answer.Auth)
	case answer.ID == "":
		return nil, errors.New("discover: the server's answer has no client_id")
	case !isCredential(answer.ID), !isCredential(answer.Secret.Reveal()):
		return nil, errCredentials
	case answer.Secret == "":
		r.TokenAuth = oauth.AuthNone
	}
	// 0 for what is no number, infinite for what is out of range
	if seconds, _ := answer.Expires.Float64(); seconds > 0 && seconds < endOfCalendar {
		r.SecretExpiry = time.Unix(int64(seconds), 0).UTC()
	}
	return r, nil
}

// metadata returns the client's metadata (RFC 7591 §2).
func (c *Client) metadata(auth oauth.TokenAuth) map[string]any {
	m := map[string]any{
		"client_name": c.Name, "redirect_uris": c.RedirectURIs, "token_endpoint_auth_method": methods[auth],
		"grant_types": []string{"authorization_code", "refresh_token"}, "response_types": []string{"code"},
	}
	if c.URI != "" {
		m["client_uri"] = c.URI
	}
	if len(c.Scopes) > 0 {
		m["scope"] = strings.Join(c.Scopes, " ")
	}
	return m
}

// Document returns the client-ID metadata document to serve as application/json at an
// address, which is the client ID where Found.ClientIDMetadata is set
// (draft-ietf-oauth-client-id-metadata-document). The client is a public one, without a
// secret. address is an https address with a path; any other is an error.
func (c *Client) Document(address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Path == "" || u.Path == "/" || u.User != nil || u.Fragment != "" {
		return nil, errors.New("discover: the address of a client's document is https and has a path")
	}
	m := c.metadata(oauth.AuthNone)
	m["client_id"] = address
	return json.Marshal(m)
}

// methods are the names of client authentication (RFC 7591 §2).
var methods = map[oauth.TokenAuth]string{oauth.AuthBasic: "client_secret_basic", oauth.AuthPost: "client_secret_post", oauth.AuthNone: "none"}

func authOf(method string) oauth.TokenAuth {
	for auth, name := range methods {
		if name == method {
			return auth
		}
	}
	return ""
}

// tokenAuth picks a way of client authentication that the server takes: with a secret
// rather than without. A server that names none takes basic (RFC 8414 §2).
func (f *Found) tokenAuth() oauth.TokenAuth {
	for _, auth := range []oauth.TokenAuth{oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone} {
		if slices.Contains(f.tokenAuths, methods[auth]) {
			return auth
		}
	}
	return oauth.AuthBasic
}

// registerApp registers in Mastodon's way.
func (f *Finder) registerApp(ctx context.Context, address string, c Client) (*Registered, error) {
	form := url.Values{"client_name": {c.Name}, "redirect_uris": {strings.Join(c.RedirectURIs, "\n")}}
	if c.URI != "" {
		form.Set("website", c.URI)
	}
	if len(c.Scopes) > 0 {
		form.Set("scopes", strings.Join(c.Scopes, " "))
	}
	var answer struct {
		ID     string      `json:"client_id"`
		Secret secret.Text `json:"client_secret"`
	}
	if err := f.post(ctx, address, "application/x-www-form-urlencoded", form.Encode(), c.InitialToken, &answer); err != nil {
		return nil, err
	}
	if answer.ID == "" || answer.Secret == "" {
		return nil, errors.New("discover: the server's answer has no client_id and client_secret")
	}
	if !isCredential(answer.ID) || !isCredential(answer.Secret.Reveal()) {
		return nil, errCredentials
	}
	return &Registered{Credentials: oauth.Credentials{ClientID: answer.ID, ClientSecret: answer.Secret}, TokenAuth: oauth.AuthPost}, nil
}

// post sends a registration and reads its answer.
func (f *Finder) post(ctx context.Context, address, kind, body string, token secret.Text, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return errors.New("discover: the registration's address is not a URL")
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	resp, err := f.client().Do(req)
	if err != nil {
		return fmt.Errorf("discover: registering: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	if err != nil {
		return fmt.Errorf("discover: registering: %w", err)
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w without an initial access token (status %d)", ErrNoRegistration, resp.StatusCode)
	case resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated:
		return fmt.Errorf("discover: the server refused the registration with status %d%s", resp.StatusCode, reason(answer))
	case json.Unmarshal(answer, into) != nil:
		return errors.New("discover: the server's answer to the registration is not the JSON it should be")
	}
	return nil
}

// reason is the server's error code (RFC 7591 §3.2.2), if it is one.
func reason(answer []byte) string {
	var refusal struct {
		Code string `json:"error"`
	}
	json.Unmarshal(answer, &refusal)
	if refusal.Code == "" || len(refusal.Code) > 64 || !isPlain(refusal.Code) {
		return ""
	}
	return " (" + refusal.Code + ")"
}
