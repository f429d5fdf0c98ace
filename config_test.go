package social_test

import (
	"context"
	"net/http"
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
		c.LoginPage != "/login" || c.RegisterPage != "/register" || c.SignUp != social.Refuse || c.FlowTTL != 10*time.Minute || c.Timeout != 15*time.Second ||
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
			func(c *social.Config) { c.Vault, c.Providers = soc.Vault(), nil },
			func(c *social.Config) {
				c.Vault, c.Connections, c.Providers, c.Source = soc.Vault(), nil, nil, &directory{}
			},
			func(c *social.Config) {
				c.Vault, c.Connections, c.Providers, c.AllowPrivateAddresses = soc.Vault(), nil, nil, true
			},
			func(c *social.Config) {
				c.Vault, c.Connections, c.Providers, c.KeepAlive = soc.Vault(), nil, nil, time.Hour
			},
			func(c *social.Config) {
				c.Vault, c.Connections, c.Providers, c.Transport = soc.Vault(), nil, nil, http.DefaultTransport
			},
			func(c *social.Config) {
				c.Vault, c.Connections, c.Providers, c.OnCall = soc.Vault(), nil, nil, func(context.Context, vault.Call) {}
			},
		},
		"AppURL: write the host":  {func(c *social.Config) { c.AppURL = "https://münchen.example.com" }, func(c *social.Config) { c.AppURL = "https://ap\u0130.example.com" }},
		"AppURL is missing":       {func(c *social.Config) { c.AppURL = "" }},
		"AppURL: want an address": {func(c *social.Config) { c.AppURL = "https://[::1" }, func(c *social.Config) { c.AppURL = "https://a%25b.example.com" }, func(c *social.Config) { c.AppURL = "https://*.example.com" }, func(c *social.Config) { c.AppURL = "https://:443" }},
		"AppURL: want scheme and": {func(c *social.Config) { c.AppURL = "https://app.example.com?" }, func(c *social.Config) { c.AppURL = "https://app.example.com/x" }},
		"AppURL: want https, or":  {func(c *social.Config) { c.AppURL = "http://10.0.0.1" }, func(c *social.Config) { c.AppURL = "ftp://app.example.com" }},
		"RegisterPage":            {func(c *social.Config) { c.RegisterPage = "register" }},
		"ConnectPage":             {func(c *social.Config) { c.ConnectPage = "pending" }},
		"PostConnectSessionKey":   {func(c *social.Config) { c.PostConnectSessionKey = "a;b" }},
		"Timeout":                 {func(c *social.Config) { c.Timeout = -1 }},
		"Source":                  {func(c *social.Config) { c.Source = &directory{} }},
		"Users":                   {func(c *social.Config) { c.Users = nil }},
		"Keys":                    {func(c *social.Config) { c.Keys = nil }},
		"PostLogin":               {func(c *social.Config) { c.PostLogin = "//evil" }, func(c *social.Config) { c.PostLogin = "profile" }},
		"ConnectAllow":            {func(c *social.Config) { c.ConnectAllow = "javascript:x" }},
		"ConnectDeny":             {func(c *social.Config) { c.ConnectDeny = `/\x` }},
		"LoginPage":               {func(c *social.Config) { c.LoginPage = "login" }},
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
			if _, err := social.New(c); err == nil || !strings.Contains(err.Error(), field) || field != "provider" && !strings.HasPrefix(err.Error(), "social: ") {
				t.Errorf("%s %d: %v", field, i, err)
			}
		}
	}
	for _, url := range []string{"http://localhost:8080", "http://127.0.0.1:8080/", "http://[::1]:8080", "http://app.localhost", "http://LOCALHOST", "https://APP.example.com:8443"} {
		c := valid()
		c.AppURL = url
		if soc, err := social.New(c); err != nil || soc.Config().AppURL != strings.ToLower(strings.TrimSuffix(url, "/")) {
			t.Errorf("%s: %v", url, err)
		}
	}
	for url, want := range map[string]string{
		"https://app.example.com:443": "https://app.example.com", "http://localhost:80/": "http://localhost", "https://app.example.com:": "https://app.example.com",
	} {
		c := valid()
		c.AppURL = url
		if soc, err := social.New(c); err != nil || soc.Config().AppURL != want {
			t.Errorf("%s: %v", url, err)
		}
	}
	in := valid()
	in.Timeout, in.FlowTTL, in.TrustedOrigins = time.Minute, time.Hour, []string{"https://SPA.example.com:443/"}
	soc, err = social.New(in)
	must(t, err)
	if c := soc.Config(); c.Timeout != time.Minute || c.FlowTTL != time.Hour || c.TrustedOrigins[0] != "https://spa.example.com" {
		t.Errorf("%+v", c)
	}
	if in.TrustedOrigins[0] != "https://SPA.example.com:443/" {
		t.Errorf("the caller's list has %q now", in.TrustedOrigins)
	}
}
