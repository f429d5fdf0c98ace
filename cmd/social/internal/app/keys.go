package app

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/keyring"
)

// DemoKey seals the demo's tokens, and those of the examples. It may be public, because
// the pretend providers' tokens protect nothing, and is constant, so that a database
// can be used again.
const DemoKey = "c29jaWFsIGRlbW8sIG9wZW4gdG8gZXZlcnlib2R5ISE="

// Keys returns the configuration's key ring.
func Keys(c *config.Config) (*keyring.Ring, error) {
	texts := make([]string, len(c.Keys))
	for i, key := range c.Keys {
		texts[i] = key.Reveal()
	}
	ring, err := keyring.Parse(texts...)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return ring, nil
}

// CheckKeys returns an error that names the keys that anybody can guess. One that only
// opens is as bad as the first: a stranger could seal with it.
func CheckKeys(c *config.Config) error {
	var wrong []error
	for i, key := range c.Keys {
		if why := guessable(key.Reveal()); why != "" {
			wrong = append(wrong, fmt.Errorf("keys: key %d %s, so that anybody can open and forge what it seals: make another with social keys new. "+
				"If tokens are sealed under this one, put the new key before it, run social keys reseal, and then remove it", i+1, why))
		}
	}
	return errors.Join(wrong...)
}

// guessable says why a key is no secret. It returns "" for others, and for one that is
// malformed, which Keys reports.
func guessable(key string) string {
	raw := decoded(key)
	switch {
	case len(raw) < 2:
		return ""
	case slices.Equal(raw, decoded(DemoKey)):
		return "is the demo's, which is published"
	}
	for period := 1; period <= len(raw)/2; period++ {
		if slices.Equal(raw[period:], raw[:len(raw)-period]) {
			return "has the same bytes again and again"
		}
	}
	step := raw[1] - raw[0]
	for i := range raw[1:] {
		if raw[i+1]-raw[i] != step {
			return ""
		}
	}
	return "counts from byte to byte"
}

// decoded reads base64 in both alphabets, as keyring.Parse does.
func decoded(key string) []byte {
	key = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(strings.TrimSpace(key), "="))
	raw, err := base64.RawStdEncoding.DecodeString(key)
	if err != nil {
		return nil
	}
	return raw
}
