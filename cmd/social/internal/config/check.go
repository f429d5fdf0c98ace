package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

var pragmas = regexp.MustCompile(`^[a-z_]+=-?[A-Za-z0-9_]+$`)

// check checks what types cannot express and no other package checks.
func (c *Config) check() error {
	var wrong []error
	if !slices.Contains([]string{"off", "optional", "required"}, c.TwoFactor) {
		wrong = append(wrong, fmt.Errorf("two_factor must be off, optional or required, not %q", c.TwoFactor))
	}
	if !slices.Contains([]string{"off", "optional", "required"}, c.Username) {
		wrong = append(wrong, fmt.Errorf("username must be off, optional or required, not %q", c.Username))
	}
	if c.TwoFactor == "off" && len(c.TwoFactorRoles) > 0 {
		wrong = append(wrong, errors.New("two_factor_roles needs a two_factor that is not off"))
	}
	for _, scope := range c.TokenScopes {
		if name, text, ok := strings.Cut(scope, "="); !ok || name == "" || text == "" || strings.ContainsAny(name, " \"\\") {
			wrong = append(wrong, fmt.Errorf("token_scopes: %q must be a name without spaces and a text, such as notes.read=read your notes", scope))
		}
	}
	if c.TokenLifetime < time.Second || c.TokenMax < 0 || c.TokenMax > 0 && c.TokenLifetime > c.TokenMax {
		wrong = append(wrong, fmt.Errorf("token_lifetime must be 1s or longer, and not above token_max (%v), but is %v", c.TokenMax, c.TokenLifetime))
	}
	if c.BasicAuth && !strings.HasPrefix(c.AppURL, "https://") && !c.OnThisMachine() {
		wrong = append(wrong, errors.New("basic_auth needs an app_url with https, because passwords are in every request"))
	}
	if !slices.Contains([]string{"refuse", "form", "auto"}, c.SignUp) {
		wrong = append(wrong, fmt.Errorf("signup must be refuse, form or auto, not %q", c.SignUp))
	}
	if c.Listen == "" {
		wrong = append(wrong, errors.New("listen is missing: the address to serve on, such as 127.0.0.1:8080"))
	}
	if c.PagesPrefix && c.URLPrefix == "" {
		wrong = append(wrong, errors.New("pages_prefix puts the pages below url_prefix, which is missing"))
	}
	if c.MetricsListen != "" && c.MetricsListen == c.Listen {
		wrong = append(wrong, errors.New("metrics_listen is the same as listen: metrics need an address of their own, such as 127.0.0.1:9090"))
	}
	if c.Gateway {
		wrong = append(wrong, c.checkGateway()...)
	}
	if len(c.Keys) == 0 {
		wrong = append(wrong, errors.New("keys is missing: make a key with social keys new, and give it as keys in the file or as SOCIAL_KEYS"))
	}
	for _, pragma := range c.SQLitePragmas {
		if !pragmas.MatchString(pragma) {
			wrong = append(wrong, fmt.Errorf("sqlite_pragmas: %q must be a name and a value, such as synchronous=FULL", pragma))
		}
	}
	for _, lifetime := range []struct {
		key   string
		value time.Duration
	}{{"session_lifetime", c.SessionLifetime}, {"remember_lifetime", c.RememberLifetime}} {
		if lifetime.value < 10*time.Minute {
			wrong = append(wrong, fmt.Errorf("%s must be 10m or longer, not %v, because use is noted every five minutes", lifetime.key, lifetime.value))
		}
	}
	if c.SessionStaleness < 0 || c.SessionStaleness > time.Minute {
		wrong = append(wrong, fmt.Errorf("session_staleness must be between 0s and 1m, not %v: other processes take an ended session as good for so long", c.SessionStaleness))
	}
	for _, within := range []struct {
		key   string
		value time.Duration
	}{{"reset_within", c.ResetWithin}, {"confirm_within", c.ConfirmWithin}, {"magic_link_within", c.MagicLinkWithin},
		{"change_email_within", c.ChangeEmailWithin}, {"undo_within", c.UndoWithin}} {
		if within.value < time.Minute {
			wrong = append(wrong, fmt.Errorf("%s must be 1m or longer, not %v: a mail takes its time", within.key, within.value))
		}
	}
	if c.KeepAliveConcurrency < 1 || c.KeepAliveConcurrency > 64 {
		wrong = append(wrong, fmt.Errorf("keep_alive_concurrency must be between 1 and 64, not %d: all calls to one provider share 64 places; without it, it is 8", c.KeepAliveConcurrency))
	}
	if c.AuditRetention != 0 && c.AuditRetention < 24*time.Hour {
		wrong = append(wrong, fmt.Errorf("audit_retention must be 24h or longer, or 0s to keep the audit log for good, not %v", c.AuditRetention))
	}
	if c.DeletionGrace <= 0 {
		wrong = append(wrong, fmt.Errorf("deletion_grace must be above 0, not %v; social users delete deletes at once", c.DeletionGrace))
	}
	if c.HashMemory != 0 && c.HashMemory < 19 {
		wrong = append(wrong, fmt.Errorf("hash_memory must be 19 (MiB) or more, which one password takes, not %d", c.HashMemory))
	}
	if c.ConfirmEmail && !c.SendsMail() {
		wrong = append(wrong, errors.New("confirm_email needs smtp, a mail server such as smtp://user:password@mail.example.com:587, or mail_to_log: true"))
	}
	if c.SMTP != "" && c.MailToLog {
		wrong = append(wrong, errors.New("smtp and mail_to_log: true exclude each other: remove one of them"))
	}
	var padded []string
	for _, id := range c.Order {
		p := c.Providers[id]
		for i, c := range p.AllCredentials() {
			at, clientID, clientSecret := "providers."+id+".", "consumer_key", "consumer_secret"
			if inList := i - (len(p.AllCredentials()) - len(p.Credentials)); inList >= 0 {
				at, clientID, clientSecret = fmt.Sprintf("%scredentials.%d.", at, inList+1), "client_id", "client_secret"
			}
			if c.ClientID == "" {
				wrong = append(wrong, errors.New(at+clientID+" is missing"))
			}
			for _, one := range [...]struct{ key, text string }{{clientID, c.ClientID}, {clientSecret, c.ClientSecret.Reveal()}} {
				if strings.TrimSpace(one.text) != one.text {
					padded = append(padded, at+one.key+" begins or ends with white space, which is sent along: remove it if it does not belong there")
				}
			}
			switch {
			case c.ClientSecret == "" && c.PrivateKey == "" && p.TokenAuth != "private_key_jwt" && p.TokenAuth != "none":
				wrong = append(wrong, errors.New(at+clientSecret+" is missing; a public client, which has none, needs token_auth: none"))
			case c.ClientSecret != "" && p.TokenAuth == "none":
				wrong = append(wrong, fmt.Errorf("%s%s is not sent with token_auth: none, which is for public clients: remove one of them", at, clientSecret))
			}
		}
	}
	c.Warnings = slices.Concat(c.Warnings, padded, c.sameNames(), c.plainAddresses())
	if len(wrong) > 0 {
		return fmt.Errorf("configuration: %w", errors.Join(wrong...))
	}
	return nil
}

// plainAddresses warns of addresses that no request will reach.
func (c *Config) plainAddresses() (warnings []string) {
	if c.AllowPrivateAddresses {
		return nil
	}
	for _, id := range c.Order {
		p := c.Providers[id]
		e := p.Endpoints
		for _, one := range []struct{ key, address string }{
			{"issuer", p.Issuer}, {"endpoints.request_token", e.RequestToken}, {"endpoints.token", e.Token},
			{"endpoints.userinfo", e.UserInfo}, {"endpoints.emails", e.Emails}, {"endpoints.keys", e.Keys}, {"endpoints.revoke", e.Revoke},
		} {
			if strings.HasPrefix(strings.ToLower(one.address), "http:") {
				warnings = append(warnings, fmt.Sprintf("providers.%s.%s is %s, which cannot be reached: use https or, for a provider of your own network, set allow_private_addresses to true", id, one.key, one.address))
				break
			}
		}
	}
	return warnings
}

// sameNames warns of buttons that people cannot tell apart.
func (c *Config) sameNames() (warnings []string) {
	seen := map[string]string{}
	for _, id := range c.Order {
		p := c.Providers[id]
		name := p.Name
		if name == "" {
			name = "of " + p.Type // the catalog's
			if p.Type == "" {
				name = "of " + id
			}
		}
		if other := seen[name]; other != "" && name != "of oidc" && name != "of oauth2" && name != "of oauth1" {
			warnings = append(warnings, fmt.Sprintf("providers.%s and providers.%s have one name on their buttons: set providers.%s.name", other, id, id))
		}
		seen[name] = id
	}
	return warnings
}

// ignoredProxies warns of variables that name a proxy for outbound requests when none is
// used.
func (c *Config) ignoredProxies(environ []string) (warnings []string) {
	if c.AllowPrivateAddresses {
		return nil
	}
	var set []string
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		switch strings.ToUpper(name) {
		case "HTTP_PROXY", "HTTPS_PROXY":
			if value != "" {
				set = append(set, name)
			}
		}
	}
	if len(set) == 0 {
		return nil
	}
	slices.Sort(set)
	return []string{strings.Join(set, " and ") + " is not used: requests to providers go out directly, because the guard against private addresses has to see where they go. " +
		"If only the proxy reaches the internet, set allow_private_addresses to true and let the proxy refuse private addresses"}
}
