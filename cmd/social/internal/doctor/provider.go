package doctor

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gosocial/social/oauth"
)

// madeUp is a code that no provider gave.
const madeUp = "social-doctor"

// A patient is the provider under examination.
type patient struct {
	*examination
	oauth.Description
	endpoints oauth.Endpoints
	issuer    string // "" where the protocol knows none
	about     string // which credentials, where there are several
	skew      *time.Duration
}

// provider goes through a log-in as far as it goes without a user.
func (e *examination) provider(ctx context.Context, p oauth.Provider) {
	pt := &patient{examination: e, Description: p.Description()}
	discovers := false
	switch p := p.(type) {
	case *oauth.OAuth1:
		pt.endpoints = p.Endpoints
	case *oauth.OAuth2:
		pt.endpoints, pt.issuer = p.Endpoints, p.Issuer
	case *oauth.OIDC:
		pt.endpoints, pt.issuer = p.Endpoints, p.Issuer
		discovers = p.Endpoints.Authorize == "" || p.Endpoints.Token == "" || p.Endpoints.Keys == ""
	}
	defer pt.clock()
	if discovers && !pt.discover(ctx) {
		return
	}
	pt.logins(ctx, p)
	if pt.Protocol == oauth.ProtocolOIDC && pt.endpoints.Keys != "" {
		pt.keySet(ctx)
	}
	for _, endpoint := range []struct{ name, address string }{
		{"user-info", pt.endpoints.UserInfo}, {"revocation", pt.endpoints.Revoke}, {"end-session", pt.endpoints.EndSession},
	} {
		if endpoint.address != "" && !strings.Contains(endpoint.address, "{") {
			pt.reach(ctx, endpoint.name, endpoint.address)
		}
	}
}

func (p *patient) say(level Level, format string, args ...any) {
	p.examination.say(p.ID, level, "%s%s", p.about, fmt.Sprintf(format, args...))
}

// discover reads the discovery document for the endpoints that are not
// configured.
func (p *patient) discover(ctx context.Context) bool {
	address := strings.TrimSuffix(p.issuer, "/") + "/.well-known/openid-configuration"
	status, body, err := p.get(ctx, address)
	var doc struct {
		Issuer     string `json:"issuer"`
		UserInfo   string `json:"userinfo_endpoint"`
		Keys       string `json:"jwks_uri"`
		Revoke     string `json:"revocation_endpoint"`
		EndSession string `json:"end_session_endpoint"`
	}
	switch {
	case err != nil:
		p.say(Wrong, "discovery: %v", err)
	case status != http.StatusOK:
		p.say(Wrong, "discovery: %s answers %d: is the issuer right?", address, status)
	case json.Unmarshal(body, &doc) != nil:
		p.say(Wrong, "discovery: %s is not JSON: is the issuer right?", address)
	case doc.Issuer != p.issuer:
		p.say(Wrong, "discovery: the document is of issuer %q, and the configuration says %q", doc.Issuer, p.issuer)
	default:
		e := &p.endpoints
		e.UserInfo, e.Keys = cmp.Or(e.UserInfo, doc.UserInfo), cmp.Or(e.Keys, doc.Keys)
		e.Revoke, e.EndSession = cmp.Or(e.Revoke, doc.Revoke), cmp.Or(e.EndSession, doc.EndSession)
		p.say(Good, "discovery at %s", p.issuer)
		return true
	}
	return false
}

// login begins a log-in, looks at the page it leads to if page is set, and comes
// back with a code that the provider did not give.
func (p *patient) login(ctx context.Context, client oauth.Client, uri string, page bool) {
	pending, err := client.Begin(ctx, oauth.Request{RedirectURI: uri, State: rand.Text()})
	switch {
	case err != nil && p.Protocol == oauth.ProtocolOAuth1:
		p.say(Wrong, "request token: %s; are consumer key, secret and the callback %s right?", plain(err), uri)
		return
	case err != nil:
		p.say(Wrong, "beginning a log-in: %s", plain(err))
		return
	case p.Protocol == oauth.ProtocolOAuth1:
		p.say(Good, "request token for %s: the credentials are accepted", uri)
	}
	if page {
		p.authorize(ctx, pending, uri)
	}
	if p.Protocol != oauth.ProtocolOAuth2 && p.Protocol != oauth.ProtocolOIDC {
		return // there is no code; OAuth 1.0a's request token has proved the credentials
	}
	answer := url.Values{"state": {pending.State}, "code": {madeUp}}
	if p.issuer != "" {
		answer.Set("iss", p.issuer)
	}
	_, err = client.Complete(ctx, pending, answer)
	p.token(err)
}

// authorize opens the page that the browser would be sent to. A provider that
// knows the redirect URI asks the user to sign in.
func (p *patient) authorize(ctx context.Context, pending *oauth.Pending, uri string) {
	resp, _, err := p.ask(ctx, pending.URL)
	switch {
	case err != nil:
		p.say(Wrong, "authorization endpoint: %v", err)
		return
	case resp.StatusCode >= 400:
		p.say(Wrong, "authorization endpoint: it answers %d: are the consumer key and the redirect URI %s registered?", resp.StatusCode, uri)
		return
	}
	if to, err := resp.Location(); err == nil && strings.HasPrefix(to.String(), uri+"?") {
		if code := to.Query().Get("error"); code != "" {
			p.say(Wrong, "authorization endpoint: it refuses the request: %q", code)
			return
		}
	}
	p.say(Good, "authorization endpoint takes %s", uri)
}

// token judges how the token endpoint refused the code.
func (p *patient) token(err error) {
	var failure *oauth.ProviderError
	switch {
	case err == nil:
		p.say(Wrong, "token endpoint: it takes a made-up code")
	case !errors.As(err, &failure):
		p.say(Wrong, "token endpoint: %s", plain(err))
	case failure.Status == http.StatusUnauthorized, clientRefused[failure.Code]:
		p.say(Wrong, "token endpoint: the consumer key or secret is refused (%s)", plain(err))
	case failure.Status == 0, failure.Status >= 500, failure.Status == http.StatusNotFound,
		failure.Status == http.StatusMethodNotAllowed, failure.Status >= 300 && failure.Status < 400:
		p.say(Wrong, "token endpoint: %s", plain(err))
	case failure.Kind == oauth.Rejected:
		p.say(Good, "token endpoint takes the credentials, and refuses a made-up code")
	default:
		p.say(Odd, "token endpoint refuses a made-up code (%s), which does not show whether it takes the credentials", plain(err))
	}
}

// clientRefused are the codes for credentials or a redirect URI that do not hold
// (RFC 6749 §5.2, RFC 7591 §3.2.2).
var clientRefused = map[string]bool{"invalid_client": true, "unauthorized_client": true, "invalid_redirect_uri": true}

func (p *patient) keySet(ctx context.Context) {
	status, body, err := p.get(ctx, p.endpoints.Keys)
	var set struct{ Keys []json.RawMessage }
	switch {
	case err != nil:
		p.say(Wrong, "keys: %v", err)
	case status != http.StatusOK || json.Unmarshal(body, &set) != nil || len(set.Keys) == 0:
		p.say(Wrong, "keys: %s answers %d without a key set", p.endpoints.Keys, status)
	default:
		p.say(Good, "%d signing keys", len(set.Keys))
	}
}

// reach asks an endpoint that wants a token without one: any answer but that
// nothing is there will do.
func (p *patient) reach(ctx context.Context, name, address string) {
	status, _, err := p.get(ctx, address)
	switch {
	case err != nil:
		p.say(Wrong, "%s endpoint: %v", name, err)
	case name == "user-info" && status == http.StatusNotFound, status >= 500 && status != http.StatusNotImplemented:
		p.say(Wrong, "%s endpoint: %s answers %d", name, address, status)
	default:
		p.say(Good, "%s endpoint answers", name)
	}
}

func (p *patient) get(ctx context.Context, address string) (status int, body []byte, err error) {
	resp, body, err := p.ask(ctx, address)
	if err != nil {
		return 0, nil, err
	}
	return resp.StatusCode, body, nil
}

// ask makes a request, and compares the clocks by its answer.
func (p *patient) ask(ctx context.Context, address string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, errors.New("the address is not a URL")
	}
	sent := time.Now()
	resp, err := p.http.Do(req)
	if err != nil {
		return nil, nil, errors.New(plain(err))
	}
	defer resp.Body.Close()
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		// The header has whole seconds.
		skew := at.Add(time.Second / 2).Sub(sent.Add(time.Since(sent) / 2))
		if p.skew == nil || skew.Abs() < p.skew.Abs() {
			p.skew = &skew
		}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, nil, errors.New(plain(err))
	}
	return resp, body, nil
}

// tolerated is how far clocks may be apart before ID tokens are refused.
const tolerated = time.Minute

func (p *patient) clock() {
	if p.skew == nil {
		return
	}
	apart := p.skew.Abs().Round(time.Second)
	switch {
	case apart > tolerated:
		p.say(Wrong, "clock: it is %s from the provider's, and log-ins are refused above %s", apart, tolerated)
	case apart > tolerated/6:
		p.say(Odd, "clock: it is %s from the provider's", apart)
	default:
		p.say(Good, "clock within %s", max(apart, time.Second))
	}
}

// plain is an error without the address it was about, which may be long, and
// without the provider's ID.
func plain(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var failure *oauth.ProviderError
	if !errors.As(err, &failure) {
		return err.Error()
	}
	var parts []string
	if failure.Status != 0 {
		parts = append(parts, fmt.Sprintf("status %d", failure.Status))
	}
	if code := cmp.Or(failure.OwnCode, failure.Code); code != "" {
		parts = append(parts, code)
	}
	if failure.Err != nil {
		parts = append(parts, failure.Err.Error())
	}
	return strings.Join(parts, ", ")
}

// registration returns the values to enter at the provider.
func (e *examination) registration(p oauth.Provider) Registration {
	d := p.Description()
	r := Registration{ID: d.ID, Name: d.Name, At: d.RegisterURL, RedirectURIs: e.social.RedirectURIs(d)}
	if d.Protocol == oauth.ProtocolOIDC {
		r.BackchannelLogout = e.social.Config().AppURL + "/backchannel-logout/" + d.ID
		if d.LogoutAtProvider {
			r.PostLogoutURI = e.social.Config().AppURL + "/"
		}
	}
	return r
}
