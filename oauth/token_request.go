package oauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A TokenBody is how a token request carries its parameters.
type TokenBody string

// The bodies of token requests. All but the first are of providers that do not keep to
// RFC 6749 §4.1.3.
const (
	BodyForm  TokenBody = ""      // a form
	BodyJSON  TokenBody = "json"  // an object of texts
	BodyQuery TokenBody = "query" // none: the parameters are in the query of a GET
)

func (b TokenBody) check() error {
	switch b {
	case BodyForm, BodyJSON, BodyQuery:
		return nil
	}
	return fmt.Errorf("TokenBody cannot be %q", string(b))
}

// name returns the provider's name of a parameter.
func (p *OAuth2) name(standard string) string {
	if own, ok := p.Names[standard]; ok {
		return own
	}
	return standard
}

// tokenNames are the names at the token endpoint.
func (p *OAuth2) tokenNames() map[string]string {
	if p.TokenNames != nil {
		return p.TokenNames
	}
	return p.Names
}

// rename gives the parameters of a request to the token endpoint the provider's names.
func (p *OAuth2) rename(form url.Values) {
	for standard, own := range p.tokenNames() {
		if values, ok := form[standard]; ok {
			delete(form, standard)
			form[own] = values
		}
	}
}

// checkRepeats says what is wrong with TokenRepeats.
func (p *OAuth2) checkRepeats() error {
	for _, name := range p.TokenRepeats {
		if name != "redirect_uri" && name != "scope" {
			return fmt.Errorf("TokenRepeats cannot have %q", name)
		}
	}
	return nil
}

func (p *OAuth2) repeats(name string) bool { return slices.Contains(p.TokenRepeats, name) }

// repeatScope adds the scopes to a form that has to have them.
func (c *oauth2Client) repeatScope(form url.Values, scopes []string) {
	if len(scopes) > 0 && c.p.repeats("scope") {
		form.Set("scope", c.p.joinScopes(scopes))
	}
}

// joinScopes writes scopes as the provider reads them.
func (p *OAuth2) joinScopes(scopes []string) string {
	return strings.Join(scopes, cmp.Or(p.ScopeSeparator, " "))
}

// post makes a form request that proves who the client is.
func (c *oauth2Client) post(ctx context.Context, auth *clientAuth, address string, form url.Values) (*http.Request, error) {
	return c.proved(ctx, auth, address, form, BodyForm)
}

// proved makes a request with the parameters that proves who the client is.
func (c *oauth2Client) proved(ctx context.Context, auth *clientAuth, address string, form url.Values, as TokenBody) (*http.Request, error) {
	header, err := auth.prove(form, address, c.env.Now())
	if err != nil {
		return nil, err
	}
	c.p.rename(form)
	req, err := requestWith(ctx, address, form, as)
	if err != nil {
		return nil, errors.New("the address is not a URL")
	}
	req.Header.Set("Accept", "application/json")
	for name, values := range c.forClient(c.p.TokenHeader, auth.Credentials) {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	c.setUserAgent(req)
	if header != "" {
		req.Header.Set("Authorization", header)
	}
	return req, nil
}

func requestWith(ctx context.Context, address string, form url.Values, as TokenBody) (*http.Request, error) {
	method, body, kind := http.MethodPost, form.Encode(), "application/x-www-form-urlencoded"
	switch as {
	case BodyJSON:
		object := make(map[string]string, len(form))
		for name := range form {
			object[name] = form.Get(name)
		}
		text, _ := json.Marshal(object) // texts have a JSON form
		body, kind = string(text), "application/json"
	case BodyQuery:
		method, body, kind = http.MethodGet, "", ""
	}
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if as == BodyQuery {
		addParams(req.URL, form)
	} else {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}

// tokenObject returns the object of an answer that has the token, with the standard's
// names: the whole answer where there is no such object, as in errors.
func (p *OAuth2) tokenObject(body []byte) []byte {
	if p.TokenAt != "" && json.Valid(body) {
		if object := at(body, p.TokenAt); len(object) > 0 && object[0] == '{' {
			body = object
		}
	}
	names := p.tokenNames()
	if len(names) == 0 {
		return body
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return body
	}
	for standard, own := range names {
		if value, ok := object[own]; ok && object[standard] == nil {
			object[standard] = value
		}
	}
	renamed, _ := json.Marshal(object) // as valid as the answer
	return renamed
}
