package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var pragmas = regexp.MustCompile(`^[a-z_]+=-?[A-Za-z0-9_]+$`)

// check checks what types cannot express and no other package checks.
func (c *Config) check() error {
	var wrong []error
	if !slices.Contains([]string{"refuse", "form", "auto"}, c.SignUp) {
		wrong = append(wrong, fmt.Errorf("signup must be refuse, form or auto, not %q", c.SignUp))
	}
	if c.Listen == "" {
		wrong = append(wrong, errors.New("listen is missing: the address to serve on, such as 127.0.0.1:8080"))
	}
	if len(c.Keys) == 0 {
		wrong = append(wrong, errors.New("keys is missing: make a key with social keys new"))
	}
	for _, pragma := range c.SQLitePragmas {
		if !pragmas.MatchString(pragma) {
			wrong = append(wrong, fmt.Errorf("sqlite_pragmas: %q must be a name and a value, such as synchronous=FULL", pragma))
		}
	}
	if c.ConfirmEmail {
		wrong = append(wrong, errors.New("confirm_email must be false, because this version does not send mail yet"))
	}
	if c.SMTP != "" {
		c.Warnings = append(c.Warnings, "smtp has no effect, because this version does not send mail yet")
	}
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
			if c.ClientSecret == "" && c.PrivateKey == "" && !strings.HasPrefix(p.TokenAuth, "private") {
				wrong = append(wrong, errors.New(at+clientSecret+" is missing"))
			}
		}
		if !slices.Contains([]string{"", "oidc", "oauth2", "oauth1"}, p.Type) {
			wrong = append(wrong, fmt.Errorf("providers.%s.type must be oidc, oauth2 or oauth1, not %q", id, p.Type))
		}
		if !slices.Contains([]string{"", "query", "form_post"}, p.ResponseMode) {
			wrong = append(wrong, fmt.Errorf("providers.%s.response_mode must be query or form_post, not %q", id, p.ResponseMode))
		}
		if !slices.Contains([]string{"", "basic", "post", "private_key_jwt"}, p.TokenAuth) {
			wrong = append(wrong, fmt.Errorf("providers.%s.token_auth must be basic, post or private_key_jwt, not %q", id, p.TokenAuth))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("configuration: %w", errors.Join(wrong...))
	}
	return nil
}
