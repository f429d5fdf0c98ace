package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// nameRedirect sends a name in place of the redirect URI.
func nameRedirect(p *oauth.OAuth2, name string) {
	p.AuthParams, p.TokenParams = url.Values{"redirect_uri": {name}}, url.Values{"redirect_uri": {name}}
}

func TestTokenRequestsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change  func(*oauth.OAuth2)
		answers map[string]string
		asks    string                // part of the authorization address
		check   func(token seen) bool // of the token request
	}{
		"JSON": {func(p *oauth.OAuth2) { p.TokenBody, p.Names = oauth.BodyJSON, map[string]string{"scope": "perms"} }, nil, "client_id=key", func(r seen) bool {
			var body map[string]string
			return json.Unmarshal([]byte(r.body), &body) == nil && body["code"] == "the-code" && body["client_secret"] == "secret" && body["grant_type"] == "authorization_code" &&
				r.header.Get("Content-Type") == "application/json" && !strings.Contains(r.body, "perms") // no scope is sent
		}},
		"query": {func(p *oauth.OAuth2) { p.TokenBody = oauth.BodyQuery }, map[string]string{"GET https://own.test/token": `{"access_token":"at","refresh_token":"rt"}`}, "", func(r seen) bool {
			return r.at == "GET https://own.test/token" && r.query.Get("code") == "the-code" && r.query.Get("client_secret") == "secret" && r.body == "" && r.header.Get("Content-Type") == ""
		}},
		"names": {
			func(p *oauth.OAuth2) {
				p.Names = map[string]string{"client_id": "client_key", "code": "authCode", "scope": "perms", "redirect_uri": "back", "access_token": "accessToken", "refresh_token": "refreshToken", "expires_in": "expireIn"}
			},
			map[string]string{"POST https://own.test/token": `{"accessToken":"at","refreshToken":"rt","expireIn":60}`}, "client_key=key&back=https%3A%2F%2Fapp.test%2Fcb&perms=read", func(r seen) bool {
				f, _ := url.ParseQuery(r.body)
				return f.Get("client_key") == "key" && !f.Has("client_id") && f.Get("authCode") == "the-code" && !f.Has("code") && f.Get("back") == "https://app.test/cb" && !f.Has("redirect_uri")
			}},
		"answer within": {func(p *oauth.OAuth2) { p.TokenAt = "data.0" }, map[string]string{"POST https://own.test/token": `{"data":[{"access_token":"at","refresh_token":"rt"}],"access_token":"other"}`}, "", nil},
		"header": {func(p *oauth.OAuth2) { p.TokenHeader = http.Header{"Client-Id": {"{client_id}"}, "X-Version": {"2"}} }, nil, "", func(r seen) bool {
			return r.header.Get("Client-Id") == "key" && r.header.Get("X-Version") == "2"
		}},
		"secret in a header": {
			func(p *oauth.OAuth2) {
				p.TokenAuth, p.TokenHeader = oauth.AuthNone, http.Header{"secret_key": {"{client_secret}"}}
			}, nil, "", func(r seen) bool {
				return r.header.Get("secret_key") == "secret" && !strings.Contains(r.body, "secret=") && r.header.Get("Authorization") == ""
			}},
		"redirect name": {func(p *oauth.OAuth2) { nameRedirect(p, "Nora-App-123") }, nil, "client_id=key&redirect_uri=Nora-App-123&scope", func(r seen) bool {
			f, _ := url.ParseQuery(r.body)
			return slices.Equal(f["redirect_uri"], []string{"Nora-App-123"})
		}},
		"redirect name under another name": {
			func(p *oauth.OAuth2) {
				nameRedirect(p, "Nora-App")
				p.Names = map[string]string{"redirect_uri": "back"}
			}, nil, "&back=Nora-App&", func(r seen) bool {
				f, _ := url.ParseQuery(r.body)
				return slices.Equal(f["back"], []string{"Nora-App"}) && !f.Has("redirect_uri")
			}},
		"fragment": {func(p *oauth.OAuth2) { p.Endpoints.Authorize += "?a=b#own_redirect" }, nil, "?a=b&response_type=code&", nil},
		"user agent": {func(p *oauth.OAuth2) { p.UserAgent = "notes/1.0" }, nil, "", func(r seen) bool {
			return r.header.Get("User-Agent") == "notes/1.0"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := departing(t, tt.change, tt.answers)
			g, address, err := logsIn(t, c, nil)
			if err != nil {
				t.Fatal(err)
			}
			if g.Token.Access != "at" || g.Token.Refresh != "rt" || g.Profile.Subject != "1" {
				t.Errorf("%+v", g)
			}
			if _, end, _ := strings.Cut(address, "#"); (end == "own_redirect") != (name == "fragment") {
				t.Errorf("it asks %s", address)
			}
			if !strings.Contains(address, tt.asks) || strings.Count(address, "Nora-App") > 1 {
				t.Errorf("it asks %s, not %s", address, tt.asks)
			}
			if tt.check != nil && !tt.check(s.seen[0]) {
				t.Errorf("the token request is %+v", s.seen[0])
			}
			if name == "user agent" && s.seen[1].header.Get("User-Agent") != "notes/1.0" {
				t.Errorf("the user info is asked by %q", s.seen[1].header)
			}
			// The refresh is asked in the same way.
			if fresh, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token); err != nil || fresh.Access != "at" {
				t.Errorf("refresh: %+v, %v", fresh, err)
			}
			if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil {
				t.Error(err)
			}
		})
	}
}

// A header with the client's secret needs one, of each of the credentials.
func TestSecretInAHeaderIsNeeded(t *testing.T) {
	t.Parallel()
	header := http.Header{"X": {"a", "b {client_secret}"}}
	for name, set := range map[string]func(*oauth.OAuth2){
		"TokenHeader": func(p *oauth.OAuth2) { p.TokenHeader = header }, "APIHeader": func(p *oauth.OAuth2) { p.APIHeader = header }, "UserInfoHeader": func(p *oauth.OAuth2) { p.UserInfoHeader = header },
	} {
		p := &oauth.OAuth2{
			ID: "own", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}, {ClientID: "old"}}, TokenAuth: oauth.AuthNone, Profile: oauth.Mapping{Subject: "id"},
			Endpoints: oauth.Endpoints{Authorize: "https://own.test/a", Token: "https://own.test/t", UserInfo: "https://own.test/me"},
		}
		p.TokenHeader, p.APIHeader, p.UserInfoHeader = http.Header{"X": {"a"}}, http.Header{"X": {"a"}}, http.Header{"X": {"a"}}
		nameRedirect(p, "Nora-App")
		for range 2 { // opening changes nothing of the provider
			if _, err := p.Open(oauth.Env{}); err != nil || len(p.AuthParams) != 1 || len(p.TokenParams) != 1 {
				t.Fatal(err, p.AuthParams, p.TokenParams)
			}
		}
		set(p)
		if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "ClientSecret is missing") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErrorsOfTokenRequestsOfTheirOwn(t *testing.T) {
	t.Parallel()
	c, _ := departing(t, func(p *oauth.OAuth2) {
		p.TokenAt, p.Names = "data", map[string]string{"access_token": "accessToken"}
		p.Refused = []oauth.Condition{"code!=0"}
		p.DeadRefresh = []oauth.Condition{"code=10012"}
	}, map[string]string{"POST https://own.test/token": `{"code":10012,"data":{"accessToken":"at"}}`})
	var f *oauth.ProviderError
	if _, _, err := logsIn(t, c, nil); !errors.As(err, &f) {
		t.Errorf("an answer that says no: %v", err)
	}
	if _, err := c.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "rt"}); !errors.As(err, &f) || f.Kind != oauth.Rejected {
		t.Errorf("a dead refresh token: %v", err)
	}
}

// Refresh tokens go where they are exchanged, and codes where those are.
func TestRefreshElsewhere(t *testing.T) {
	t.Parallel()
	c, s := departing(t, func(p *oauth.OAuth2) { p.Endpoints.Refresh = "https://own.test/refresh" }, map[string]string{"POST https://own.test/refresh": `{"access_token":"at2"}`})
	g, _, err := logsIn(t, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token)
	if err != nil || fresh.Access != "at2" || fresh.Refresh != "rt" || s.seen[len(s.seen)-1].at != "POST https://own.test/refresh" {
		t.Errorf("%+v, %v", fresh, err)
	}
}

func TestTokenInAHeaderOfItsOwn(t *testing.T) {
	t.Parallel()
	c, s := departing(t, func(p *oauth.OAuth2) { p.Use.Header, p.UserAgent = "X-Own-Token", "notes/1.0" }, nil)
	if _, _, err := logsIn(t, c, nil); err != nil {
		t.Fatal(err)
	}
	if h := s.seen[1].header; h.Get("X-Own-Token") != "at" || h.Get("Authorization") != "" {
		t.Errorf("%v", h)
	}
	req, _ := http.NewRequest("GET", "https://api.own.test/x", nil)
	req.Header.Set("User-Agent", "mine")
	if err := c.Sign(req, oauth.Token{Access: "at"}); err != nil || req.Header.Get("X-Own-Token") != "at" || req.Header.Get("User-Agent") != "mine" {
		t.Errorf("%v, %v", req.Header, err)
	}
	if h, ok := c.(oauth.HeaderSigner).SignatureHeader(oauth.Token{Access: "at"}); !ok || h.Get("X-Own-Token") != "at" || h.Get("User-Agent") != "notes/1.0" {
		t.Errorf("%v, %t", h, ok)
	}
}

func TestUserInfoByPostWithABody(t *testing.T) {
	t.Parallel()
	for body, kind := range map[string]string{`{"query":"{ me { id } }"}`: "application/json", "": ""} {
		c, s := departing(t, func(p *oauth.OAuth2) { p.UserInfoBy, p.UserInfoBody = oauth.UserInfoByPost, body }, map[string]string{"POST https://api.own.test/me": `{"id":1}`})
		if _, _, err := logsIn(t, c, nil); err != nil {
			t.Fatal(err)
		}
		if r := s.seen[1]; r.at != "POST https://api.own.test/me" || r.body != body || r.header.Get("Content-Type") != kind || r.header.Get("Authorization") != "Bearer at" {
			t.Errorf("%+v", r)
		}
	}
}

// What the token answer or the callback say of the account is part of addresses, also
// when the profile is asked for later.
func TestAddressesWithValuesOfTheToken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		userInfo, token, callback string
		params                    url.Values
		at                        string // the address that is asked, "" for an error
	}{
		"in the query":        {"https://api.own.test/show?uid={token:uid}", `{"access_token":"at","uid":"a&b"}`, "", nil, "https://api.own.test/show?uid=a%26b"},
		"in a parameter":      {"https://api.own.test/show", `{"access_token":"at","user":{"id":7}}`, "", url.Values{"u": {"{token:user.id}"}}, "https://api.own.test/show?u=7"},
		"in the path":         {"https://api.own.test/u/{token:uid}/me", `{"access_token":"at","uid":"a/b"}`, "", nil, "https://api.own.test/u/a%2Fb/me"},
		"of a form":           {"https://api.own.test/u/{token:uid}", "access_token=at&uid=9", "", nil, "https://api.own.test/u/9"},
		"the host":            {"https://{token:host}/me", `{"access_token":"at","host":"eu.own.test"}`, "", nil, "https://eu.own.test/me"},
		"the base address":    {"{token:api}/v1/me", `{"access_token":"at","api":"https://eu.own.test/"}`, "", nil, "https://eu.own.test/v1/me"},
		"of the callback":     {"https://{callback:host}/me", `{"access_token":"at"}`, "us.own.test", nil, "https://us.own.test/me"},
		"a foreign host":      {"https://{token:host}/me", `{"access_token":"at","host":"evil.test"}`, "", nil, ""},
		"a foreign base":      {"{token:api}/me", `{"access_token":"at","api":"https://evil.test"}`, "", nil, ""},
		"a look-alike":        {"https://{token:host}/me", `{"access_token":"at","host":"evil.test/x.own.test"}`, "", nil, ""},
		"a user in the host":  {"https://{token:host}/me", `{"access_token":"at","host":"x.own.test@evil.test"}`, "", nil, ""},
		"foreign by callback": {"https://{callback:host}/me", `{"access_token":"at"}`, "evil.test", nil, ""},
		"a base with a query": {"{token:api}/me", `{"access_token":"at","api":"https://eu.own.test/?x="}`, "", nil, ""},
		"plain http":          {"{token:api}/me", `{"access_token":"at","api":"http://eu.own.test"}`, "", nil, ""},
		"more than is kept":   {"https://api.own.test/show?x={callback:host}", `{"access_token":"at"}`, strings.Repeat("x", 2049), nil, ""},
		"a step in the path":  {"https://api.own.test/u/{callback:host}/me", `{"access_token":"at"}`, "..", nil, ""},
		"no step in the path": {"https://api.own.test/u/{token:uid}/me", `{"access_token":"at","uid":"."}`, "", nil, ""},
		"missing":             {"https://api.own.test/u/{token:uid}", `{"access_token":"at"}`, "", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, _, _ := strings.Cut(tt.at, "?")
			answers := map[string]string{"POST https://own.test/token": tt.token}
			if tt.at != "" {
				answers["GET "+at] = `{"id":1}`
			}
			for _, path := range []string{"u/../me", "u/./me", "show"} {
				answers["GET https://api.own.test/"+path] = `{"id":1}` // it would be given
			}
			c, s := departing(t, func(p *oauth.OAuth2) {
				p.Endpoints.UserInfo, p.UserInfoParams = tt.userInfo, tt.params
				p.APIHosts = []string{".own.test"}
			}, answers)
			var callback url.Values
			if tt.callback != "" {
				callback = url.Values{"host": {tt.callback}}
			}
			g, _, err := logsIn(t, c, callback)
			if tt.at == "" {
				var f *oauth.ProviderError
				if err == nil || name == "missing" && (!errors.As(err, &f) || f.Kind != oauth.Invalid) {
					t.Errorf("it asked %+v: %v", s.seen[len(s.seen)-1], err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			_, query, _ := strings.Cut(tt.at, "?")
			if r := s.seen[len(s.seen)-1]; r.query.Encode() != query {
				t.Errorf("the query is %s", r.query.Encode())
			}
			// A refresh whose answer says nothing of it keeps it.
			s.answers["POST https://own.test/token"] = `{"access_token":"at2"}`
			g.Token.Refresh = "rt"
			fresh, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token)
			if err != nil {
				t.Fatal(err)
			}
			if p, err := c.Profile(context.Background(), *fresh); err != nil || p.Subject != "1" {
				t.Errorf("later: %+v, %v", p, err)
			}
		})
	}
}

func TestFurtherCalls(t *testing.T) {
	t.Parallel()
	hundred := "[" + strings.Repeat(`{"email":"other@x.test","primary":false,"verified":true},`, 2) + `{"email":"b@x.test","primary":false}]`
	for name, tt := range map[string]struct {
		further []oauth.FurtherCall
		answers map[string]string
		emails  string // Endpoints.Emails
		email   string
		asked   []string // after the token; nil when it does not matter
		fails   []oauth.Kind
	}{
		"by a path of the first": {
			[]oauth.FurtherCall{{Name: "more", Address: "https://api.own.test/users/{id}?x={name}&y={tag}"}},
			map[string]string{"GET https://api.own.test/users/1": `{"email":"nora@x.test","ok":true}`}, "", "nora@x.test", []string{"id", "x=Nora+Q&y=a%26b"}, nil},
		"two": {
			[]oauth.FurtherCall{{Name: "first", Address: "https://api.own.test/first"}, {Name: "more", Address: "https://api.own.test/users/{first.key}"}},
			map[string]string{"GET https://api.own.test/first": `{"key":"k 1"}`, "GET https://api.own.test/users/k%201": `{"email":"nora@x.test","ok":true}`}, "", "nora@x.test", nil, nil},
		"emails": {
			[]oauth.FurtherCall{{Name: "emails", Params: url.Values{"per": {"3"}}, PageParam: "page", PageSize: 3}},
			map[string]string{"GET https://api.own.test/emails": hundred, "GET https://api.own.test/emails page 2": `[{"email":"nora@x.test","primary":true,"verified":true}]`},
			"https://api.own.test/emails", "nora@x.test", []string{"", "page=1&per=3"}, nil},
		"nothing of its own": {
			[]oauth.FurtherCall{{Name: "id", Address: "https://api.own.test/x"}, {Name: "name", Address: "https://api.own.test/y"}},
			map[string]string{"GET https://api.own.test/me": `{ }`, "GET https://api.own.test/x": `1`, "GET https://api.own.test/y": `"Nora Q"`}, "", "", nil, nil},
		"not found, optional": {[]oauth.FurtherCall{{Name: "more", Address: "https://api.own.test/x", Optional: true}}, map[string]string{"GET https://api.own.test/x": `404 {}`}, "", "", nil, nil},
		"a page is down":      {[]oauth.FurtherCall{{Name: "emails", Address: "https://api.own.test/x", PageParam: "page", PageSize: 3}}, map[string]string{"GET https://api.own.test/x": `500 {}`}, "", "", nil, []oauth.Kind{oauth.Transient}},
		"refused, optional":   {[]oauth.FurtherCall{{Name: "more", Address: "https://api.own.test/x", Optional: true}}, map[string]string{"GET https://api.own.test/x": `403 {}`}, "", "", nil, nil},
		"refused":             {[]oauth.FurtherCall{{Name: "more", Address: "https://api.own.test/x"}}, map[string]string{"GET https://api.own.test/x": `403 {}`}, "", "", nil, []oauth.Kind{oauth.Transient}},
		"down, optional":      {[]oauth.FurtherCall{{Name: "more", Address: "https://api.own.test/x", Optional: true}}, map[string]string{"GET https://api.own.test/x": `500 {}`}, "", "", nil, []oauth.Kind{oauth.Transient}},
		"a path that is none": {[]oauth.FurtherCall{{Name: "more", Address: "https://api.own.test/{nothing}"}}, nil, "", "", nil, []oauth.Kind{oauth.Invalid}},
		"a step in the path":  {[]oauth.FurtherCall{{Name: "first", Address: "https://api.own.test/first"}, {Name: "more", Address: "https://api.own.test/users/{first.key}/x"}}, map[string]string{"GET https://api.own.test/first": `{"key":".."}`, "GET https://api.own.test/users/../x": `{}`}, "", "", nil, []oauth.Kind{oauth.Invalid}},
		"a foreign host":      {[]oauth.FurtherCall{{Name: "more", Address: "https://evil.test/{id}"}}, nil, "", "", nil, []oauth.Kind{oauth.Operator}},
		"no list":             {[]oauth.FurtherCall{{Name: "emails", Address: "https://api.own.test/x", PageParam: "page", PageSize: 3}}, map[string]string{"GET https://api.own.test/x": `{}`}, "", "", nil, []oauth.Kind{oauth.Invalid}},
		"no emails":           {[]oauth.FurtherCall{{Name: "emails"}}, nil, "", "", nil, nil},
		"the same name":       {[]oauth.FurtherCall{{Name: "id", Address: "https://api.own.test/x"}}, map[string]string{"GET https://api.own.test/x": `2`}, "", "", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := map[string]string{"GET https://api.own.test/me": ` { "id":1,"name":"Nora Q","tag":"a&b"}`}
			maps.Copy(answers, tt.answers)
			c, s := departing(t, func(p *oauth.OAuth2) {
				p.Further, p.Endpoints.Emails = tt.further, tt.emails
				p.Profile.Email, p.Profile.EmailVerified = "emails[primary=true].email|more.email", "emails[primary=true].verified|more.ok"
			}, answers)
			g, _, err := logsIn(t, c, nil)
			var f *oauth.ProviderError
			if tt.fails != nil {
				if !errors.As(err, &f) || f.Kind != tt.fails[0] {
					t.Errorf("%v, not %v", err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if g.Profile.Email != tt.email || g.Profile.EmailVerified != (tt.email != "") || g.Profile.Subject != "1" || g.Profile.DisplayName != "Nora Q" {
				t.Errorf("%+v", g.Profile)
			}
			if tt.asked != nil && s.seen[2].query.Encode() != tt.asked[1] {
				t.Errorf("%v", s.seen[2].query)
			}
			for _, r := range s.seen[1:] {
				if r.header.Get("Authorization") != "Bearer at" {
					t.Errorf("%s without the token", r.at)
				}
			}
		})
	}
}

// The answers of further calls have no place in user info that is no object.
func TestFurtherCallsNeedAnObject(t *testing.T) {
	t.Parallel()
	c, _ := departing(t, func(p *oauth.OAuth2) {
		p.Further = []oauth.FurtherCall{{Name: "id", Address: "https://api.own.test/x"}}
	},
		map[string]string{"GET https://api.own.test/me": `[1]`, "GET https://api.own.test/x": `2`})
	_, _, err := logsIn(t, c, nil)
	var f *oauth.ProviderError
	if !errors.As(err, &f) || f.Kind != oauth.Invalid || !strings.Contains(err.Error(), "the profile is not an object") {
		t.Error(err)
	}
}

// Lists end after ten pages, however long they are.
func TestFurtherCallsEnd(t *testing.T) {
	t.Parallel()
	answers := map[string]string{"GET https://api.own.test/x": `[{}]`}
	for _, page := range []string{"2", "3", "4", "5", "6", "7", "8", "9", "10"} {
		answers["GET https://api.own.test/x page "+page] = `[{}]`
	}
	c, s := departing(t, func(p *oauth.OAuth2) {
		p.Further = []oauth.FurtherCall{{Name: "list", Address: "https://api.own.test/x", PageParam: "page", PageSize: 1}}
	}, answers)
	if _, _, err := logsIn(t, c, nil); err != nil || len(s.seen) != 12 {
		t.Errorf("%d requests, %v", len(s.seen), err)
	}
}

// The document may be elsewhere; whose it is has to be right all the same.
func TestDiscoveryElsewhere(t *testing.T) {
	t.Parallel()
	for issuer, good := range map[string]bool{"https://own.test/i": true, "https://other.test": false} {
		s := &script{t: t, answers: map[string]string{
			"GET https://docs.own.test/openid.json": `{"issuer":"` + issuer + `","authorization_endpoint":"https://own.test/a","token_endpoint":"https://own.test/t","jwks_uri":"https://own.test/k"}`,
		}}
		p := &oauth.OIDC{DiscoveryURL: "https://docs.own.test/openid.json", OAuth2: oauth.OAuth2{
			ID: "own", Issuer: "https://own.test/i", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}},
		}}
		c, err := p.Open(oauth.Env{HTTP: &http.Client{Transport: s}})
		if err != nil {
			t.Fatal(err)
		}
		begun, err := c.Begin(t.Context(), oauth.Request{RedirectURI: "https://app.test/cb", State: testState})
		if (err == nil) != good || good && !strings.HasPrefix(begun.URL, "https://own.test/a?") {
			t.Errorf("%s: %v, %v", issuer, begun, err)
		}
	}
	for _, p := range []*oauth.OIDC{{DiscoveryURL: "nowhere"}, {OAuth2: oauth.OAuth2{Further: []oauth.FurtherCall{{Name: "a", Address: "https://own.test"}}}}} {
		p.ID, p.Issuer, p.Credentials = "own", "https://own.test", []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}}
		if _, err := p.Open(oauth.Env{}); err == nil {
			t.Errorf("%+v", p)
		}
	}
}

func TestLifeOfTheRefreshToken(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"refresh_token_expires_in", "refresh_expires_in", "x_refresh_token_expires_in", "refreshTokenExpiresIn"} {
		c, _ := departing(t, func(*oauth.OAuth2) {}, map[string]string{"POST https://own.test/token": `{"access_token":"at","refresh_token":"rt","` + name + `":3600}`})
		if g, _, err := logsIn(t, c, nil); err != nil || g.Token.RefreshExpiry.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRevocationWithParameters(t *testing.T) {
	t.Parallel()
	c, s := departing(t, func(p *oauth.OAuth2) {
		p.Revocation.Params, p.Names = url.Values{"grant_type": {"delete"}}, map[string]string{"client_id": "client_key"}
	}, nil)
	if err := c.(oauth.Revoker).Revoke(t.Context(), oauth.Token{Access: "at"}); err != nil {
		t.Fatal(err)
	}
	if f, _ := url.ParseQuery(s.seen[0].body); f.Get("grant_type") != "delete" || f.Get("token") != "at" || f.Get("client_key") != "key" || f.Has("client_id") {
		t.Errorf("%v", f)
	}
}

func TestDeparturesAreChecked(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*oauth.OAuth2){
		"TokenBody cannot be":         func(p *oauth.OAuth2) { p.TokenBody = "xml" },
		"UserInfoBy cannot be":        func(p *oauth.OAuth2) { p.UserInfoBy = "put" },
		"Endpoints.Refresh is not":    func(p *oauth.OAuth2) { p.Endpoints.Refresh = "nowhere" },
		"is no name of a member":      func(p *oauth.OAuth2) { p.Further = []oauth.FurtherCall{{Name: "a.b", Address: "https://x.test"}} },
		`the name "" in Further`:      func(p *oauth.OAuth2) { p.Further = []oauth.FurtherCall{{Address: "https://x.test"}} },
		"the address of a in Further": func(p *oauth.OAuth2) { p.Further = []oauth.FurtherCall{{Name: "a", Address: "x.test/{id}"}} },
		"has pages, and no PageSize": func(p *oauth.OAuth2) {
			p.Further = []oauth.FurtherCall{{Name: "a", Address: "https://x.test", PageParam: "p"}}
		},
		"the braces of an address do not":      func(p *oauth.OAuth2) { p.Further = []oauth.FurtherCall{{Name: "a", Address: "https://x.test/{id"}} },
		"Endpoints.UserInfo has braces that":   func(p *oauth.OAuth2) { p.Endpoints.UserInfo = "https://x.test/{uid}" },
		"Endpoints.UserInfo: it is not an htt": func(p *oauth.OAuth2) { p.Endpoints.UserInfo = "x.test/{token:uid}" },
	} {
		p := &oauth.OAuth2{
			ID: "own", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}}, Profile: oauth.Mapping{Subject: "id"},
			Endpoints: oauth.Endpoints{Authorize: "https://own.test/a", Token: "https://own.test/t", UserInfo: "https://own.test/me"},
		}
		change(p)
		if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %s", err, want)
		}
	}
}
