package oauth

import "encoding/json"

// ProfileOf lets black-box tests evaluate a mapping.
func ProfileOf(m Mapping, raw json.RawMessage) (Profile, error) { return m.profile(raw) }

// At lets black-box tests follow a path.
func At(doc []byte, path string) []byte { return at(doc, path) }
