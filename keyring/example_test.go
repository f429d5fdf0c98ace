package keyring_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"log"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// kms stands for a key of your own: a Tink primitive, which has these very
// methods, or a client of a key service.
type kms struct{ gcm cipher.AEAD }

func (k kms) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	return k.gcm.Seal(nil, nil, plaintext, associatedData), nil
}

func (k kms) Decrypt(ciphertext, associatedData []byte) ([]byte, error) {
	return k.gcm.Open(nil, nil, ciphertext, associatedData)
}

// A key of one's own in front, and an older one that still opens.
func ExampleNew() {
	secret := make([]byte, 32)
	rand.Read(secret)
	block, err := aes.NewCipher(secret)
	if err != nil {
		log.Fatal(err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		log.Fatal(err)
	}

	keys, err := keyring.New(
		keyring.Key{Name: "kms-2026", AEAD: kms{gcm}}, // seals, and opens
		keyring.Key{Name: "kms-2025", AEAD: kms{gcm}}, // opens
	)
	if err != nil {
		log.Fatal(err)
	}
	sealed, err := keys.Seal([]byte("token"), []byte("connection 7"))
	if err != nil {
		log.Fatal(err)
	}
	_, err = keys.Open(sealed, []byte("connection 8"))
	fmt.Println(keyring.KeyName(sealed), errors.Is(err, keyring.ErrSealed))
	// Output: kms-2026 true
}

// audited is a store of one's own: it embeds one, and does more at what it
// replaces. Package storetest tells whether it still keeps the contract.
type audited struct {
	vault.Store
	log func(string)
}

func (s audited) Remove(ctx context.Context, r vault.Removal) ([]vault.Removed, error) {
	removed, err := s.Store.Remove(ctx, r)
	for _, c := range removed {
		s.log("removed " + c.ProviderID + " of user " + c.UserID)
	}
	return removed, err
}

func ExampleStore() {
	ctx := context.Background()
	var store vault.Store = audited{memstore.New(), func(line string) { fmt.Println(line) }}

	c := vault.Connection{ID: "7", UserID: "1", ProviderID: "github", ProviderUserID: "583231"}
	if _, err := store.Insert(ctx, c, []byte("the sealed token")); err != nil {
		log.Fatal(err)
	}
	if _, err := store.Remove(ctx, vault.Removal{UserID: "1", ProviderID: "github"}); err != nil {
		log.Fatal(err)
	}
	// Output: removed github of user 1
}

// For libraries that want an oauth2.TokenSource.
func ExampleVault_TokenSource() {
	var v *vault.Vault
	bearer := func(ctx context.Context, c vault.Connection) (secret.Text, error) {
		source := v.TokenSource(ctx, c) // to a library, as an oauth2.TokenSource
		token, err := source.Token()    // refreshed when it is due
		if err != nil {
			return "", err // vault.ErrNeedsReauthorization: only the user can help
		}
		return secret.Text(token.AccessToken), nil
	}
	_ = bearer
}
