package providers_test

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// A documentedServer is a provider that does what its documentation says.
type documentedServer struct {
	*pretend
	d       *documented
	client  oauth.Credentials
	entry   providers.Entry
	calls   []call
	pending *oauth.Pending
}

// RoundTrip answers by hand: addresses are compared to the letter.
func (o *documentedServer) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := o.answer(r)
	kind := "application/json"
	if bytes.HasPrefix(body, []byte("ey")) {
		kind = "application/jwt"
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Request: r,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

func (o *documentedServer) answer(r *http.Request) (status int, body []byte) {
	address := *r.URL
	address.RawQuery = ""
	switch at := r.Method + " " + address.String(); {
	case o.d.Issuer != "" && at == "GET "+cmp.Or(o.d.DiscoveryAt, strings.TrimSuffix(o.d.Issuer, "/")+"/.well-known/openid-configuration"):
		return 200, o.discovery()
	case o.d.Issuer != "" && at == "GET "+o.keys():
		set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &serverKey().PublicKey, KeyID: "k", Use: "sig", Algorithm: "RS256"}}}
		body, _ = json.Marshal(set)
		return 200, body
	case at == "POST "+o.d.RequestToken:
		if want := o.d.Token.Header["User-Agent"]; want != "" && r.Header.Get("User-Agent") != want {
			o.t.Errorf("the request token is asked for by %q, not %q", r.Header.Get("User-Agent"), want)
		}
		return 200, []byte("oauth_token=request&oauth_token_secret=rs&oauth_callback_confirmed=true")
	case at == o.d.Token.at() && len(o.calls) > 0 && o.calls[0].At == "":
		o.calls = o.calls[1:]
		return o.token(r)
	case len(o.calls) == 0 || o.calls[0].At != at:
		o.t.Errorf("unexpected %s %s", r.Method, r.URL)
		return 404, []byte("{}")
	}
	c := o.calls[0]
	o.calls = o.calls[1:]
	o.check(&c, r)
	if c.Claims != nil {
		return 200, []byte((&openIDServer{t: o.t, key: serverKey(), claims: c.Claims}).sign())
	}
	return c.answer()
}

func (o *documentedServer) keys() string {
	if uri, ok := o.d.Discovery["jwks_uri"].(string); ok {
		return uri
	}
	return o.d.Issuer + "/keys"
}

func (o *documentedServer) discovery() []byte {
	doc := map[string]any{
		"issuer": o.d.Issuer, "jwks_uri": o.keys(), "authorization_endpoint": o.d.Authorize,
		"token_endpoint": strings.TrimPrefix(o.d.Token.at(), "POST "), "id_token_signing_alg_values_supported": []string{"RS256"},
	}
	maps.Copy(doc, o.d.Discovery)
	text, err := json.Marshal(doc)
	if err != nil {
		o.t.Fatal(err)
	}
	return text
}

// logIn goes through the flow.
func (o *documentedServer) logIn(c oauth.Client) *oauth.Grant {
	o.begin(c)
	o.calls = append([]call{{}}, o.d.Calls...)
	answer := url.Values{"code": {"the-code"}, "state": {state}}
	if o.entry.Protocol == oauth.ProtocolOAuth1 {
		answer = url.Values{"oauth_token": {"request"}, "oauth_verifier": {"the-code"}, "state": o.asked["state"]}
	}
	for name, value := range o.d.Callback {
		answer.Set(name, value)
	}
	g, err := c.Complete(o.t.Context(), o.pending, answer)
	if err != nil {
		o.t.Error(err)
		return nil
	}
	return g
}

// begin checks the authorization request.
func (o *documentedServer) begin(c oauth.Client) {
	p, err := c.Begin(o.t.Context(), oauth.Request{RedirectURI: redirectURI, State: state})
	if err != nil {
		o.t.Fatal(err)
	}
	u, err := url.Parse(p.URL)
	if err != nil {
		o.t.Fatal(err)
	}
	o.pending, o.asked, o.used = p, u.Query(), false
	own := maps.Clone(flat(o.asked))
	for _, name := range []string{"state", "redirect_uri", "response_type", "code_challenge", "code_challenge_method", "nonce", "oauth_token"} {
		delete(own, name)
	}
	if !maps.Equal(own, o.d.Asks) {
		o.t.Errorf("it asks for %v, not %v", own, o.d.Asks)
	}
	if u.RawQuery = ""; u.String() != o.d.Authorize {
		o.t.Errorf("it leads to %s, not %s", u, o.d.Authorize)
	}
}

// token answers the exchange of the code.
func (o *documentedServer) token(r *http.Request) (status int, body []byte) {
	want := &o.d.Token
	sure := want.call
	if r.Method == http.MethodGet { // the query is a form, of which only some is written down
		sure.Query = flat(r.URL.Query())
		maps.Copy(sure.Query, want.Query)
	}
	o.check(&sure, r)
	if o.entry.Protocol == oauth.ProtocolOAuth1 {
		_, body = want.answer()
		return 200, append([]byte("oauth_token=at-1&oauth_token_secret=as-1"), body...)
	}
	sent := parametersOf(r)
	header := ""
	switch want.Client {
	case "basic":
		header = "Basic " + base64.StdEncoding.EncodeToString([]byte(o.client.ClientID+":"+o.client.ClientSecret.Reveal()))
	case "form":
		if sent.Get("client_id") != o.client.ClientID || sent.Get("client_secret") != o.client.ClientSecret.Reveal() {
			o.t.Errorf("the client is not proved in the form: %v", sent)
		}
	case "none":
		if sent.Get("client_id") != o.client.ClientID || sent.Has("client_secret") {
			o.t.Errorf("a public client sends %v", sent)
		}
	case "key":
		if sent.Get("client_id") != o.client.ClientID || sent.Has("client_secret") || sent.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" ||
			strings.Count(sent.Get("client_assertion"), ".") != 2 {
			o.t.Errorf("the client does not sign an assertion: %v", sent)
		}
	case "own": // under names of its own: token.form has them
	default:
		o.t.Errorf("token.client is %q, not form, basic, none, key or own", want.Client)
	}
	if got := r.Header.Get("Authorization"); got != header {
		o.t.Errorf("the client's header is %q, not %q", got, header)
	}
	redirect := cmp.Or(want.Form["redirect_uri"], redirectURI)
	if sent.Get("code") != "the-code" || cmp.Or(sent.Get("grant_type"), want.Form["grantType"]) != "authorization_code" || sent.Get("redirect_uri") != redirect || o.asked.Get("redirect_uri") != redirect {
		o.t.Errorf("the code is exchanged with %v", sent)
	}
	if challenge := o.asked.Get("code_challenge"); (challenge != "") != want.PKCE || sent.Has("code_verifier") != want.PKCE {
		o.t.Errorf("PKCE: challenge %q, verifier %q", challenge, sent.Get("code_verifier"))
	}
	answer := map[string]any{}
	if len(want.Answer) > 0 {
		if err := json.Unmarshal(want.Answer, &answer); err != nil {
			o.t.Fatalf("token.answer: %v", err)
		}
	}
	if o.d.Issuer != "" {
		answer["id_token"] = o.idToken()
	}
	body, err := json.Marshal(answer)
	if err != nil {
		o.t.Fatal(err)
	}
	return 200, body
}

func (o *documentedServer) idToken() string {
	claims := map[string]any{
		"iss": o.d.Issuer, "aud": o.client.ClientID, "nonce": o.pending.Nonce,
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(claims, o.d.IDToken)
	if o.d.Algorithm == "HS256" {
		return signed(o.t, jose.SigningKey{Algorithm: jose.HS256, Key: []byte(o.client.ClientSecret)}, claims)
	}
	return (&openIDServer{t: o.t, key: serverKey(), claims: claims}).sign()
}

// use calls the API as vault's Client does: at a host of the provider, with the token once,
// in the place where the documented calls have it.
func (o *documentedServer) use(c oauth.Client, t oauth.Token) {
	api := c.Description().API
	if api == "" || o.entry.Protocol == oauth.ProtocolOAuth1 {
		return
	}
	r, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, strings.TrimSuffix(api, "/")+"/things", nil)
	if err != nil {
		o.t.Error(err)
		return
	}
	if !c.Allows(o.t.Context(), r.URL) {
		o.t.Errorf("%s is no host of the provider", r.URL)
	}
	if err := c.Sign(r, t); err != nil {
		o.t.Error(err)
		return
	}
	access := t.Access.Reveal()
	places := map[string]string{}
	for name, values := range r.Header {
		for _, value := range values {
			if strings.Contains(value, access) {
				places[name] = value
			}
		}
	}
	for name, values := range r.URL.Query() {
		if slices.Contains(values, access) {
			places["?"+name] = access
		}
	}
	if len(places) != 1 {
		o.t.Errorf("the token of an API call is at %v", places)
	}
	for _, documented := range o.d.Calls {
		for name, value := range documented.Header {
			if strings.Contains(value, access) && places[http.CanonicalHeaderKey(name)] != value {
				o.t.Errorf("the token of an API call is at %v, and of %s at %s", places, documented.At, name)
			}
		}
		for name, value := range documented.Query {
			if value == access && places["?"+name] == "" {
				o.t.Errorf("the token of an API call is at %v, and of %s at ?%s", places, documented.At, name)
			}
		}
	}
}

// denied plays the user who says no.
func (o *documentedServer) denied(c oauth.Client) {
	o.begin(c)
	answer := url.Values{"state": {state}}
	switch {
	case o.d.Denied != nil:
		for name, value := range o.d.Denied {
			answer.Set(name, value)
		}
	case o.entry.Protocol == oauth.ProtocolOAuth1:
		return // the user stays there, or it is documented
	default:
		answer.Set("error", "access_denied")
	}
	if _, err := c.Complete(o.t.Context(), o.pending, answer); !errors.Is(err, oauth.ErrDenied) {
		o.t.Errorf("the user said no, and it is %v", err)
	}
}

// refresh plays a refresh with what it needs.
func (o *documentedServer) refresh(c oauth.Client, t oauth.Token) {
	if o.d.Refresh == nil {
		return
	}
	again := *o.d.Refresh
	if again.At == "" {
		again.At = o.d.Token.at()
	}
	o.calls = []call{again}
	if _, err := c.(oauth.Refresher).Refresh(o.t.Context(), o.due(c, t)); err != nil || len(o.calls) > 0 {
		o.t.Errorf("refreshing: %v, %d requests were not made", err, len(o.calls))
	}
}

// due returns the token when it may be refreshed: where the provider takes only tokens that
// have expired, it is not asked before.
func (o *documentedServer) due(c oauth.Client, t oauth.Token) oauth.Token {
	if !c.Description().LateRefresh {
		return t
	}
	_, err := c.(oauth.Refresher).Refresh(o.t.Context(), t)
	if f, ok := errors.AsType[*oauth.ProviderError](err); !ok || f.Kind != oauth.Transient || f.Status != 0 || f.RetryAfter <= 0 {
		o.t.Errorf("a token that has not expired: %v", err)
	}
	t.Expiry = time.Unix(1, 0)
	return t
}

// refreshDead plays the refresh token that is dead.
func (o *documentedServer) refreshDead(c oauth.Client, t oauth.Token) {
	if o.d.DeadRefresh == nil {
		return
	}
	if t.Refresh == "" || !o.entry.Refresh {
		o.t.Error("there is no refresh token to be dead: is it in token.answer, and is the entry without NoRefresh?")
		return
	}
	dead := *o.d.DeadRefresh
	if dead.At == "" {
		dead.At = o.d.Token.at()
	}
	o.calls = []call{dead}
	_, err := c.(oauth.Refresher).Refresh(o.t.Context(), o.due(c, t))
	var f *oauth.ProviderError
	if !errors.As(err, &f) || f.Kind != oauth.Rejected {
		o.t.Errorf("a dead refresh token is %v", err)
	}
}

// revoke plays the end of the token.
func (o *documentedServer) revoke(c oauth.Client, t oauth.Token) {
	if says := c.Description().Revoke; says != (len(o.d.Revoke) > 0) {
		o.t.Errorf("the entry says that it revokes: %t, and there are %d requests", says, len(o.d.Revoke))
	}
	if len(o.d.Revoke) == 0 {
		return
	}
	o.calls = slices.Clone(o.d.Revoke)
	if err := c.(oauth.Revoker).Revoke(o.t.Context(), t); err != nil || len(o.calls) > 0 {
		o.t.Errorf("revoking: %v, %d requests were not made", err, len(o.calls))
	}
}
