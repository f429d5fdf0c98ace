package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/cmd/social/internal/config"
)

const minimal = `
app_url: http://127.0.0.1:8080
keys: [c2VjcmV0LWNhbmFyeS0wMTIzNDU2Nzg5YWJjZGVmMDE=]
providers:
  twitter: {consumer_key: 12345, consumer_secret: canary-secret}
  acme:
    type: oidc
    issuer: http://127.0.0.1:9001
    client_id: id
    client_secret: canary-secret
    scopes: [openid, email]
    endpoints: {token: http://127.0.0.1:9001/t}
`

func known(id string) (parameters []string, known bool) {
	if id == "gitlab" {
		return []string{"instance"}, true
	}
	return nil, id == "google" || id == "twitter"
}

func load(t *testing.T, text string, environ ...string) (*config.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "social.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(path, environ, known)
}

// An entry's parameters stand beside its other keys; other entries do not have them.
func TestParametersOfEntries(t *testing.T) {
	t.Parallel()
	const keys = "{consumer_key: k, consumer_secret: s, "
	for name, tt := range map[string]struct {
		providers string
		environ   []string
		id, want  string // the instance, or what the error has
	}{
		"in the file":                {"gitlab: " + keys + "instance: 'https://git.test'}", nil, "gitlab", "https://git.test"},
		"of a type":                  {"work: " + keys + "type: gitlab, instance: 'https://git.test'}", nil, "work", "https://git.test"},
		"in a variable":              {"gitlab: " + keys + "instance: 'https://git.test'}", []string{"SOCIAL_GITLAB_INSTANCE=https://other.test"}, "gitlab", "https://other.test"},
		"in variables alone":         {"", []string{"SOCIAL_GITLAB_CONSUMER_KEY=k", "SOCIAL_GITLAB_CONSUMER_SECRET=s", "SOCIAL_GITLAB_INSTANCE=https://git.test"}, "gitlab", "https://git.test"},
		"in one variable":            {"", []string{"SOCIAL_GITLAB=" + keys + "instance: 'https://git.test'}"}, "gitlab", "https://git.test"},
		"in a variable, of a type":   {"my-work: " + keys + "type: gitlab}", []string{"SOCIAL_MY_WORK_INSTANCE=https://git.test"}, "my-work", "https://git.test"},
		"type in a variable":         {"my_work: {consumer_key: k, consumer_secret: s}", []string{"SOCIAL_MY_WORK_TYPE=gitlab", "SOCIAL_MY_WORK_INSTANCE=https://git.test"}, "my_work", "https://git.test"},
		"from another variable":      {"gitlab: " + keys + "instance: 'env:GIT_ADDRESS'}", nil, "gitlab", "providers.gitlab.instance: the environment variable GIT_ADDRESS is not set"},
		"of an entry without any":    {"google: " + keys + "instance: 'https://git.test'}", nil, "google", "unknown key providers.google.instance"},
		"of another type":            {"gitlab: " + keys + "type: oidc, issuer: 'https://op.test', instance: 'https://git.test'}", nil, "gitlab", "unknown key providers.gitlab.instance"},
		"misspelled":                 {"gitlab: " + keys + "instanc: 'https://git.test'}", nil, "gitlab", "did you mean providers.gitlab.instance?"},
		"no text":                    {"gitlab: " + keys + "instance: [a]}", nil, "gitlab", "providers.gitlab.instance must be text"},
		"together, as nobody has it": {"gitlab: " + keys + "parameters: {instance: 'https://git.test'}}", nil, "gitlab", "unknown key providers.gitlab.parameters"},
	} {
		c, err := load(t, "keys: ['0123456789abcdef0123456789abcdef']\nproviders: {"+tt.providers+"}", tt.environ...)
		switch {
		case err != nil && !strings.Contains(err.Error(), tt.want), err == nil && c.Providers[tt.id].Parameters["instance"] != tt.want:
			t.Errorf("%s: %v, %v", name, c, err)
		case err == nil && len(c.Warnings) > 0:
			t.Errorf("%s: %q", name, c.Warnings)
		}
	}
}

// What YAML takes for a number stays as it is written.
func TestNumbersAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"12345", "0123", "86e1234567", "0x1F", "1_000", "12345678901234567890123456789012", ".5", "+1"} {
		file := strings.Replace(minimal, "consumer_key: 12345", "consumer_key: "+key+", scopes: ["+key+"]", 1)
		c, err := load(t, file, "SOCIAL_GOOGLE={consumer_key: "+key+", consumer_secret: "+key+"}")
		if err != nil {
			t.Fatal(err)
		}
		twitter, google := c.Providers["twitter"], c.Providers["google"]
		if twitter.ConsumerKey != key || twitter.Scopes[0] != key || google.ConsumerSecret.Reveal() != key {
			t.Errorf("%s: reads %q, %q and %q", key, twitter.ConsumerKey, twitter.Scopes, google.ConsumerSecret.Reveal())
		}
	}
	c, err := load(t, minimal+"throttle: {login_account: 3}\n")
	if err != nil || c.Throttle.LoginAccount != 3 {
		t.Errorf("throttle: %v", err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	c, err := load(t, minimal)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.Order); got != "[twitter acme]" {
		t.Errorf("order %s", got)
	}
	tw, acme := c.Providers["twitter"], c.Providers["acme"]
	if tw.ConsumerKey != "12345" || tw.ConsumerSecret.Reveal() != "canary-secret" {
		t.Errorf("twitter: %+v", tw)
	}
	if acme.ConsumerKey != "id" || acme.Endpoints.Token != "http://127.0.0.1:9001/t" || len(acme.Scopes) != 2 {
		t.Errorf("acme: %+v", acme)
	}
	if c.Timeout != 15*time.Second || c.PostLogin != "/profile" || !c.FlashMessages || c.SignUp != "refuse" || c.Throttle.LoginAccount != 10 {
		t.Errorf("defaults: %+v", c)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", c, c, c), "canary") {
		t.Error("a printed configuration shows a secret")
	}
}

// 0s turns keep_alive off, which is the default.
func TestKeepAliveOff(t *testing.T) {
	t.Parallel()
	c, err := load(t, minimal+"keep_alive: 0s\n")
	if err != nil || c.KeepAlive != 0 {
		t.Errorf("%v", err)
	}
}

// Without app_url the program is at localhost, on the port that it listens on.
func TestDefaultAppURL(t *testing.T) {
	t.Parallel()
	for more, want := range map[string]string{
		"": "http://localhost:8080", "listen: 127.0.0.1:9000": "http://localhost:9000", "listen: ':9000'": "http://localhost:9000",
		"listen: 127.0.0.1:0": "http://localhost:8080", "{listen: 127.0.0.1:9000, app_url: 'https://a.example'}": "https://a.example",
	} {
		file := "keys: [x]\n" + more
		if strings.HasPrefix(more, "{") {
			file = "{keys: [x], " + more[1:]
		}
		if c, err := load(t, file); err != nil || c.AppURL != want {
			t.Errorf("%s: %v, %v", more, c, err)
		}
	}
}

func TestLoadJSON(t *testing.T) {
	t.Parallel()
	c, err := load(t, `{"keys":["x"],"signup":"auto","flow_ttl":"5m","providers":{"google":{"consumer_key":"k","consumer_secret":"s"}}}`)
	if err != nil || c.SignUp != "auto" || c.FlowTTL != 5*time.Minute {
		t.Fatalf("%+v, %v", c, err)
	}
}

func TestCredentials(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list := "[{client_id: 0123, client_secret: 'file:" + path + "'}, {consumer_key: b, private_key: pem, key_id: k}]"
	want := []config.Credentials{{ClientID: "0123", ClientSecret: "from-file"}, {ClientID: "b", PrivateKey: "pem", KeyID: "k"}}
	fromFile, err := load(t, "keys: [x]\nproviders: {google: {credentials: "+list+"}}")
	if err != nil {
		t.Fatal(err)
	}
	fromEnvironment, err := load(t, "keys: [x]", "SOCIAL_GOOGLE_CREDENTIALS="+list)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*config.Config{fromFile, fromEnvironment} {
		google := c.Providers["google"]
		if got := google.AllCredentials(); !slices.Equal(got, want) {
			t.Errorf("credentials %+v", got)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v", c, c, c), "from-file") {
			t.Error("a printed configuration shows a secret")
		}
	}
	both, err := load(t, "keys: [x]\nproviders: {google: {consumer_key: a, consumer_secret: s, credentials: "+list+"}}")
	if err != nil {
		t.Fatal(err)
	}
	google := both.Providers["google"]
	if got := google.AllCredentials(); len(got) != 3 || got[0] != (config.Credentials{ClientID: "a", ClientSecret: "s"}) {
		t.Errorf("beside consumer_key: %+v", got)
	}
}

func TestDeadRefresh(t *testing.T) {
	t.Parallel()
	list := "['error=invalid_code', 'message=Invalid refresh token, sorry']"
	want := []string{"error=invalid_code", "message=Invalid refresh token, sorry"}
	file := "keys: [x]\nproviders: {google: {consumer_key: k, consumer_secret: s%s}}"
	for name, load := range map[string]func() (*config.Config, error){
		"file": func() (*config.Config, error) { return load(t, fmt.Sprintf(file, ", dead_refresh: "+list)) },
		"environment": func() (*config.Config, error) {
			return load(t, fmt.Sprintf(file, ""), "SOCIAL_GOOGLE_DEAD_REFRESH="+list)
		},
	} {
		c, err := load()
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Providers["google"].DeadRefresh; !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	c, err := load(t, fmt.Sprintf(file, ", dead_refresh: '"+want[1]+"'"))
	if err != nil || !slices.Equal(c.Providers["google"].DeadRefresh, want[1:]) {
		t.Errorf("one text: %v, %v", c, err)
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"unknown key":           {"keys: [x]\napp_ulr: http://h", "unknown key app_ulr: did you mean app_url?"},
		"unknown provider key":  {"keys: [x]\nproviders: {google: {consumer_kee: k}}", "did you mean providers.google.consumer_key?"},
		"unknown endpoint":      {"keys: [x]\nproviders: {google: {endpoints: {tokn: k}}}", "did you mean providers.google.endpoints.token?"},
		"unknown, nothing near": {"keys: [x]\nqqqqqqqqqqqqqq: 1", "unknown key qqqqqqqqqqqqqq"},
		"scalar for a map":      {"keys: [x]\nproviders: {google: 1}", "providers.google must have keys"},
		"short sessions":        {minimal + "session_lifetime: 9m\nremember_lifetime: 1s", "session_lifetime must be 10m or longer, not 9m0s, because use is noted every five minutes\nremember_lifetime must"},
		"long staleness":        {minimal + "session_staleness: 61s", "session_staleness must be between 0s and 1m, not 1m1s"},
		"negative staleness":    {minimal + "session_staleness: -1s", "session_staleness must be"},
		"negative session_max":  {minimal + "session_max: -1h", "session_max must be a time"},
		"section as text":       {"keys: [x]\nthrottle: 3", "throttle must have keys"},
		"missing secret":        {"keys: [x]\nproviders: {google: {consumer_key: k}}", "providers.google.consumer_secret is missing"},
		"missing key":           {"keys: [x]\nproviders: {google: {consumer_secret: k}}", "providers.google.consumer_key is missing"},
		"unknown credential":    {"keys: [x]\nproviders: {google: {credentials: [{client_id: k, clientsecret: s}]}}", "unknown key providers.google.credentials.1.clientsecret: did you mean providers.google.credentials.1.client_secret?"},
		"credentials as map":    {"keys: [x]\nproviders: {google: {credentials: {client_id: k, client_secret: s}}}", "providers.google.credentials must be a list"},
		"credentials as text":   {"keys: [x]\nproviders: {google: {credentials: canary}}", "providers.google.credentials must be a list"},
		"credential as text":    {"keys: [x]\nproviders: {google: {credentials: [canary]}}", "providers.google.credentials must be a list"},
		"credential of objects": {"keys: [x]\nproviders: {google: {credentials: [{client_id: [k]}]}}", "providers.google.credentials.1.client_id must be text"},
		"credential, no ID":     {"keys: [x]\nproviders: {google: {credentials: [{client_id: a, client_secret: s}, {client_secret: s}]}}", "providers.google.credentials.2.client_id is missing"},
		"credential, no secret": {"keys: [x]\nproviders: {google: {credentials: [{client_id: a}]}}", "providers.google.credentials.1.client_secret is missing"},
		"credential, no file":   {"keys: [x]\nproviders: {google: {credentials: [{client_id: a, client_secret: 'file:/nowhere/at/all'}]}}", "providers.google.credentials.1.client_secret: open /nowhere/at/all"},
		"nearest new key":       {"keys: [x]\nproviders: {google: {dead_refesh: [a=b]}}", "did you mean providers.google.dead_refresh?"},
		"one address for both":  {"keys: [x]\nmetrics_listen: 127.0.0.1:8080", "metrics_listen is the same as listen"},
		"no keys":               {"app_url: http://127.0.0.1:1", "keys is missing"},
		"bad bool":              {"keys: [x]\nflash_messages: perhaps", "flash_messages must be true or false"},
		"bad time":              {"keys: [x]\ntimeout: soon", "timeout must be a time"},
		"negative time":         {"keys: [x]\ntimeout: -1s", "timeout must be a time"},
		"bad usernames":         {"keys: [x]\nusername: maybe", "username must be off, optional or required"},
		"bad policy":            {"keys: [x]\nsignup: maybe", "signup must be refuse, form or auto"},
		"bad list":              {"keys: {a: b}", "unknown key keys.a"},
		"not yaml":              {"keys: [", "configuration:"},
		"bad id":                {"keys: [x]\nproviders: {'Go ogle': {consumer_key: k}}", "a provider's ID has lower-case letters"},
		"missing secret file":   {"keys: ['file:/nowhere/at/all']", "keys: open /nowhere/at/all"},
		"missing variable":      {"keys: ['env:CONFIG_TEST_NOWHERE']", "CONFIG_TEST_NOWHERE is not set"},
		"text for parameters":   {"keys: [x]\nproviders: {google: {auth_params: prompt}}", "providers.google.auth_params must have names and values"},
		"no names":              {"canary-secret", "must have names and values"},
		"short reset":           {"keys: [x]\nreset_within: 59s", "reset_within must be 1m or longer"},
		"short confirmation":    {"keys: [x]\nconfirm_within: 59s", "confirm_within must be 1m or longer"},
		"no mail server":        {"keys: [x]\napp_url: https://app.example.com\nconfirm_email: true", "confirm_email needs smtp"},
		"two ways for mail":     {"keys: [x]\nsmtp: smtp://mail.example.com\nmail_to_log: true", "smtp and mail_to_log"},
		"keep-alive below zero": {"keys: [x]\nkeep_alive: -1h", "keep_alive must be a time"},
		"no keep-alive at once": {"keys: [x]\nkeep_alive_concurrency: 0", "keep_alive_concurrency must be between 1 and 64, not 0"},
		"too many at once":      {"keys: [x]\nkeep_alive_concurrency: 65", "keep_alive_concurrency must be between 1 and 64, not 65"},
		"at once, in words":     {"keys: [x]\nkeep_alive_concurrency: many", "keep_alive_concurrency"},
		"no timeout":            {"keys: [x]\ntimeout: 0s", "timeout must be a time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
	if _, err := config.Load("/nowhere/at/all.yaml", nil, known); err == nil || !strings.Contains(err.Error(), "/nowhere/at/all.yaml") {
		t.Errorf("missing file: %v", err)
	}
}

// Names of parameters are the provider's: they may have dots.
func TestAuthParams(t *testing.T) {
	t.Parallel()
	c, err := load(t, minimal+"    auth_params: {acme.id: 05, prompt: 'env:HOME', none: }\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Providers["acme"].AuthParams; len(got) != 2 || got["acme.id"] != "05" || got["prompt"] != os.Getenv("HOME") {
		t.Errorf("got %v", got)
	}
	if c, err = load(t, minimal, "SOCIAL_ACME={auth_params: {a.b: c}}"); err != nil || c.Providers["acme"].AuthParams["a.b"] != "c" {
		t.Errorf("in the environment: %v", err)
	}
	for _, params := range []string{"{claims: {id_token: x}}", "{acr: [a]}", "{a: true}"} {
		if _, err := load(t, minimal+"    auth_params: "+params); err == nil || !strings.Contains(err.Error(), "must be text") {
			t.Errorf("%s: %v", params, err)
		}
	}
}

// Editors put a byte order mark in front.
func TestByteOrderMarks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("\ufefffrom-file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, "\ufeffkeys: [x]\nproviders: {google: {consumer_key: k, consumer_secret: 'file:"+path+"'}}")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Providers["google"].ConsumerSecret.Reveal(); got != "from-file" {
		t.Errorf("got %q", got)
	}
}

// What may be intended, but probably is not, is a warning.
func TestWarnings(t *testing.T) {
	t.Parallel()
	const file = "keys: [x]\nproviders:\n  google: {consumer_key: k, consumer_secret: s}\n"
	for name, tt := range map[string]struct {
		more    string
		environ []string
		want    []string // texts of each warning
	}{
		"none":                 {environ: []string{"HTTPS_PROXY=", "NO_PROXY=x", "no_proxy=x"}},
		"a proxy":              {environ: []string{"HTTPS_PROXY=http://10.0.0.1:3128"}, want: []string{"HTTPS_PROXY is not used"}},
		"two, in lower case":   {environ: []string{"https_proxy=http://p", "http_proxy=http://p"}, want: []string{"http_proxy and https_proxy is not used"}},
		"a proxy that is used": {more: "allow_private_addresses: true\n", environ: []string{"HTTPS_PROXY=http://p"}},
		"near variable":        {environ: []string{"SOCIAL_APPURL=x"}, want: []string{"SOCIAL_APPURL is not a key of the configuration: did you mean SOCIAL_APP_URL?"}},
		"near, of the catalog": {environ: []string{"SOCIAL_TWITTER_CONSUMER_KY=x"}, want: []string{"did you mean SOCIAL_TWITTER_CONSUMER_KEY?"}},
		"near, of the file":    {environ: []string{"SOCIAL_GOOGLE_SCOPE=x"}, want: []string{"did you mean SOCIAL_GOOGLE_SCOPES?"}},
		"far":                  {environ: []string{"SOCIAL_SOMETHING_ELSE=x"}, want: []string{"SOCIAL_SOMETHING_ELSE is not a key of the configuration"}},
		"one name":             {more: "  work: {type: google, consumer_key: k, consumer_secret: s}\n", want: []string{"providers.google and providers.work have one name"}},
		"two names":            {more: "  work: {type: google, name: Work, consumer_key: k, consumer_secret: s}\n"},
		"two without names":    {more: "  a: {type: oidc, issuer: 'https://a.example', consumer_key: k, consumer_secret: s}\n  b: {type: oidc, issuer: 'https://b.example', consumer_key: k, consumer_secret: s}\n"},
		"http in capitals":     {more: "  a: {type: oidc, issuer: 'HTTP://a.example', consumer_key: k, consumer_secret: s}\n", want: []string{"providers.a.issuer is HTTP://a.example"}},
		"http to revoke":       {more: "  a: {type: oidc, issuer: 'https://a.example', consumer_key: k, consumer_secret: s, endpoints: {revoke: 'http://a.example'}}\n", want: []string{"providers.a.endpoints.revoke is http://a.example"}},
		"white space":          {more: "  a: {type: oidc, issuer: 'https://a.example', client_id: ' k', consumer_secret: \"s\\n\"}\n", want: []string{"providers.a.consumer_key begins or ends with white space", "providers.a.consumer_secret begins"}},
		"white space in list":  {more: "  twitter: {credentials: [{client_id: k, client_secret: 's '}]}\n", want: []string{"providers.twitter.credentials.1.client_secret begins"}},
		"empty variable":       {environ: []string{"SOCIAL_GOOGLE_NAME=", "SOCIAL_TWITTER_SCOPES="}, more: "  twitter: {consumer_key: k, consumer_secret: s, scopes: [a]}\n", want: []string{"SOCIAL_TWITTER_SCOPES is empty, and replaces providers.twitter.scopes of the file"}},
		"http":                 {more: "  a: {type: oidc, issuer: 'http://a.example', consumer_key: k, consumer_secret: s}\n", want: []string{"providers.a.issuer is http://a.example, which cannot be reached"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := load(t, file+tt.more, tt.environ...)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Warnings) != len(tt.want) {
				t.Fatalf("warns %q, want %q", c.Warnings, tt.want)
			}
			for i, want := range tt.want {
				if !strings.Contains(c.Warnings[i], want) {
					t.Errorf("warns %q, want %q in it", c.Warnings[i], want)
				}
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(minimal)
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "c")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Skip()
		}
		config.Load(path, nil, known)
	})
}

func TestSessionMaxMayBeOff(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"0", "0s", `"0"`} {
		if c, err := load(t, minimal+"session_max: "+value+"\n"); err != nil || c.SessionMax != 0 {
			t.Errorf("%s: %v, %v", value, c.SessionMax, err)
		}
	}
	if _, err := load(t, minimal+"flow_ttl: 0\n"); err == nil {
		t.Error("a flow without end is taken")
	}
}
