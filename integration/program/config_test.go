package program_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
)

// An error of the configuration names all keys that are wrong, and no secret.
func TestConfigurationErrors(t *testing.T) {
	t.Parallel()
	const base = "database: 'sqlite::memory:'\nlisten: 127.0.0.1:0\n"
	const keys = "keys: [" + sealingKey + "]\n"
	acme := func(more string) string {
		return keys + "providers:\n  acme:\n    type: oidc\n    name: Acme\n    issuer: http://127.0.0.1:9\n    consumer_key: k\n    consumer_secret: SECRET-CANARY\n" + more
	}
	for name, c := range map[string]struct {
		file string
		env  []string
		says []string
	}{
		"unknown key":             {file: keys + "databse: sqlite:x\n", says: []string{"databse", "database"}},
		"unknown nested key":      {file: acme("    consumer_secrt: x\n"), says: []string{"providers.acme.consumer_secrt", "consumer_secret"}},
		"unknown endpoint":        {file: acme("    endpoints: {authorise: http://x}\n"), says: []string{"endpoints.authorise", "endpoints.authorize"}},
		"unknown throttle":        {file: keys + "throttle: {login_acount: 3}\n", says: []string{"throttle.login_acount", "throttle.login_account"}},
		"unknown profile":         {file: acme("    profile: {idd: x}\n"), says: []string{"profile.idd", "profile.id"}},
		"two at once":             {file: keys + "sinup: form\nlisen: x\n", says: []string{"sinup", "signup", "lisen", "listen"}},
		"no keys":                 {file: "", says: []string{"keys", "social keys new"}},
		"malformed key":           {file: "keys: [" + sealingKey + ", SECRET-CANARY]\n", says: []string{"keys", "2"}},
		"short key":               {file: "keys: [U0VDUkVULUNBTkFSWQ==]\n", says: []string{"keys", "32"}},
		"missing secret":          {file: keys + "providers: {google: {consumer_key: x}}\n", says: []string{"providers.google.consumer_secret"}},
		"missing key":             {file: keys + "providers: {google: {consumer_secret: SECRET-CANARY}}\n", says: []string{"providers.google.consumer_key"}},
		"empty provider":          {file: keys + "providers: {google: }\n", says: []string{"providers.google"}},
		"not in the catalog":      {file: keys + "providers: {myspace: {consumer_key: x, consumer_secret: SECRET-CANARY}}\n", says: []string{"providers.myspace", "type"}},
		"misspelled provider":     {file: keys + "providers: {gogle: {consumer_key: x, consumer_secret: SECRET-CANARY}}\n", says: []string{"providers.gogle", "did you mean google?"}},
		"bad type":                {file: keys + "providers: {acme: {type: saml, consumer_key: x, consumer_secret: SECRET-CANARY}}\n", says: []string{"providers.acme.type", "oidc, oauth2 or oauth1"}},
		"oidc without issuer":     {file: keys + "providers: {acme: {type: oidc, consumer_key: x, consumer_secret: SECRET-CANARY}}\n", says: []string{"providers.acme", "issuer"}},
		"oauth2 without token":    {file: keys + "providers: {acme: {type: oauth2, consumer_key: x, consumer_secret: SECRET-CANARY, endpoints: {authorize: 'https://a.example'}}}\n", says: []string{"providers.acme", "token"}},
		"bad response mode":       {file: acme("    response_mode: fragment\n"), says: []string{"providers.acme.response_mode", "form_post"}},
		"bad token auth":          {file: acme("    token_auth: digest\n"), says: []string{"providers.acme.token_auth", "private_key_jwt"}},
		"no private key":          {file: acme("    token_auth: private_key_jwt\n"), says: []string{"providers.acme", "private_key"}},
		"bad provider ID":         {file: keys + "providers: {Acme!: {consumer_key: x}}\n", says: []string{"Acme!"}},
		"bad signup":              {file: keys + "signup: always\n", says: []string{"signup", "refuse, form or auto"}},
		"bad boolean":             {file: keys + "registration: perhaps\n", says: []string{"registration", "true or false"}},
		"bad time":                {file: keys + "timeout: soon\n", says: []string{"timeout", "15s"}},
		"negative time":           {file: keys + "flow_ttl: -1m\n", says: []string{"flow_ttl"}},
		"bad number":              {file: keys + "throttle: {login_account: many}\n", says: []string{"throttle.login_account", "number"}},
		"http app_url":            {file: keys + "app_url: http://app.example.com\n", says: []string{"app_url: want https"}},
		"app_url with a path":     {file: keys + "app_url: https://app.example.com/app\n", says: []string{"app_url", "url_prefix"}},
		"bad prefix":              {file: keys + "url_prefix: social/\n", says: []string{"url_prefix"}},
		"pages_prefix alone":      {file: keys + "pages_prefix: true\n", says: []string{"pages_prefix", "url_prefix, which is missing"}},
		"bad redirect":            {file: keys + "post_login: //evil.example\n", says: []string{"post_login"}},
		"no such language":        {file: keys + "languages: [en, nl]\n", says: []string{"nl", "languages", "there are ar, de"}},
		"bad proxy":               {file: keys + "trusted_proxies: [nowhere]\n", says: []string{"trusted_proxies", "nowhere"}},
		"bad origin":              {file: keys + "trusted_origins: [nowhere]\n", says: []string{"trusted_origins", "nowhere"}},
		"no file of a secret":     {file: "keys: ['file:/nowhere/key']\n", says: []string{"keys", "/nowhere/key"}},
		"no variable":             {file: "keys: ['env:NOWHERE_KEY']\n", says: []string{"keys", "NOWHERE_KEY"}},
		"not YAML":                {file: "keys: [", says: []string{"social.yaml"}},
		"a list":                  {file: "- a\n- b\n", says: []string{"social.yaml"}},
		"section as a text":       {file: keys + "providers: google\n", says: []string{"providers"}},
		"text as a section":       {file: keys + "listen: {a: b}\n", says: []string{"listen"}},
		"later database":          {file: keys, env: []string{"SOCIAL_DATABASE=redis://x:SECRET-CANARY@y/z"}, says: []string{"database", "sqlite", "postgres", "mysql", "redis"}},
		"no kind":                 {file: keys, env: []string{"SOCIAL_DATABASE=host=x password=SECRET-CANARY"}, says: []string{"database", "sqlite", "postgres"}},
		"unreachable database":    {file: keys, env: []string{"SOCIAL_DATABASE=postgres://ann:SECRET-CANARY@127.0.0.1:1/app"}, says: []string{"database", "127.0.0.1", "app"}},
		"malformed URL":           {file: keys, env: []string{"SOCIAL_DATABASE=postgres://ann:SECRET-CANARY%zz@127.0.0.1/app"}, says: []string{"database", "malformed"}},
		"unreachable MySQL":       {file: keys, env: []string{"SOCIAL_DATABASE=mysql://ann:SECRET-CANARY@127.0.0.1:1/app"}, says: []string{"database", "127.0.0.1:1", "app"}},
		"malformed for MySQL":     {file: keys, env: []string{"SOCIAL_DATABASE=mysql://ann:SECRET-CANARY%zz@127.0.0.1/app"}, says: []string{"database", "malformed"}},
		"no name for MySQL":       {file: keys, env: []string{"SOCIAL_DATABASE=mysql://ann:SECRET-CANARY@127.0.0.1"}, says: []string{"database", "names no database"}},
		"a missing folder":        {file: keys, env: []string{"SOCIAL_DATABASE=sqlite:/nowhere/at/all/social.db"}, says: []string{"database", "/nowhere/at/all"}},
		"no path":                 {file: keys, env: []string{"SOCIAL_DATABASE=sqlite:"}, says: []string{"database"}},
		"not a database":          {file: keys, env: []string{"SOCIAL_DATABASE=sqlite:/etc/passwd"}, says: []string{"database"}},
		"no address":              {file: keys, env: []string{"SOCIAL_LISTEN=nowhere:x"}, says: []string{"listen"}},
		"environment is judged":   {file: keys, env: []string{"SOCIAL_SIGNUP=SOMETIMES"}, says: []string{"signup"}},
		"a malformed object":      {file: keys, env: []string{"SOCIAL_GOOGLE=SECRET-CANARY"}, says: []string{"SOCIAL_GOOGLE"}},
		"unknown protocol":        {file: keys + "providers: {twitter: {consumer_key: x, consumer_secret: SECRET-CANARY, endpoints: {token: 'ftp://x/y'}}}\n", says: []string{"providers.twitter", "endpoints.token"}},
		"provider for providers":  {file: keys + "provider: {google: {consumer_key: x, consumer_secret: SECRET-CANARY}}\n", says: []string{"unknown key provider: did you mean providers?"}},
		"provider as a list":      {file: keys + "providers: [{google: {consumer_key: x}}]\n", says: []string{"providers must have IDs"}},
		"provider at the top":     {file: keys + "google: {consumer_key: x, consumer_secret: SECRET-CANARY}\n", says: []string{"unknown key google: did you mean providers.google?"}},
		"key of another section":  {file: acme("    token: http://127.0.0.1:9/t\n"), says: []string{"unknown key providers.acme.token: did you mean providers.acme.endpoints.token?"}},
		"key of another level":    {file: keys + "login_account: 3\n", says: []string{"unknown key login_account: did you mean throttle.login_account?"}},
		"capitals":                {file: keys + "APP_URL: http://localhost\n", says: []string{"did you mean app_url?"}},
		"nested in a misspelling": {file: acme("    endpoint: {token: http://127.0.0.1:9/t, keys: http://127.0.0.1:9/k}\n"), says: []string{"unknown key providers.acme.endpoint: did you mean providers.acme.endpoints?"}},
		"keys below a text":       {file: keys + "signup: {host: x}\n", says: []string{"signup has no keys below it"}},
		"type of nothing":         {file: keys + "providers: {work: {type: gogle, consumer_key: x, consumer_secret: SECRET-CANARY}}\n", says: []string{"providers.work.type", "oidc, oauth2 or oauth1", "did you mean google?"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "social.yaml")
			writeFile(t, file, base+c.file)
			text := fails(t, c.env, "serve", "--config", file)
			for _, want := range c.says {
				if !strings.Contains(text, want) {
					t.Errorf("does not say %q: %s", want, text)
				}
			}
			if strings.Contains(text, "CANARY") || strings.Contains(text, sealingKey) || strings.Contains(text, "goroutine ") {
				t.Errorf("says a secret: %s", text)
			}
		})
	}
	if text := fails(t, nil, "serve", "--config", "/nowhere.yaml"); !strings.Contains(text, "/nowhere.yaml") {
		t.Errorf("a missing file: %s", text)
	}
	if text := fails(t, nil, "serve"); !strings.Contains(text, "keys") {
		t.Errorf("no file at all: %s", text)
	}
	s := serve(t)
	if text := fails(t, nil, "serve", "--config", s.file); !strings.Contains(text, "address already in use") || !strings.Contains(text, "listen") {
		t.Errorf("the port in use: %s", text)
	}
}

// Environment variables override the file, and secrets are read from files and
// variables.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "key")
	writeFile(t, secret, sealingKey+"\n")
	s := serve(t, settings{
		"post_login": "/from-file", "keys": "file:" + secret, "flash_messages": true,
		"env:SECURITY_POST_LOGIN": "/from-flask", "env:SOCIAL_CONNECT_ALLOW_VIEW": "/allow", "env:SOCIAL_CONNECT_DENY_REDIRECT": "/deny",
		"env:SOCIAL_FLASH_MESSAGES":         "False",
		"env:SOCIAL_TWITTER_CONSUMER_KEY":   "other-key",
		"env:SOCIAL_FACEBOOK_CLIENT_ID":     "other-facebook",
		"env:SOCIAL_FACEBOOK_CLIENT_SECRET": "env:ELSEWHERE",
		"env:ELSEWHERE":                     "x",
		"env:SOCIAL_GOOGLE_SCOPES":          "openid,email https://example.com/more",
		"env:SOCIAL_THROTTLE_LOGIN_ACCOUNT": "2",
		"env:SOCIAL_NOTHING_KNOWN":          "x",
		"env:SOCIAL_HUB_ENDPOINTS_REVOKE":   "http://127.0.0.1:9/revoke",
	})
	s.user("matt@lp.com")
	v := s.visitor()
	v.post("/login", "email", "matt@lp.com", "password", password).to(303, "/from-flask")
	v.through("/connect/hub", "matt").to(303, "/allow")
	v.flash("")
	v.denied("/connect/hub").to(303, "/deny")
	v.flash("")
	if id := query(t, v.begin("/connect/facebook")).Get("client_id"); id != "other-facebook" {
		t.Errorf("client_id %q", id)
	}
	if scope := query(t, v.begin("/connect/google")).Get("scope"); scope != "openid email https://example.com/more" {
		t.Errorf("scope %q", scope)
	}
	v.post("/connect/twitter").is(502) // Twitter does not know other-key
	other := s.visitor()
	other.post("/login", "email", "x", "password", "y").is(200)
	other.post("/login", "email", "x", "password", "y").is(200)
	other.post("/login", "email", "x", "password", "y").is(429)
	if !s.process.Logged("SOCIAL_NOTHING_KNOWN") {
		t.Error("no warning of an unknown variable")
	}
}

// The environment alone can configure a provider of the catalog, and the defaults are
// the documented ones.
func TestEnvironmentAlone(t *testing.T) {
	t.Parallel()
	address := server.FreeAddress(t)
	p, line, err := program.Start(t, []string{
		"SOCIAL_APP_URL=http://" + address, "SOCIAL_LISTEN=" + address, "SOCIAL_DATABASE=sqlite::memory:",
		"SOCIAL_KEYS=" + strings.TrimSpace(succeeds(t, "keys", "new")) + "," + sealingKey,
		"SOCIAL_FACEBOOK_CONSUMER_KEY=key", "SOCIAL_FACEBOOK_CONSUMER_SECRET=secret",
		`SOCIAL_FOURSQUARE={"consumer_key": "four", "consumer_secret": "square"}`,
	}, "Social serves ", "serve")
	if err != nil {
		t.Fatal(err)
	}
	p.StopWithTest()
	s := &site{T: t, url: "http://" + address}
	if !strings.Contains(line, s.url) {
		t.Errorf("says %s", line)
	}
	v := s.visitor()
	v.get("/login").is(200).says("Sign in with Facebook").saysNot("Google")
	address = v.begin("/login/facebook")
	if q := query(t, address); !strings.HasPrefix(address, "https://www.facebook.com/") || q.Get("redirect_uri") != s.url+"/callback/facebook" ||
		q.Get("client_id") != "key" || q.Get("response_type") != "code" || q.Get("state") == "" {
		t.Errorf("begins at %s", address)
	}
	if id := query(t, v.begin("/login/foursquare")).Get("client_id"); id != "four" {
		t.Errorf("client_id %q", id)
	}
	v.get("/register").is(200) // registration: true
}

// A YAML file may have comments and nested keys of every kind.
func TestYAML(t *testing.T) {
	t.Parallel()
	s := &site{T: t}
	address := server.FreeAddress(t)
	s.url = "http://" + address
	file := filepath.Join(t.TempDir(), "any.yaml")
	writeFile(t, file, `# a comment
app_url: `+s.url+`
listen: `+address+`
database: "sqlite::memory:"
keys:
  - `+sealingKey+`
url_prefix: ""
post_login: /profile
connect_allow_redirect: /profile
connect_deny_redirect: /profile
flash_messages: true
signup: refuse
link_verified_email: false
allow_private_addresses: false
registration: true
confirm_email: false
migrate: true
flow_ttl: 10m
timeout: 15s
trusted_proxies: []
smtp:
throttle: {login_account: 10, login_network: 100, registration_network: 20}
providers:
  vk: {client_id: 12345, client_secret: x}
  google:
    consumer_key: k
    consumer_secret: s
    scopes: [openid, email, profile]
  twitter: {consumer_key: k, consumer_secret: s}
  intranet:
    type: oauth2
    name: Intranet
    consumer_key: k
    consumer_secret: s
    endpoints: {authorize: "https://intranet.example/a", token: "https://intranet.example/t", userinfo: "https://intranet.example/u"}
    profile: {id: id, email: mail, name: display.name, image: avatar_url}
  old:
    type: oauth1
    name: Old
    consumer_key: k
    consumer_secret: s
    endpoints: {request_token: "https://old.example/r", authorize: "https://old.example/a", token: "https://old.example/t", userinfo: "https://old.example/u"}
    profile: {id: id}
`)
	p, _, err := program.Start(t, nil, "Social serves ", "serve", "--config", file)
	if err != nil {
		t.Fatal(err)
	}
	p.StopWithTest()
	page := s.visitor().get("/login").is(200).body
	at := -1
	for _, name := range []string{"vk", "google", "twitter", "intranet", "old"} { // in the file's order
		i := strings.Index(page, `action="/login/`+name+`"`)
		if i <= at {
			t.Errorf("%s is not in the order of the file", name)
		}
		at = i
	}
	q := query(t, s.visitor().begin("/login/intranet"))
	if q.Get("code_challenge_method") != "S256" {
		t.Error("no PKCE")
	}
}
