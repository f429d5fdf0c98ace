package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
)

// aesKeySize is the length of a key in bytes.
const aesKeySize = 32

// aesGCM is AES-256-GCM with random nonces. A key should seal no more than 2^32
// values (NIST SP 800-38D §8.3).
type aesGCM struct{ cipher.AEAD }

func newAESGCM(key []byte) (aesGCM, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return aesGCM{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return aesGCM{aead}, err
}

// Encrypt returns nonce, ciphertext and tag in one.
func (a aesGCM) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	return a.Seal(nil, nil, plaintext, associatedData), nil
}

var errOpen = errors.New("another key, other associated data, or changed bytes")

// Decrypt undoes Encrypt with the same associated data.
func (a aesGCM) Decrypt(ciphertext, associatedData []byte) ([]byte, error) {
	plaintext, err := a.Open(nil, nil, ciphertext, associatedData)
	if err != nil {
		return nil, errOpen
	}
	return plaintext, nil
}
