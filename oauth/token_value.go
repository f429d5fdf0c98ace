package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gosocial/social/internal/fold"
	"github.com/gosocial/social/secret"
)

// Some providers say in the token answer, or in the callback, what their addresses need:
// who the user is, or which of their hosts keeps the account. Such values stand in
// addresses, parameters and the mapping as {token:NAME} and {callback:NAME}, and are kept
// with the token, as Token.Extra, under "token:NAME" and "callback:NAME".
const (
	ofTokenPrefix    = "token:"
	ofCallbackPrefix = "callback:"
)

func isOfToken(name string) bool {
	return strings.HasPrefix(name, ofTokenPrefix) || strings.HasPrefix(name, ofCallbackPrefix)
}

var tokenPlaceholder = regexp.MustCompile(`\{(?:token|callback):[^{}]+\}`)

// placeholdersIn returns the names of the values that a text has.
func placeholdersIn(text string) []string {
	names := tokenPlaceholder.FindAllString(text, -1)
	for i := range names {
		names[i] = strings.Trim(names[i], "{}")
	}
	return names
}

// quotedPlaceholder is a placeholder as a mapping reads it: the name of one member.
func quotedPlaceholder(placeholder string) string {
	return `{"` + strings.Trim(placeholder, "{}") + `"}`
}

// valuesOfToken returns the names of the values that the provider needs.
func valuesOfToken(p *OAuth2) []string {
	names := map[string]bool{}
	find := func(text string) {
		for _, name := range placeholdersIn(text) {
			names[name] = true
		}
	}
	for _, text := range [...]string{p.Endpoints.Token, p.Endpoints.UserInfo, p.Endpoints.Revoke} {
		find(text)
	}
	for _, path := range p.Profile.paths() {
		find(*path)
	}
	values := []url.Values{p.TokenParams, p.RefreshParams, p.UserInfoParams, p.Revocation.Params}
	for _, f := range p.Further {
		find(f.Address)
		values = append(values, f.Params)
	}
	for _, params := range values {
		for _, list := range params {
			find(strings.Join(list, " "))
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// keepOfCallback returns what is kept of a callback with the token.
func (c *oauth2Client) keepOfCallback(callback url.Values) map[string]secret.Text {
	var kept map[string]secret.Text
	keep := func(name, parameter string) {
		if value := callback.Get(parameter); value != "" && len(value) <= maxField {
			if kept == nil {
				kept = map[string]secret.Text{}
			}
			kept[name] = secret.Text(value)
		}
	}
	for _, name := range c.needed {
		if parameter, ok := strings.CutPrefix(name, ofCallbackPrefix); ok {
			keep(name, parameter)
		}
	}
	return kept
}

// keepOfToken returns what is kept of a token answer, else of the token before.
func (c *oauth2Client) keepOfToken(before map[string]secret.Text, body []byte) map[string]secret.Text {
	if len(c.needed) == 0 {
		return before
	}
	kept := maps.Clone(before)
	if kept == nil {
		kept = make(map[string]secret.Text, len(c.needed))
	}
	var form url.Values
	isJSON := json.Valid(body)
	if !isJSON {
		form, _ = url.ParseQuery(string(bytes.TrimSpace(body)))
	}
	for _, name := range c.needed {
		path, ok := strings.CutPrefix(name, ofTokenPrefix)
		if !ok {
			continue
		}
		value := form.Get(path)
		if isJSON {
			value = plainText(at(body, path))
		}
		if value != "" && len(value) <= maxField {
			kept[name] = secret.Text(value)
		}
	}
	return kept
}

var plainHost = regexp.MustCompile(`^[a-zA-Z0-9.-]+$`)

// filledBy puts the token's values into an address and parameters. The caller checks the
// host.
func filledBy(t Token, address string, params url.Values) (string, url.Values, error) {
	var failed error
	text := func(text string, value func(before, name string) (string, error)) string {
		var b strings.Builder
		last := 0
		for _, at := range tokenPlaceholder.FindAllStringIndex(text, -1) {
			b.WriteString(text[last:at[0]])
			filled, err := value(b.String(), text[at[0]+1:at[1]-1])
			if err != nil {
				failed = err
			}
			b.WriteString(filled)
			last = at[1]
		}
		b.WriteString(text[last:])
		return b.String()
	}
	plain := func(_, name string) (string, error) {
		value := t.Extra[name].Reveal()
		if value == "" {
			return "", fmt.Errorf("the provider did not say %s", name)
		}
		return value, nil
	}
	filled := text(address, func(before, name string) (string, error) {
		value, err := plain(before, name)
		if err != nil {
			return "", err
		}
		// Users can change a callback: there is one way to write a host, since the profile's
		// subject may have it, and no path of theirs below it.
		ofBrowser := strings.HasPrefix(name, ofCallbackPrefix)
		switch {
		case before == "":
			u, err := url.Parse(value)
			if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || ofBrowser && value != u.Scheme+"://"+fold.ASCII(u.Host) {
				return "", fmt.Errorf("%s is not the address that it should be", name)
			}
			return strings.TrimSuffix(value, "/"), nil
		case strings.HasSuffix(before, "://"):
			if !plainHost.MatchString(value) || ofBrowser && value != fold.ASCII(value) {
				return "", fmt.Errorf("%s is not the host that it should be", name)
			}
			return value, nil
		case strings.Contains(before, "?"):
			return url.QueryEscape(value), nil
		}
		return pathPart(name, value)
	})
	var values url.Values
	for name, list := range params {
		if values == nil {
			values = make(url.Values, len(params))
		}
		for _, value := range list {
			values[name] = append(values[name], text(value, plain))
		}
	}
	return filled, values, failed
}

// pathPart writes a value as one part of a path. Servers take "." and ".." for steps to
// another address, escaped or not (RFC 3986 §5.2.4).
func pathPart(name, value string) (string, error) {
	if value == "." || value == ".." {
		return "", fmt.Errorf("%s is %q, which is no part of an address", name, value)
	}
	return url.PathEscape(value), nil
}

// endpointOf puts the token's values into the address of an endpoint, which gets a secret.
func (c *oauth2Client) endpointOf(t Token, name, address string) (string, error) {
	if len(c.needed) == 0 || !tokenPlaceholder.MatchString(address) {
		return address, nil
	}
	address, _, err := filledBy(t, address, nil)
	if err != nil {
		return "", err
	}
	if u, err := url.Parse(address); err != nil || !c.hosts.Allows(u) {
		return "", fmt.Errorf("the host of the %s is not one of the provider", name)
	}
	return address, nil
}

// paramsOf puts the token's values into parameters.
func (c *oauth2Client) paramsOf(t Token, params url.Values) (url.Values, error) {
	if len(c.needed) == 0 {
		return params, nil
	}
	_, params, err := filledBy(t, "", params)
	return params, err
}

// withValues puts the values that the mapping has into a document, in place of what an
// answer may have under their names.
func (c *oauth2Client) withValues(doc json.RawMessage, t Token) json.RawMessage {
	if len(c.mapped) == 0 {
		return doc
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(doc, &object) != nil || object == nil {
		return doc // it has no subject
	}
	for _, name := range c.mapped {
		object[name], _ = json.Marshal(t.Extra[name].Reveal()) // a text has a JSON form
	}
	filled, _ := json.Marshal(object) // as valid as the answer
	return filled
}

// checkTokenEndpoint checks Endpoints.Token and TokenParams, which cannot have of the token.
func checkTokenEndpoint(p *OAuth2) error {
	if strings.Contains(p.Endpoints.Token, "{"+ofTokenPrefix) {
		return errors.New("Endpoints.Token cannot have {token:NAME}: there is no token yet")
	}
	for name, values := range p.TokenParams {
		if strings.Contains(strings.Join(values, " "), "{"+ofTokenPrefix) {
			return fmt.Errorf("%s of TokenParams cannot have {token:NAME}: there is no token yet", name)
		}
	}
	_, err := checkFilled("Endpoints.Token", p.Endpoints.Token)
	return err
}

// checkFilled checks an address as it will be with the token's values, and reports whether
// its host is among them.
func checkFilled(field, address string) (hostLater bool, err error) {
	hostLater = strings.HasPrefix(address, "{") || strings.Contains(address, "://{")
	address = sample(address)
	if strings.ContainsAny(address, "{}") {
		return hostLater, errors.New(field + " has braces that are not {token:NAME} or {callback:NAME}")
	}
	return hostLater, checkAddress(field, address)
}

// sample is an address as it may be with the token's values.
func sample(address string) string {
	for _, placeholder := range tokenPlaceholder.FindAllString(address, -1) {
		value := "x"
		if strings.HasPrefix(address, placeholder) {
			value = "https://x.test"
		}
		address = strings.Replace(address, placeholder, value, 1)
	}
	return address
}
