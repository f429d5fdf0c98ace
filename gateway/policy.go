package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gosocial/social/vault"
)

var problemNotAllowed = &problem{status: http.StatusForbidden, code: "not_allowed", detail: "The client's policy does not allow this call. Nothing was sent."}

// checkPolicy checks what people enter.
func checkPolicy(policy map[string]Policy) error {
	for id, p := range policy {
		if !vault.ValidProviderID(id) {
			return fmt.Errorf("gateway: the policy names %q, which is no provider's ID", id)
		}
		for _, method := range p.Methods {
			if method == "" || method != strings.ToUpper(method) {
				return fmt.Errorf("gateway: %q in the policy is no method: methods are in capitals, as GET", method)
			}
		}
		for _, path := range p.Paths {
			if readings, ok := readPath(path); !ok || len(readings) != 1 || !strings.HasPrefix(path, "/") {
				return errors.New("gateway: a path of the policy is a plain prefix that begins with /, as /calendar/")
			}
		}
	}
	return nil
}

// allows reports whether the policy allows a call. A path has to be within it in each way in
// which a server may read it. Paths are those of the API's address: a policy with paths allows
// no other host.
func (p Policy) allows(method string, t *proxyTarget) bool {
	if len(p.Methods) > 0 && (!slices.Contains(p.Methods, method) || !p.allowsOverride(t.url.RawQuery)) {
		return false
	}
	if len(p.Paths) == 0 {
		return true
	}
	return !t.atHost && !slices.ContainsFunc(t.readings, func(path string) bool {
		return !slices.ContainsFunc(p.Paths, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
	})
}

// allowsOverride reports whether a query asks for no method that the policy lacks, as some APIs
// let a parameter do.
func (p Policy) allowsOverride(query string) bool {
	for pair := range strings.FieldsFuncSeq(query, func(c rune) bool { return c == '&' || c == ';' }) {
		name, value, _ := strings.Cut(pair, "=")
		name, _ = url.QueryUnescape(name)
		value, _ = url.QueryUnescape(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "method", "_method", "x-http-method", "x-http-method-override", "x-method-override":
		default:
			continue
		}
		value = strings.ToUpper(strings.TrimSpace(value))
		switch value {
		case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE":
			if !slices.Contains(p.Methods, value) {
				return false
			}
		}
	}
	return true
}
