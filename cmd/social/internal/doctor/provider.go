package doctor

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/oauth"
)

// madeUpCode is a code that no provider gave.
const madeUpCode = "social-doctor"

// A providerCheck checks one provider.
type providerCheck struct {
	*check
	oauth.Description
	endpoints oauth.Endpoints
	issuer    string // "" when the protocol has none
	// callback has what the token request needs of a callback, made up.
	callback url.Values
	// discoveryURL is where the discovery document is, "" for below the issuer.
	discoveryURL string
	mistakes     oauth.Mistakes

	algorithms []string      // of ID tokens; nil means all that need no secret
	allowed    time.Duration // between the clocks; 0 where they need not agree

	backchannel bool           // the provider tells when a user has logged out there
	about       string         // begins findings about one of several credentials
	skew        *time.Duration // between the clocks; nil while unknown
}

// provider checks a provider, by a log-in as far as it is possible without a user. It
// returns what to register there.
func (d *check) provider(ctx context.Context, p oauth.Provider) Registration {
	pc := &providerCheck{check: d, Description: p.Description()}
	discovers := false
	switch p := p.(type) {
	case *oauth.OAuth1:
		pc.endpoints, pc.mistakes = p.Endpoints, p.Mistakes
	case *oauth.OAuth2:
		pc.endpoints, pc.issuer, pc.mistakes, pc.callback = p.Endpoints, p.Issuer, p.Mistakes, madeUpCallback(p)
	case *oauth.OIDC:
		pc.endpoints, pc.issuer, pc.algorithms, pc.mistakes = p.Endpoints, p.Issuer, p.Algorithms, p.Mistakes
		pc.discoveryURL = p.DiscoveryURL
		pc.allowed = cmp.Or(p.ClockSkew, time.Minute)
		discovers = p.Endpoints.Authorize == "" || p.Endpoints.Token == "" || p.Endpoints.Keys == "" && pc.needsKeys()
	}
	defer pc.clock()
	if !pc.instance(ctx) {
		return pc.registration()
	}
	if discovers && !pc.discover(ctx) {
		return pc.registration()
	}
	pc.logins(ctx, p)
	pc.logout()
	if pc.Protocol == oauth.ProtocolOIDC && pc.needsKeys() {
		pc.keySet(ctx, p)
	}
	for _, endpoint := range []struct{ name, address string }{
		{"user-info", pc.endpoints.UserInfo}, {"revocation", pc.endpoints.Revoke}, {"end-session", pc.endpoints.EndSession},
		{"device-authorization", pc.endpoints.DeviceAuthorization},
	} {
		if endpoint.address != "" && !strings.Contains(endpoint.address, "{") {
			pc.checkEndpoint(ctx, endpoint.name, endpoint.address)
		}
	}
	return pc.registration()
}

func (p *providerCheck) report(level Level, format string, args ...any) {
	p.check.report(p.ID, level, "%s%s", p.about, fmt.Sprintf(format, args...))
}

// login begins a log-in, opens the provider's page if page is set, and completes the
// log-in with a made-up code.
func (p *providerCheck) login(ctx context.Context, a attempt, uri string, page bool) {
	client := a.client
	pending, err := client.Begin(ctx, oauth.Request{RedirectURI: uri, State: rand.Text()})
	switch {
	case err != nil && p.Protocol == oauth.ProtocolOAuth1 && mistakeIn(err) == oauth.RedirectNotRegistered:
		p.mistake("request token", oauth.RedirectNotRegistered, uri)
		return
	case err != nil && p.Protocol == oauth.ProtocolOAuth1:
		p.report(Wrong, "request token: %s; are consumer key, secret and the callback %s right?", describe(err), uri)
		return
	case err != nil:
		p.report(Wrong, "beginning a log-in: %s", describe(err))
		return
	case p.Protocol == oauth.ProtocolOAuth1:
		p.report(OK, "request token for %s: the credentials are accepted", uri)
	}
	if page {
		p.authorize(ctx, client, pending, uri)
	}
	if p.Protocol != oauth.ProtocolOAuth2 && p.Protocol != oauth.ProtocolOIDC {
		return // there is no code; OAuth 1.0a's request token has proved the credentials
	}
	p.token(ctx, a, uri, p.complete(ctx, client, pending))
}

var ofCallback = regexp.MustCompile(`\{callback:([^{}]+)\}`)

// madeUpCallback returns parameters of a callback that the token request repeats, and where
// the callback says which server takes the code, the server of the log-in page.
func madeUpCallback(p *oauth.OAuth2) url.Values {
	callback := url.Values{}
	for _, values := range p.TokenParams {
		for _, found := range ofCallback.FindAllStringSubmatch(strings.Join(values, " "), -1) {
			if found[1] != "state" {
				callback.Set(found[1], madeUpCode)
			}
		}
	}
	page, err := url.Parse(p.Endpoints.Authorize)
	if at := ofCallback.FindStringSubmatchIndex(p.Endpoints.Token); at != nil && at[0] == 0 && err == nil {
		callback.Set(p.Endpoints.Token[at[2]:at[3]], page.Scheme+"://"+page.Host)
	}
	return callback
}

// mistakeIn returns the mistake that a provider's error shows, "" for none.
func mistakeIn(err error) oauth.Mistake {
	if failure, ok := errors.AsType[*oauth.ProviderError](err); ok {
		return failure.Mistake
	}
	return ""
}

// complete completes a log-in with a made-up code, and returns the error.
func (p *providerCheck) complete(ctx context.Context, client oauth.Client, pending *oauth.Pending) error {
	answer := url.Values{"state": {pending.State}, "code": {madeUpCode}}
	if p.issuer != "" {
		answer.Set("iss", p.issuer)
	}
	maps.Copy(answer, p.callback)
	_, err := client.Complete(ctx, pending, answer)
	return err
}

// checkEndpoint requests an endpoint without the token that it needs. Every answer is
// fine, except for those that show that the endpoint does not exist.
func (p *providerCheck) checkEndpoint(ctx context.Context, name, address string) {
	status, _, err := p.get(ctx, address)
	switch {
	case err != nil:
		p.report(Wrong, "%s endpoint: %v", name, err)
	case name == "user-info" && status == http.StatusNotFound, status >= 500 && status != http.StatusNotImplemented:
		p.report(Wrong, "%s endpoint: %s answers %d", name, address, status)
	default:
		p.report(OK, "%s endpoint answers", name)
	}
}

func (p *providerCheck) get(ctx context.Context, address string) (status int, body []byte, err error) {
	resp, body, err := p.request(ctx, address)
	if err != nil {
		return 0, nil, err
	}
	return resp.StatusCode, bytes.TrimPrefix(body, []byte("\ufeff")), nil // some servers send a byte order mark
}

// request sends a GET request, and compares the clocks by the answer's Date.
func (p *providerCheck) request(ctx context.Context, address string) (*http.Response, []byte, error) {
	return p.requestBy(ctx, p.http, address)
}

func (p *providerCheck) requestBy(ctx context.Context, client *http.Client, address string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, errors.New("the address is not a URL")
	}
	sent := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, errors.New(describe(err))
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
		return nil, nil, errors.New(describe(err))
	}
	return resp, body, nil
}

// clock compares the clocks. ID tokens are refused when they differ by more than is
// allowed.
func (p *providerCheck) clock() {
	if p.skew == nil {
		return
	}
	apart := p.skew.Abs().Round(time.Second)
	switch {
	case p.allowed > 0 && apart > p.allowed:
		p.report(Wrong, "clock: it is %s from the provider's, and log-ins are refused above %s", apart, p.allowed)
	case apart > time.Minute/6:
		p.report(Note, "clock: it is %s from the provider's", apart)
	default:
		p.report(OK, "clock within %s", max(apart, time.Second))
	}
}

// describe returns an error's text without the address of the request, which may be
// long, and without the provider's ID.
func describe(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var failure *oauth.ProviderError
	if !errors.As(err, &failure) {
		return guarded(err.Error())
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
	return guarded(strings.Join(parts, ", "))
}

// guarded puts an error into one line, and says what to do about the guard of outbound
// requests.
func guarded(text string) string {
	refused := strings.Contains(text, "outbound: the address is not public") || strings.Contains(text, "outbound: http,")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "outbound: ", ""), "\n", "; ")
	if refused {
		text += ": for a provider of your own network set allow_private_addresses to true"
	}
	return text
}

// registration returns the values to enter at the provider.
func (p *providerCheck) registration() Registration {
	appURL := p.social.Config().AppURL
	entry, configured := p.entry()
	r := Registration{
		ID: p.ID, Name: p.Name, At: p.RegisterURL, RedirectURIs: p.social.RedirectURIs(p.Description),
		Scopes: append([]string{}, p.Scopes...), Parameters: []Parameter{}, About: entry.About,
	}
	for _, parameter := range entry.Parameters {
		r.Parameters = append(r.Parameters, Parameter{parameter.Name, cmp.Or(configured.Parameters[parameter.Name], parameter.Default), parameter.Help})
	}
	for _, k := range app.EntryKeys(entry.ID) {
		if value, registered := map[string]string{"tenant": configured.Tenant, "team_id": configured.TeamID}[k.Name]; registered {
			r.Parameters = append(r.Parameters, Parameter{k.Name, cmp.Or(value, k.Default), k.Help})
		}
	}
	if p.backchannel {
		r.BackchannelLogout = appURL + "/backchannel-logout/" + p.ID
	}
	if p.LogoutAtProvider {
		r.PostLogoutURI = appURL + "/"
	}
	return r
}

// logout reports a log-out at the provider that cannot work.
func (p *providerCheck) logout() {
	if p.LogoutAtProvider && p.endpoints.EndSession == "" {
		p.report(Wrong, "logout_at_provider: the provider has no end_session endpoint, so logging out ends nothing there: remove the key, or set endpoints.end_session")
	}
}
