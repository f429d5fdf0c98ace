// Package seal encrypts with AES-256-GCM behind the method set of Tink's AEAD.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// ErrOpen is a ciphertext that does not open: another key, other associated
// data, or changed bytes. It does not say which.
var ErrOpen = errors.New("seal: does not open")

// An AEAD seals with one AES-256-GCM key and random nonces. It is safe for
// concurrent use. A key should seal no more than 2^32 values (NIST SP 800-38D).
type AEAD struct{ gcm cipher.AEAD }

// New returns the AEAD of a key of KeySize bytes.
func New(key []byte) (*AEAD, error) {
	if len(key) != KeySize {
		return nil, errors.New("seal: a key has 32 bytes")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &AEAD{gcm}, nil
}

// Encrypt returns nonce, ciphertext and tag in one.
func (a *AEAD) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	return a.gcm.Seal(nil, nil, plaintext, associatedData), nil
}

// Decrypt undoes Encrypt with the same associated data, or returns ErrOpen.
func (a *AEAD) Decrypt(ciphertext, associatedData []byte) ([]byte, error) {
	plaintext, err := a.gcm.Open(nil, nil, ciphertext, associatedData)
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}
