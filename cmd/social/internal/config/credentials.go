package config

import (
	"fmt"
	"reflect"

	"github.com/gosocial/social/secret"
	"go.yaml.in/yaml/v3"
)

// Credentials are a client at a provider, with its secret or key.
type Credentials struct {
	ClientID     string      `koanf:"client_id"`
	ClientSecret secret.Text `koanf:"client_secret"`
	PrivateKey   secret.Text `koanf:"private_key"`
	KeyID        string      `koanf:"key_id"`
}

// AllCredentials returns the provider's clients, that of consumer_key first.
func (p *Provider) AllCredentials() []Credentials {
	first := Credentials{p.ConsumerKey, p.ConsumerSecret, p.PrivateKey, p.KeyID}
	if first == (Credentials{}) && len(p.Credentials) > 0 {
		return p.Credentials
	}
	return append([]Credentials{first}, p.Credentials...)
}

// credentialKeys are the keys of an element of credentials, with their aliases.
var credentialKeys = map[string]string{
	"client_id": "client_id", "client_secret": "client_secret", "private_key": "private_key", "key_id": "key_id",
	"consumer_key": "client_id", "consumer_secret": "client_secret",
}

// convertCredentials reads a list of objects, which in the environment is YAML or
// JSON.
func convertCredentials(key string, value any) (any, error) {
	mustBe := fmt.Errorf("%s must be a list such as [{client_id: …, client_secret: …}]", key)
	if text, ok := value.(string); ok {
		var doc yaml.Node
		if yaml.Unmarshal([]byte(text), &doc) != nil {
			return nil, mustBe
		}
		numbersAsText(&doc)
		if doc.Decode(&value) != nil {
			return nil, mustBe
		}
	}
	items, ok := value.([]any)
	if !ok {
		return nil, mustBe
	}
	list := make([]map[string]any, len(items))
	for i, item := range items {
		members, ok := item.(map[string]any)
		if !ok {
			return nil, mustBe
		}
		list[i] = make(map[string]any, len(members))
		for _, written := range sortedKeys(members) {
			at := fmt.Sprintf("%s.%d.%s", key, i+1, written)
			name, known := credentialKeys[written]
			if !known {
				return nil, unknownKey(at, written, sortedKeys(credentialKeys))
			}
			text, ok := members[written].(string)
			if !ok && members[written] != nil {
				return nil, fmt.Errorf("%s must be text", at)
			}
			list[i][name] = text
		}
	}
	return list, nil
}

// isCredentials reports whether a key's type is a list of credentials.
func isCredentials(typ reflect.Type) bool { return typ == reflect.TypeFor[[]Credentials]() }
