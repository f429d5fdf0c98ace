package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEnvironmentWins(t *testing.T) {
	t.Parallel()
	c, err := load(t, minimal+"allow_private_addresses: true\n",
		"SOCIAL_APP_URL=https://app.test", "SECURITY_POST_LOGIN=/home", "SOCIAL_FLASH_MESSAGES=false",
		"SOCIAL_KEYS=a,b", "SOCIAL_ACME_CONSUMER_SECRET=other", "SOCIAL_TWITTER_ENDPOINTS_REQUEST_TOKEN=http://x.test/r",
		"SOCIAL_GOOGLE_CLIENT_ID=g", "SOCIAL_GOOGLE_CONSUMER_SECRET=gs", "SOCIAL_GOOGLE_SCOPES=openid email", "SOCIAL_SOMETHING=1", "HOME=/")
	if err != nil {
		t.Fatal(err)
	}
	if c.AppURL != "https://app.test" || c.PostLogin != "/home" || c.FlashMessages || len(c.Keys) != 2 {
		t.Errorf("%+v", c)
	}
	if got := c.Providers["acme"].ConsumerSecret.Reveal(); got != "other" {
		t.Errorf("acme secret %q", got)
	}
	if got := c.Providers["twitter"].Endpoints.RequestToken; got != "http://x.test/r" {
		t.Errorf("endpoint %q", got)
	}
	if g := c.Providers["google"]; g.ConsumerKey != "g" || len(g.Scopes) != 2 {
		t.Errorf("google %+v", g)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "SOCIAL_SOMETHING") {
		t.Errorf("warnings %q", c.Warnings)
	}
}

func TestSecretsFromFilesAndVariables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CONFIG_TEST_KEY", "from-variable")
	c, err := load(t, "keys: [env:CONFIG_TEST_KEY]\nproviders: {google: {consumer_key: k, consumer_secret: 'file:"+path+"'}}")
	if err != nil {
		t.Fatal(err)
	}
	if c.Keys[0].Reveal() != "from-variable" || c.Providers["google"].ConsumerSecret.Reveal() != "from-file" {
		t.Errorf("%q %q", c.Keys[0].Reveal(), c.Providers["google"].ConsumerSecret.Reveal())
	}
}

// An empty variable hides what the file has. The error says so.
func TestEmptyVariables(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{
		"SOCIAL_ACME_CLIENT_SECRET":   "providers.acme.consumer_secret is missing",
		"SOCIAL_ACME_CONSUMER_SECRET": "providers.acme.consumer_secret is missing",
		"SOCIAL_KEYS":                 "keys is missing",
		"SOCIAL_ACME_SCOPES":          "",
		"SOCIAL_ACME_PKCE":            "pkce must be true or false",
	} {
		_, err := load(t, minimal+"    pkce: true\n", variable+"=")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), variable+" is empty")) {
			t.Errorf("%s: %v", variable, err)
		}
	}
	if _, err := load(t, "providers: {}", "SOCIAL_APP_URL="); err == nil || strings.Contains(err.Error(), "is empty") {
		t.Errorf("which the file lacks: %v", err)
	}
}

// A list in the environment may be one of YAML or JSON, too.
func TestListsInTheEnvironment(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"openid,email": {"openid", "email"}, "openid email": {"openid", "email"}, "[openid, email]": {"openid", "email"},
		` ["openid", "email"]`: {"openid", "email"}, "[]": {}, "[0123]": {"0123"}, "": {},
	} {
		c, err := load(t, minimal, "SOCIAL_ACME_SCOPES="+text)
		if err != nil || !slices.Equal(c.Providers["acme"].Scopes, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"[openid", "[{a: b}]", "[[openid]]"} {
		if _, err := load(t, minimal, "SOCIAL_ACME_SCOPES="+text); err == nil || !strings.Contains(err.Error(), "providers.acme.scopes must be a list") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
