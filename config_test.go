package social_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

func TestSecurity07_ConfigIsChecked(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	valid := func() social.Config {
		return social.Config{
			AppURL: "https://app.example.com/", Providers: []oauth.Provider{newStub("acme", "Acme", oauth.ProtocolOAuth2)},
			Connections: memstore.New(), Users: plainUsers{}, Keys: keys,
		}
	}
	soc, err := social.New(valid())
	must(t, err)
	c := soc.Config()
	if c.AppURL != "https://app.example.com" || c.PostLogin != "/profile" || c.ConnectAllow != "/profile" || c.ConnectDeny != "/profile" ||
		c.LoginPage != "/login" || c.RegisterPage != "/register" || c.SignUp != social.Refuse || c.FlowTTL != 10*time.Minute ||
		c.PostLoginSessionKey != "post_oauth_login_url" || c.PostConnectSessionKey != "post_oauth_connect_url" {
		t.Errorf("%+v", c)
	}
	acme, err := soc.Provider(context.Background(), "acme")
	must(t, err)
	if uris := soc.RedirectURIs(acme); len(uris) != 1 || uris[0] != "https://app.example.com/callback/acme" {
		t.Error(uris)
	}

	for field, changes := range map[string][]func(*social.Config){
		"AppURL": {
			func(c *social.Config) { c.AppURL = "" },
			func(c *social.Config) { c.AppURL = "app.example.com" },
			func(c *social.Config) { c.AppURL = "https://münchen.example.com" },
			func(c *social.Config) { c.AppURL = "https://ap\u0130.example.com" },
			func(c *social.Config) { c.AppURL = "http://app.example.com" },
			func(c *social.Config) { c.AppURL = "http://localhost.example.com" },
			func(c *social.Config) { c.AppURL = "https://app.example.com/path" },
			func(c *social.Config) { c.AppURL = "https://user@app.example.com" },
			func(c *social.Config) { c.AppURL = "https://app.example.com?a" },
			func(c *social.Config) { c.AppURL = "https://app.example.com#a" },
			func(c *social.Config) { c.AppURL = "https://:443" },
			func(c *social.Config) { c.AppURL = "ftp://localhost" },
		},
		"URLPrefix": {
			func(c *social.Config) { c.URLPrefix = "social" },
			func(c *social.Config) { c.URLPrefix = "/" },
			func(c *social.Config) { c.URLPrefix = "/social/" },
			func(c *social.Config) { c.URLPrefix = "//social" },
			func(c *social.Config) { c.URLPrefix = "/{x}" },
			func(c *social.Config) { c.URLPrefix = "/.." },
		},
		"Connections": {func(c *social.Config) { c.Connections = nil }},
		"Vault": {
			func(c *social.Config) { c.Vault = soc.Vault() },
			func(c *social.Config) { c.Vault, c.Connections = soc.Vault(), nil },
			func(c *social.Config) {
				c.Vault, c.Connections, c.Providers, c.Timeout = soc.Vault(), nil, nil, time.Second
			},
			func(c *social.Config) {
				c.Vault, c.Connections, c.Providers, c.Limits = soc.Vault(), nil, nil, vault.Limits{Concurrency: 1}
			},
		},
		"Source":       {func(c *social.Config) { c.Source = &directory{} }},
		"Users":        {func(c *social.Config) { c.Users = nil }},
		"Keys":         {func(c *social.Config) { c.Keys = nil }},
		"PostLogin":    {func(c *social.Config) { c.PostLogin = "//evil" }, func(c *social.Config) { c.PostLogin = "profile" }},
		"ConnectAllow": {func(c *social.Config) { c.ConnectAllow = "javascript:x" }},
		"ConnectDeny":  {func(c *social.Config) { c.ConnectDeny = `/\x` }},
		"LoginPage":    {func(c *social.Config) { c.LoginPage = "login" }},
		"PostLoginSessionKey": {
			func(c *social.Config) { c.PostLoginSessionKey = "a;b" },
			func(c *social.Config) { c.PostLoginSessionKey = c.PostConnectSessionKey + "post_oauth_connect_url" },
		},
		"SignUp": {
			func(c *social.Config) { c.SignUp = "always" },
			func(c *social.Config) { c.SignUp = social.Auto },
		},
		"LinkVerifiedEmail": {func(c *social.Config) { c.LinkVerifiedEmail = true }},
		"FlowTTL":           {func(c *social.Config) { c.FlowTTL = -1 }},
		"provider": {
			func(c *social.Config) { c.Providers = append(c.Providers, c.Providers[0]) },
			func(c *social.Config) {
				c.Providers = append(c.Providers, newStub("../x", "X", oauth.ProtocolOAuth2))
			},
			func(c *social.Config) { c.Providers = append(c.Providers, nil) },
		},
	} {
		for i, change := range changes {
			c := valid()
			change(&c)
			if _, err := social.New(c); err == nil || !strings.Contains(err.Error(), field) {
				t.Errorf("%s %d: %v", field, i, err)
			}
		}
	}
	for _, url := range []string{"http://localhost:8080", "http://127.0.0.1:8080/", "http://[::1]:8080", "http://app.localhost", "https://APP.example.com:8443"} {
		c := valid()
		c.AppURL = url
		if _, err := social.New(c); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
