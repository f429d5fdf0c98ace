package keyring

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/gosocial/social/secret"
)

// Errors of Ring.Open, to be tested with errors.Is.
var (
	// ErrUnknownKey: the value was sealed under a key that is not in the ring.
	ErrUnknownKey = errors.New("keyring: sealed under a key that is not in the ring")
	// ErrSealed: the value does not open. It was changed, cut, or belongs
	// somewhere else.
	ErrSealed = errors.New("keyring: the sealed value does not open")
)

// An AEAD is authenticated encryption with associated data. A Tink primitive
// (tink.AEAD), and through it a cloud KMS, is one; examples/tink in the repository
// is a site with it. It must be safe for concurrent use.
type AEAD interface {
	Encrypt(plaintext, associatedData []byte) ([]byte, error)
	Decrypt(ciphertext, associatedData []byte) ([]byte, error)
}

// A Key is an AEAD with a name. The name is written into each value that the
// key seals, so it must stay the same for as long as such values exist. It is
// no secret.
type Key struct {
	Name string // 1 to 255 bytes
	AEAD AEAD
}

// A Ring seals under its first key and opens under all of them. It is safe
// for concurrent use.
type Ring struct{ keys []Key }

// New makes a ring. To change keys, put the new one in front and keep
// the old ones until nothing is sealed under them any more.
func New(keys ...Key) (*Ring, error) {
	if len(keys) == 0 {
		return nil, errors.New("keyring: a key ring needs a key")
	}
	names := make(map[string]bool, len(keys))
	for i, k := range keys {
		switch {
		case k.AEAD == nil:
			return nil, fmt.Errorf("keyring: key %d has no AEAD", i+1)
		case k.Name == "" || len(k.Name) > 255:
			return nil, fmt.Errorf("keyring: the name of key %d must have 1 to 255 bytes", i+1)
		case names[k.Name]:
			return nil, fmt.Errorf("keyring: key %d has the name of another key", i+1)
		}
		names[k.Name] = true
	}
	return &Ring{append([]Key(nil), keys...)}, nil
}

// Parse makes a ring of AES-256-GCM keys: 32 bytes each in base64, in the
// standard or the URL alphabet. A key's name is the first 8 hexadecimal digits
// of its SHA-256. The error names the position of a malformed key, never the
// key.
func Parse(base64Keys ...string) (*Ring, error) {
	keys := make([]Key, 0, len(base64Keys))
	for i, text := range base64Keys {
		raw, err := decodeKey(text)
		if err != nil {
			return nil, fmt.Errorf("keyring: key %d is not 32 bytes in base64", i+1)
		}
		aead, err := newAESGCM(raw)
		if err != nil {
			return nil, fmt.Errorf("keyring: key %d: %w", i+1, err)
		}
		sum := sha256.Sum256(raw)
		keys = append(keys, Key{hex.EncodeToString(sum[:4]), aead})
	}
	return New(keys...)
}

func decodeKey(text string) ([]byte, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err == nil && len(raw) != aesKeySize {
		err = errors.New("wrong length")
	}
	return raw, err
}

// NewKey returns a new key for Parse.
func NewKey() secret.Text {
	var raw [aesKeySize]byte
	rand.Read(raw[:])
	return secret.Text(base64.StdEncoding.EncodeToString(raw[:]))
}

// sealedV1 leads a sealed value: then follow the length of the key's name in
// one byte, the name, and the ciphertext.
const sealedV1 = 1

// Names returns the names of the keys, the sealing one first.
func (k *Ring) Names() []string {
	names := make([]string, len(k.keys))
	for i := range k.keys {
		names[i] = k.keys[i].Name
	}
	return names
}

// Current returns the name of the key that seals.
func (k *Ring) Current() string { return k.keys[0].Name }

// Keys returns the keys, the sealing one first: to put another one in front of
// them.
func (k *Ring) Keys() []Key { return append([]Key(nil), k.keys...) }

// Seal encrypts under the first key. Only the same associated data opens the
// value again.
func (k *Ring) Seal(plaintext, associatedData []byte) ([]byte, error) {
	key := &k.keys[0]
	ciphertext, err := key.AEAD.Encrypt(plaintext, associatedData)
	if err != nil {
		return nil, fmt.Errorf("keyring: seal under key %q: %w", key.Name, err)
	}
	sealed := make([]byte, 0, 2+len(key.Name)+len(ciphertext))
	sealed = append(sealed, sealedV1, byte(len(key.Name)))
	sealed = append(sealed, key.Name...)
	return append(sealed, ciphertext...), nil
}

// Open decrypts what Seal made: ErrUnknownKey when its key is not in the ring,
// ErrSealed when it does not open. An AEAD that fails for another reason, such
// as a key service out of reach, gives ErrSealed too, with its own error
// wrapped.
func (k *Ring) Open(sealed, associatedData []byte) ([]byte, error) {
	name, ciphertext, ok := splitSealed(sealed)
	if !ok {
		return nil, ErrSealed
	}
	for i := range k.keys {
		if k.keys[i].Name != name {
			continue
		}
		plaintext, err := k.keys[i].AEAD.Decrypt(ciphertext, associatedData)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSealed, err)
		}
		return plaintext, nil
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknownKey, name)
}

// KeyName returns the name of the key a sealed value names, or "" when it
// is no sealed value.
func KeyName(sealed []byte) string {
	name, _, _ := splitSealed(sealed)
	return name
}

func splitSealed(sealed []byte) (name string, ciphertext []byte, ok bool) {
	if len(sealed) < 2 || sealed[0] != sealedV1 {
		return "", nil, false
	}
	rest, n := sealed[2:], int(sealed[1])
	if n == 0 || len(rest) < n {
		return "", nil, false
	}
	return string(rest[:n]), rest[n:], true
}
