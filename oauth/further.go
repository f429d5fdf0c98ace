package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// A FurtherCall asks, by GET and with the token, for a part of the profile that the user
// info does not have.
type FurtherCall struct {
	// Name is the member that the answer becomes, of the document that Profile reads.
	Name string

	// Address may have paths of that document in braces, whose values are escaped:
	// "https://api.example.com/users/{id}". "" means Endpoints.Emails, without which the
	// call is left out.
	Address string
	Params  url.Values

	// Optional leaves the member out where the call is refused with status 403 or 404:
	// the user, or the application's registration, did not grant it.
	Optional bool

	// PageParam, when set, names the parameter of the page's number, from 1 on. The
	// answers are lists, which become one: until one has fewer than PageSize entries, or
	// ten were read.
	PageParam string
	PageSize  int
}

const mostPages = 10

func (f *FurtherCall) check(e *Endpoints) error {
	switch {
	case f.Name == "" || strings.ContainsAny(f.Name, `.|" {}[]`):
		return fmt.Errorf("the name %q in Further is no name of a member", f.Name)
	case f.PageParam != "" && f.PageSize <= 0:
		return fmt.Errorf("call %s of Further has pages, and no PageSize", f.Name)
	}
	if f.address(e) == "" {
		return nil
	}
	address, err := fillPath(nil, f.address(e), func([]byte) string { return "x" })
	if err != nil {
		return fmt.Errorf("call %s of Further: %w", f.Name, err)
	}
	_, err = checkFilled("the address of "+f.Name+" in Further", address)
	return err
}

func (f *FurtherCall) address(e *Endpoints) string {
	if f.Address == "" {
		return e.Emails
	}
	return f.Address
}

// further makes the further calls, and returns the document with their answers.
func (c *oauth2Client) further(ctx context.Context, doc json.RawMessage, t Token) (json.RawMessage, error) {
	for i := range c.p.Further {
		f := &c.p.Further[i]
		if f.address(&c.p.Endpoints) == "" {
			continue
		}
		var answer json.RawMessage
		address, err := fillPath(doc, f.address(&c.p.Endpoints), plainText)
		if err != nil {
			return nil, c.failure(Invalid, opUserInfo, err)
		}
		if f.PageParam == "" {
			answer, err = c.get(ctx, address, t, f.Params)
		} else {
			answer, err = c.pages(ctx, f, address, t)
		}
		var refused *ProviderError
		if f.Optional && errors.As(err, &refused) && (refused.Status == http.StatusForbidden || refused.Status == http.StatusNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if doc, err = withMember(doc, f.Name, answer); err != nil {
			return nil, c.failure(Invalid, opUserInfo, err)
		}
	}
	return doc, nil
}

// pages reads a list of several pages.
func (c *oauth2Client) pages(ctx context.Context, f *FurtherCall, address string, t Token) (json.RawMessage, error) {
	var all []json.RawMessage
	for page := 1; page <= mostPages; page++ {
		params := url.Values{f.PageParam: {strconv.Itoa(page)}}
		for name, values := range f.Params {
			params[name] = values
		}
		answer, err := c.get(ctx, address, t, params)
		if err != nil {
			return nil, err
		}
		var list []json.RawMessage
		if err := json.Unmarshal(answer, &list); err != nil {
			return nil, c.failure(Invalid, opUserInfo, fmt.Errorf("%s is not the list that it should be", f.Name))
		}
		if all = append(all, list...); len(list) < f.PageSize {
			break
		}
	}
	joined, _ := json.Marshal(all) // as valid as the answers
	return joined, nil
}

// withMember returns an object with one more member, the first: of one name the last
// counts, which is the user info's own.
func withMember(object json.RawMessage, name string, value json.RawMessage) (json.RawMessage, error) {
	rest := trimLeft(object)
	if !bytes.HasPrefix(rest, []byte("{")) {
		return nil, errors.New("the profile is not an object")
	}
	doc := fmt.Appendf(nil, "{%q:%s", name, value)
	if rest = trimLeft(rest[1:]); rest[0] != '}' {
		doc = append(doc, ',')
	}
	return append(doc, rest...), nil
}

// fillPath puts values of a document into an address.
func fillPath(doc json.RawMessage, address string, text func([]byte) string) (string, error) {
	var b strings.Builder
	for rest := address; ; {
		literal, after, ok := strings.Cut(rest, "{")
		b.WriteString(literal)
		if !ok {
			return b.String(), nil
		}
		path, next, ok := strings.Cut(after, "}")
		if !ok {
			return "", errors.New("the braces of an address do not match")
		}
		rest = next
		if isOfToken(path) {
			b.WriteString("{" + path + "}") // filled later
			continue
		}
		value := text(at(doc, path))
		if value == "" {
			return "", fmt.Errorf("the profile has no %s, which a further call needs", path)
		}
		if strings.Contains(b.String(), "?") {
			b.WriteString(url.QueryEscape(value))
			continue
		}
		part, err := pathPart(path, value)
		if err != nil {
			return "", err
		}
		b.WriteString(part)
	}
}
