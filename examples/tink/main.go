// Command tink is a site whose tokens are sealed under a Tink keyset: Tink makes and
// rotates the keys, and its KMS clients can encrypt the keyset under a key that never
// leaves a cloud's key service.
package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/web"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

func main() { site.Main("tink.db", open) }

// ring returns a ring whose first key is the keyset in a file, which it creates when
// the file does not exist. The file is not encrypted: use keyset.Read with a key of
// your key service instead.
//
// A Tink AEAD has the methods of keyring.AEAD, so it can be a key. The name is
// written into each sealed value. After a rotation, add the keyset once more as the
// first key, under another name: Vault.Reseal then seals everything under the new
// primary key.
func ring(file, name string, older ...keyring.Key) (*keyring.Ring, error) {
	handle, err := read(file)
	if err != nil {
		return nil, err
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, err
	}
	return keyring.New(append([]keyring.Key{{Name: name, AEAD: primitive}}, older...)...)
}

func read(file string) (*keyset.Handle, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
		if err != nil {
			return nil, err
		}
		return handle, write(file, handle)
	}
	if err != nil {
		return nil, err
	}
	return insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
}

func write(file string, handle *keyset.Handle) error {
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return err
	}
	return os.WriteFile(file, text.Bytes(), 0o600)
}

func open(ctx context.Context, s site.Site) (*site.App, error) {
	keys, err := ring(s.Database+".keyset.json", "tink")
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, s.Database, sqlite.Migrate())
	if err != nil {
		return nil, err
	}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: s.URL})
	if err != nil {
		return nil, err
	}
	soc, err := social.New(social.Config{
		AppURL: s.URL, Providers: s.Providers, Connections: store, Users: acc, Keys: keys,
		SignUp: social.Auto, AllowPrivateAddresses: s.Pretend,
	})
	if err != nil {
		return nil, err
	}
	pages, err := web.New(soc, acc)
	if err != nil {
		return nil, err
	}
	return &site.App{Handler: acc.Middleware(pages), Vault: soc.Vault(), Jobs: append(store.Jobs(), acc.Jobs()...), Close: store.Close}, nil
}
