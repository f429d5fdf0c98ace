package oauth

import (
	"encoding/json"
	"net/url"
)

// ProfileOf lets black-box tests evaluate a mapping.
func ProfileOf(m Mapping, raw json.RawMessage) (Profile, error) { return m.profile(raw) }

// At lets black-box tests follow a path.
func At(doc []byte, path string) []byte { return at(doc, path) }

// Allows lets black-box tests judge where tokens may go.
func Allows(e Endpoints, further []string, u *url.URL) (bool, error) {
	h, err := hostsOf(e, further)
	return h.allows(u), err
}
