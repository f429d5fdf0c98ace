package socialtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strings"
)

// Field sets a field of the answer, JSON or form-encoded: "expires_in", or with
// a dotted path "response.user.id". A json.RawMessage is sent unchanged.
func Field(path string, value any) Fault {
	return Fault{edit: func(fields map[string]any) { setField(fields, path, value) }}
}

// WithoutField removes a field of the answer, named like that of Field.
func WithoutField(path string) Fault {
	return Fault{edit: func(fields map[string]any) {
		parent, name := descend(fields, path)
		delete(parent, name)
	}}
}

// Claim sets a claim of the ID token.
func Claim(name string, value any) Fault {
	return Fault{claims: func(c map[string]any) { c[name] = value }}
}

// WithoutClaim removes a claim of the ID token.
func WithoutClaim(name string) Fault {
	return Fault{claims: func(c map[string]any) { delete(c, name) }}
}

// JOSEHeader sets a member of the ID token's header, signed with the rest:
// "kid", "jku", "crit". A nil value removes it.
func JOSEHeader(name string, value any) Fault {
	return Fault{sign: func(t *jws) {
		if value == nil {
			delete(t.header, name)
			return
		}
		t.header[name] = value
	}}
}

// Unsigned makes the ID token one of alg none, with an empty signature.
func Unsigned() Fault {
	return Fault{sign: func(t *jws) { t.key = &signingKey{alg: "none"} }}
}

// SignedWith makes the ID token be signed by HMAC-SHA256 with the key: a client
// secret, or the text of a public key taken for one.
func SignedWith(hmacKey []byte) Fault {
	return Fault{sign: func(t *jws) { t.key = &signingKey{alg: "HS256", secret: hmacKey} }}
}

// BadSignature breaks the signature of the ID token.
func BadSignature() Fault { return Fault{sign: func(t *jws) { t.broken = true }} }

// UnknownKey signs the ID token with a key that is not in the key set, under a
// key ID that is not there either.
func UnknownKey() Fault {
	return Fault{sign: func(t *jws) {
		k, err := newSigningKey(t.key.alg)
		if err != nil {
			return // HMAC and none have no key set to be missing from
		}
		t.key = k
		t.header["kid"] = k.id
	}}
}

// Param sets a parameter of the callback. Several values make it appear several
// times. Switched on for EndpointAuthorize.
func Param(name string, values ...string) Fault {
	return Fault{params: func(v url.Values) { v[name] = values }}
}

// WithoutParam removes a parameter of the callback. Switched on for
// EndpointAuthorize.
func WithoutParam(name string) Fault {
	return Fault{params: func(v url.Values) { v.Del(name) }}
}

func setField(fields map[string]any, path string, value any) {
	parent, name := descend(fields, path)
	parent[name] = value
}

// descend finds the map that holds the last name of a dotted path, and makes
// what is missing on the way. It replaces maps by copies, since an answer may
// share them.
func descend(fields map[string]any, path string) (map[string]any, string) {
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			return fields, name
		}
		below, _ := fields[name].(map[string]any)
		if below = maps.Clone(below); below == nil {
			below = make(map[string]any)
		}
		fields[name] = below
		fields, path = below, rest
	}
}

// text writes a field's value the way a form-encoded answer has it.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.RawMessage:
		return string(v)
	default:
		return fmt.Sprint(v)
	}
}
