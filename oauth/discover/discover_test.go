package discover_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/oauth/discover"
)

// A host answers paths. SELF in an answer is its own address, AS that of another host.
type host struct {
	*httptest.Server
	paths map[string]string // "401 …" or a body
	other string
	seen  map[string]string // bodies of what was posted
}

func newHost(t *testing.T, paths map[string]string) *host {
	h := &host{paths: paths, seen: map[string]string{}}
	h.Server = httptest.NewTLSServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, ok := h.paths[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	answer = strings.NewReplacer("SELF", h.URL, "AS", h.other).Replace(answer)
	if challenge, ok := strings.CutPrefix(answer, "401 "); ok {
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if to, ok := strings.CutPrefix(answer, "302 "); ok {
		http.Redirect(w, r, to, http.StatusFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write([]byte(answer))
}

// finder trusts the certificate of every test server.
func (h *host) finder() *discover.Finder { return &discover.Finder{HTTP: h.Client()} }

const (
	openIDPath   = "/.well-known/openid-configuration"
	serverPath   = "/.well-known/oauth-authorization-server"
	resourcePath = "/.well-known/oauth-protected-resource"

	openIDDocument = `{"issuer":"SELF","authorization_endpoint":"SELF/auth","token_endpoint":"SELF/token","userinfo_endpoint":"SELF/me","jwks_uri":"SELF/keys","scopes_supported":["openid","email"],"registration_endpoint":"SELF/register"}`
	serverDocument = `{"issuer":"SELF","authorization_endpoint":"SELF/auth","token_endpoint":"SELF/token","revocation_endpoint":"SELF/revoke","code_challenge_methods_supported":["S256"],"client_id_metadata_document_supported":true}`
)

func TestHost(t *testing.T) {
	t.Parallel()
	as := newHost(t, map[string]string{serverPath: serverDocument})
	within := newHost(t, map[string]string{
		serverPath + "/tenant": `{"issuer":"SELF/tenant","authorization_endpoint":"SELF/tenant/auth","token_endpoint":"SELF/tenant/token"}`,
	})
	op := newHost(t, map[string]string{openIDPath: openIDDocument})
	for name, tt := range map[string]struct {
		path  string // of the address that is asked
		paths map[string]string
		other string
		want  discover.Found // Type, Software and Registration
		check func(f *discover.Found, self string) bool
	}{
		"Mastodon": {"", map[string]string{
			"/api/v2/instance": `{"domain":"x.test","title":"X","version":"4.5.2","source_url":"https://github.com/mastodon/mastodon"}`,
			serverPath:         `{"issuer":"SELF/","scopes_supported":["read","profile"],"authorization_endpoint":"SELF/oauth/authorize","token_endpoint":"SELF/oauth/token"}`,
		}, "", discover.Found{Type: "mastodon", Software: "Mastodon 4.5.2", Registration: "SELF/api/v1/apps"}, func(f *discover.Found, self string) bool {
			return f.Settings.Parameters["instance"] == self && len(f.Scopes) == 2
		}},
		"Gitea": {"", map[string]string{
			"/api/v1/version": `{"version":"1.25.1"}`, openIDPath: strings.Replace(openIDDocument, "SELF/auth", "SELF/login/oauth/authorize", 1),
		}, "", discover.Found{Type: "gitea", Software: "Gitea 1.25.1"}, func(f *discover.Found, self string) bool { return f.Settings.Parameters["instance"] == self }},
		"Forgejo below a path": {"/forge", map[string]string{
			"/forge/api/v1/version": `{"version":"13.0.1+gitea-1.22.0"}`, "/forge/api/forgejo/v1/version": `{"version":"13.0.1"}`,
			"/forge" + openIDPath: `{"issuer":"SELF/forge/","authorization_endpoint":"SELF/forge/login/oauth/authorize"}`,
		}, "", discover.Found{Type: "forgejo", Software: "Forgejo 13.0.1"}, func(f *discover.Found, self string) bool { return f.Settings.Parameters["instance"] == self+"/forge" }},
		"GitLab": {"", map[string]string{
			openIDPath: strings.Replace(openIDDocument, `"scopes_supported"`, `"claims_supported":["sub","https://gitlab.org/claims/groups/owner"],"scopes_supported"`, 1),
		}, "", discover.Found{Type: "gitlab", Software: "GitLab"}, nil},
		"Nextcloud": {"", map[string]string{"/status.php": `{"installed":true,"productname":"Nextcloud","versionstring":"32.0.1"}`}, "", discover.Found{Type: "nextcloud", Software: "Nextcloud 32.0.1"}, nil},
		"OpenID": {"", map[string]string{openIDPath: openIDDocument}, "", discover.Found{Type: "oidc", Registration: "SELF/register"}, func(f *discover.Found, self string) bool {
			return f.Settings.Issuer == self && f.Settings.Endpoints == (oauth.Endpoints{}) && f.Missing() == nil
		}},
		"OpenID, the issuer with a slash": {"/", map[string]string{openIDPath: strings.Replace(openIDDocument, `"SELF"`, `"SELF/"`, 1)}, "", discover.Found{Type: "oidc", Registration: "SELF/register"},
			func(f *discover.Found, self string) bool { return f.Settings.Issuer == self+"/" }},
		"OAuth 2.0": {"", map[string]string{serverPath: serverDocument}, "", discover.Found{Type: "oauth2"}, func(f *discover.Found, self string) bool {
			return f.Settings.Endpoints.Authorize == self+"/auth" && f.Settings.Endpoints.Revoke == self+"/revoke" && f.Settings.Issuer == "" && f.ClientIDMetadata && f.Missing()[0] == "endpoints.userinfo"
		}},
		"OAuth 2.0 that says who answers": {"/t", map[string]string{serverPath + "/t": `{"issuer":"SELF/t","authorization_endpoint":"SELF/auth","token_endpoint":"SELF/token","userinfo_endpoint":"SELF/me","authorization_response_iss_parameter_supported":true}`},
			"", discover.Found{Type: "oauth2"}, func(f *discover.Found, self string) bool { return f.Settings.Issuer == self+"/t" && f.Missing() == nil }},
		"a resource": {"", map[string]string{resourcePath: `{"resource":"SELF","authorization_servers":["AS"],"scopes_supported":["files"]}`}, as.URL, discover.Found{Type: "oauth2"}, func(f *discover.Found, self string) bool {
			return f.Settings.Resource == self && f.Settings.Endpoints.Token == as.URL+"/token" && len(f.Scopes) == 1 && len(f.Documents) == 2
		}},
		"a resource with a path": {"/mcp", map[string]string{resourcePath + "/mcp": `{"resource":"SELF/mcp","authorization_servers":["AS/tenant"]}`}, within.URL, discover.Found{Type: "oauth2"},
			func(f *discover.Found, self string) bool {
				return f.Settings.Resource == self+"/mcp" && f.Settings.Endpoints.Token == within.URL+"/tenant/token"
			}},
		"a resource of an OpenID provider": {"", map[string]string{resourcePath: `{"resource":"SELF","authorization_servers":["AS"]}`}, op.URL, discover.Found{Type: "oidc", Registration: op.URL + "/register"},
			func(f *discover.Found, _ string) bool { return f.Settings.Issuer == op.URL }},
		"a resource that says where by refusing": {"/mcp", map[string]string{
			"/mcp": `401 Bearer error="invalid_token", resource_metadata="SELF/meta"`, "/meta": `{"resource":"SELF/mcp","authorization_servers":["AS"]}`,
		}, as.URL, discover.Found{Type: "oauth2"}, func(f *discover.Found, self string) bool { return f.Settings.Resource == self+"/mcp" }},
		"a resource that is its own server": {"", map[string]string{resourcePath: `{"resource":"SELF"}`, serverPath: serverDocument}, "", discover.Found{Type: "oauth2"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, tt.paths)
			h.other = tt.other
			found, err := h.finder().Host(t.Context(), h.URL+tt.path)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(tt.want.Registration, "SELF", h.URL)
			if found.Type != tt.want.Type || found.Software != tt.want.Software || found.Registration != want || len(found.Documents) == 0 {
				t.Errorf("found %+v", found)
			}
			if tt.check != nil && !tt.check(found, h.URL) {
				t.Errorf("found %+v", found)
			}
			if len(found.Missing()) > 0 {
				found.Settings.Endpoints.UserInfo = h.URL + "/me"
			}
			p, err := found.Provider("work", oauth.Credentials{ClientID: "key", ClientSecret: "secret"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Open(oauth.Env{HTTP: h.Client()}); err != nil || p.Description().ID != "work" {
				t.Errorf("the provider is %+v, %v", p.Description(), err)
			}
		})
	}
}

// What a host says of another, or in the open, is not taken.
func TestHostsThatSayWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		path  string
		paths map[string]string
		want  string
	}{
		"nothing":                 {"", nil, "publishes no metadata"},
		"a page":                  {"", map[string]string{openIDPath: "<html>"}, "publishes no metadata"},
		"a list":                  {"", map[string]string{openIDPath: "[]"}, "publishes no metadata"},
		"a redirect":              {"", map[string]string{openIDPath: "302 SELF/other", "/other": openIDDocument}, "publishes no metadata"},
		"a redirect elsewhere":    {"", map[string]string{openIDPath: "302 https://www.example.org/", "/": openIDDocument}, "leads to www.example.org: ask for that one"},
		"a redirect to a trap":    {"", map[string]string{openIDPath: "302 https://u:p@www.example.org/"}, "publishes no metadata"},
		"another issuer":          {"", map[string]string{openIDPath: strings.Replace(openIDDocument, `"SELF"`, `"https://accounts.example.org"`, 1)}, "is of https://accounts.example.org: ask for that one"},
		"no issuer":               {"", map[string]string{openIDPath: strings.Replace(openIDDocument, `"SELF"`, `""`, 1)}, "has no issuer"},
		"no token endpoint":       {"", map[string]string{openIDPath: strings.Replace(openIDDocument, `"SELF/token"`, `7`, 1)}, "has no token_endpoint"},
		"a plain endpoint":        {"", map[string]string{openIDPath: strings.Replace(openIDDocument, `"SELF/token"`, `"http://x.test/token"`, 1)}, "token_endpoint of its metadata is not an https address"},
		"an endpoint with a name": {"", map[string]string{openIDPath: strings.Replace(openIDDocument, `"SELF/register"`, `"https://a:b@x.test/r"`, 1)}, "registration_endpoint"},
		"plain PKCE":              {"", map[string]string{serverPath: strings.Replace(serverDocument, "S256", "plain", 1)}, "PKCE"},
		"another resource":        {"", map[string]string{resourcePath: `{"resource":"https://x.test","authorization_servers":["SELF"]}`, serverPath: serverDocument}, "of another resource"},
		"a deeper resource":       {"", map[string]string{resourcePath: `{"resource":"SELF/mcp","authorization_servers":["SELF"]}`, serverPath: serverDocument}, "of another resource"},
		"a sibling resource":      {"/mcpx", map[string]string{resourcePath + "/mcpx": `{"resource":"SELF/mcp","authorization_servers":["SELF"]}`}, "of another resource"},
		"a plain server":          {"", map[string]string{resourcePath: `{"resource":"SELF","authorization_servers":["http://x.test"]}`}, "is not an https address"},
		"a server without more":   {"", map[string]string{resourcePath: `{"resource":"SELF","authorization_servers":["SELF/as"]}`}, "publishes no metadata"},
		"a server of another":     {"", map[string]string{resourcePath: `{"resource":"SELF","authorization_servers":["SELF/as"]}`, serverPath + "/as": serverDocument}, "its metadata is of"},
		"metadata elsewhere":      {"/mcp", map[string]string{"/mcp": `401 Bearer resource_metadata="https://x.test/meta"`}, "publishes no metadata"},
		"a forge without log-in":  {"", map[string]string{"/api/v1/version": `{"version":"1"}`}, "publishes no metadata"},
		"a status of something":   {"", map[string]string{"/status.php": `{"installed":false,"productname":"Nextcloud","versionstring":"1"}`}, "publishes no metadata"},
		"an instance of another":  {"", map[string]string{"/api/v2/instance": `{"version":"2.0"}`}, "publishes no metadata"},
	} {
		h := newHost(t, tt.paths)
		found, err := h.finder().Host(t.Context(), h.URL+tt.path)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
		if nothing := (strings.HasPrefix(tt.want, "publishes no metadata") || strings.HasPrefix(tt.want, "leads to")) && !strings.Contains(name, "server"); nothing != errors.Is(err, discover.ErrNothing) {
			t.Errorf("%s: %v", name, err)
		}
	}
	h := newHost(t, nil)
	h.Close()
	if _, err := h.finder().Host(t.Context(), h.URL); !errors.Is(err, discover.ErrUnreachable) || errors.Is(err, discover.ErrNothing) || !strings.Contains(err.Error(), "cannot be reached") || strings.Count(err.Error(), "127.0.0.1") > 2 {
		t.Errorf("a host that is away: %v", err)
	}
	// The safe default reaches no private address.
	h = newHost(t, map[string]string{openIDPath: openIDDocument})
	if _, err := discover.Host(t.Context(), h.URL); err == nil || !strings.Contains(err.Error(), "not public") {
		t.Errorf("a private address: %v", err)
	}
}

func TestHostsOfTheCatalog(t *testing.T) {
	t.Parallel()
	none := &discover.Finder{HTTP: &http.Client{Transport: http.NewFileTransport(http.Dir(t.TempDir()))}}
	for name, want := range map[string]string{
		"github.com": "github", "GitHub.com": "github", "https://api.github.com/": "github", "gitlab.com": "gitlab", "https://gitlab.com/api/v4/mcp": "gitlab", "mastodon.social": "mastodon",
		"accounts.google.com": "google", "google.com": "google", "discord.com": "discord",
		"trello.com": "trello", "discogs.com": "discogs", "api.discogs.com": "discogs", "reddit.com": "reddit", "api.x.com": "x",
	} {
		found, err := none.Host(t.Context(), name)
		if err != nil || found.Type != want || found.Software == "" || found.Registration != "" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	for _, name := range []string{"acme.zendesk.com", "git.example.org"} { // of a parameter's example
		if found, err := none.Host(t.Context(), name); !errors.Is(err, discover.ErrNothing) {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	// What is below such a host, or at another port, may be something else.
	const mcp = `{"resource":"https://gitlab.com/api/v4/mcp","authorization_servers":["https://gitlab.com"]}`
	const server = `{"issuer":"https://gitlab.com","authorization_endpoint":"https://gitlab.com/a","token_endpoint":"https://gitlab.com/t"}`
	below := network{
		"https://gitlab.com/.well-known/oauth-protected-resource/api/v4/mcp": {body: mcp}, "https://gitlab.com/.well-known/oauth-authorization-server": {body: server},
	}.finder()
	if found, err := below.Host(t.Context(), "https://gitlab.com/api/v4/mcp"); err != nil || found.Type != "oauth2" || found.Settings.Resource != "https://gitlab.com/api/v4/mcp" {
		t.Errorf("a resource below: %+v, %v", found, err)
	}
	if found, err := none.Host(t.Context(), "github.com:8443"); !errors.Is(err, discover.ErrNothing) {
		t.Errorf("another port: %+v, %v", found, err)
	}
	for _, name := range []string{"", " ", "https://", "ftp://example.org", "https://a@example.org", "example.org?x=1", "example.org#x", "exämple.org", "api.gİthub.com", "a b.example"} {
		if found, err := none.Host(t.Context(), name); err == nil || errors.Is(err, discover.ErrNothing) {
			t.Errorf("%q: %+v, %v", name, found, err)
		}
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	client := discover.Client{Name: "Notes", URI: "https://notes.example.org", RedirectURIs: []string{"https://notes.example.org/callback/work"}, Scopes: []string{"openid", "email"}}
	for name, tt := range map[string]struct {
		methods, answer string
		want            discover.Registered
		sends           string
	}{
		"basic":             {`["client_secret_post","client_secret_basic"]`, `{"client_id":"c","client_secret":"s","client_secret_expires_at":0}`, discover.Registered{TokenAuth: oauth.AuthBasic}, "client_secret_basic"},
		"post":              {`["none","client_secret_post"]`, `{"client_id":"c","client_secret":"s"}`, discover.Registered{TokenAuth: oauth.AuthPost}, "client_secret_post"},
		"public":            {`["none"]`, `{"client_id":"c"}`, discover.Registered{TokenAuth: oauth.AuthNone}, "none"},
		"silent":            {`null`, `{"client_id":"c","client_secret":"s"}`, discover.Registered{TokenAuth: oauth.AuthBasic}, "client_secret_basic"},
		"the server's wish": {`["client_secret_basic"]`, `{"client_id":"c","client_secret":"s","token_endpoint_auth_method":"client_secret_post"}`, discover.Registered{TokenAuth: oauth.AuthPost}, ""},
		"managed": {`null`, `{"client_id":"c","client_secret":"s","client_secret_expires_at":1893456000,"registration_client_uri":"https://x.test/c","registration_access_token":"m"}`,
			discover.Registered{TokenAuth: oauth.AuthBasic, ManageURL: "https://x.test/c", ManageToken: "m", SecretExpiry: time.Unix(1893456000, 0)}, ""},
		"without a secret after all": {`["client_secret_basic"]`, `{"client_id":"c"}`, discover.Registered{TokenAuth: oauth.AuthNone}, "client_secret_basic"},
	} {
		var seen map[string]any
		h := newHost(t, map[string]string{openIDPath: strings.Replace(openIDDocument, `"issuer"`, `"token_endpoint_auth_methods_supported":`+tt.methods+`,"issuer"`, 1)})
		h.Config.Handler = registering(t, h, func(r *http.Request) (int, string) {
			json.NewDecoder(r.Body).Decode(&seen)
			return 201, tt.answer
		})
		f := h.finder()
		found, err := f.Host(t.Context(), h.URL)
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.Register(t.Context(), found, client)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Credentials.ClientID != "c" || r.TokenAuth != tt.want.TokenAuth || r.ManageURL != tt.want.ManageURL || r.ManageToken != tt.want.ManageToken || !r.SecretExpiry.Equal(tt.want.SecretExpiry) || (r.Credentials.ClientSecret == "s") != strings.Contains(tt.answer, "client_secret\"") {
			t.Errorf("%s: %+v", name, r)
		}
		if tt.sends != "" && seen["token_endpoint_auth_method"] != tt.sends {
			t.Errorf("%s: it sent %v", name, seen)
		}
		if seen["client_name"] != "Notes" || seen["scope"] != "openid email" || seen["client_uri"] != client.URI || len(seen["redirect_uris"].([]any)) != 1 {
			t.Errorf("%s: it sent %v", name, seen)
		}
	}
}

func registering(t *testing.T, h *host, answer func(*http.Request) (int, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			h.ServeHTTP(w, r)
			return
		}
		status, body := answer(r)
		w.WriteHeader(status)
		w.Write([]byte(body))
	})
}

func TestRegistrationsThatFail(t *testing.T) {
	t.Parallel()
	client := discover.Client{Name: "Notes", RedirectURIs: []string{"https://notes.example.org/callback"}}
	for name, tt := range map[string]struct {
		status       int
		answer, want string
	}{
		"closed":    {401, `{}`, "without an initial access token"},
		"forbidden": {403, ``, "without an initial access token"},
		"refused":   {400, `{"error":"invalid_redirect_uri","error_description":"SECRET"}`, "status 400 (invalid_redirect_uri)"},
		"odd code":  {400, `{"error":"a b\nc"}`, "with status 400"},
		"a page":    {200, `<html>`, "not the JSON"},
		"no ID":     {201, `{"client_secret":"s"}`, "has no client_id"},
		"by key":    {201, `{"client_id":"c","client_secret":"s","token_endpoint_auth_method":"private_key_jwt"}`, "prove themselves by private_key_jwt"},
	} {
		h := newHost(t, map[string]string{openIDPath: openIDDocument})
		h.Config.Handler = registering(t, h, func(*http.Request) (int, string) { return tt.status, tt.answer })
		f := h.finder()
		found, err := f.Host(t.Context(), h.URL)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Register(t.Context(), found, client)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if closed := tt.status == 401 || tt.status == 403; closed != errors.Is(err, discover.ErrNoRegistration) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := discover.Register(t.Context(), &discover.Found{}, client); !errors.Is(err, discover.ErrNoRegistration) {
		t.Errorf("nowhere to register: %v", err)
	}
	for _, c := range []discover.Client{{Name: "Notes"}, {RedirectURIs: []string{"https://x.test"}}} {
		if _, err := discover.Register(t.Context(), &discover.Found{Registration: "https://x.test"}, c); err == nil {
			t.Errorf("%+v is registered", c)
		}
	}
}

// Mastodon registers by a form, with an initial token where there is one.
func TestRegisterAtMastodon(t *testing.T) {
	t.Parallel()
	h := newHost(t, map[string]string{"/api/v2/instance": `{"domain":"x.test","version":"4.5.2","source_url":"https://x.test"}`})
	answer := `{"client_id":"c","client_secret":"s"}`
	form, token := map[string]string{}, ""
	h.Config.Handler = registering(t, h, func(r *http.Request) (int, string) {
		if r.URL.Path != "/api/v1/apps" {
			t.Errorf("posted to %s", r.URL)
		}
		r.ParseForm()
		for name := range r.PostForm {
			form[name] = r.PostForm.Get(name)
		}
		token = r.Header.Get("Authorization")
		return 200, answer
	})
	f := h.finder()
	found, err := f.Host(t.Context(), h.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := discover.Client{Name: "Notes", URI: "https://n.test", RedirectURIs: []string{"https://n.test/a", "https://n.test/b"}, Scopes: []string{"read:accounts"}, InitialToken: "it"}
	r, err := f.Register(t.Context(), found, client)
	if err != nil || r.Credentials.ClientID != "c" || r.Credentials.ClientSecret != "s" || r.TokenAuth != oauth.AuthPost {
		t.Errorf("%+v, %v", r, err)
	}
	want := map[string]string{"client_name": "Notes", "redirect_uris": "https://n.test/a\nhttps://n.test/b", "scopes": "read:accounts", "website": "https://n.test"}
	if !maps.Equal(form, want) || token != "Bearer it" {
		t.Errorf("it sent %v, %q", form, token)
	}
	answer = `{"client_id":"c"}`
	if _, err := f.Register(t.Context(), found, client); err == nil {
		t.Error("an answer without a secret is taken")
	}
}

func TestDocumentOfAClient(t *testing.T) {
	t.Parallel()
	c := discover.Client{Name: "Notes", RedirectURIs: []string{"https://n.test/callback/work"}}
	text, err := c.Document("https://n.test/client/work")
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil || got["client_id"] != "https://n.test/client/work" || got["token_endpoint_auth_method"] != "none" || got["client_secret"] != nil {
		t.Errorf("%s, %v", text, err)
	}
	for _, address := range []string{"", "http://n.test/x", "https://n.test", "https://n.test/", "https://u@n.test/x", "https://n.test/x#y"} {
		if _, err := c.Document(address); err == nil {
			t.Errorf("%q can be an ID", address)
		}
	}
}
