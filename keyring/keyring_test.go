package keyring_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gosocial/social/keyring"
)

func ring(t testing.TB, keys ...string) *keyring.Ring {
	t.Helper()
	k, err := keyring.Parse(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestVault16_FirstKeySealsAllOpen(t *testing.T) {
	t.Parallel()
	old, next := keyring.NewKey().Reveal(), keyring.NewKey().Reveal()
	before, during, after := ring(t, old), ring(t, next, old), ring(t, next)
	ad := []byte("row 1")
	sealed, err := before.Seal([]byte("x"), ad)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := during.Open(sealed, ad); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := after.Open(sealed, ad); !errors.Is(err, keyring.ErrUnknownKey) {
		t.Errorf("a missing key: %v", err)
	}
	resealed, err := during.Seal([]byte("x"), ad)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := after.Open(resealed, ad); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
	if keyring.KeyName(resealed) != during.Names()[0] || keyring.KeyName(sealed) != during.Names()[1] {
		t.Error("a sealed value does not name its key")
	}
}

func TestVault16_WrongKeyUnderTheSameName(t *testing.T) {
	t.Parallel()
	a, b := ring(t, keyring.NewKey().Reveal()), ring(t, keyring.NewKey().Reveal())
	sealed, err := a.Seal([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	forged := append([]byte{1, byte(len(b.Names()[0]))}, b.Names()[0]...)
	forged = append(forged, sealed[len(forged):]...)
	if _, err := b.Open(forged, nil); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("got %v", err)
	}
}

func TestVault15_ChangedBytesDoNotOpen(t *testing.T) {
	t.Parallel()
	k := ring(t, keyring.NewKey().Reveal())
	ad := []byte("row 1")
	sealed, err := k.Seal([]byte("a token"), ad)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(sealed) * 8 {
		changed := bytes.Clone(sealed)
		changed[bit/8] ^= 1 << (bit % 8)
		if _, err := k.Open(changed, ad); !errors.Is(err, keyring.ErrSealed) && !errors.Is(err, keyring.ErrUnknownKey) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
	for n := range len(sealed) {
		if _, err := k.Open(sealed[:n], ad); err == nil {
			t.Fatalf("opens when cut to %d bytes", n)
		}
	}
	if _, err := k.Open(sealed, []byte("row 2")); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("elsewhere: %v", err)
	}
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{0xfb, 0xff}, 16)
	good := base64.StdEncoding.EncodeToString(raw)
	for _, form := range []string{
		good, " " + good + "\n", strings.TrimRight(good, "="),
		base64.URLEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
	} {
		k, err := keyring.Parse(form)
		if err != nil {
			t.Errorf("%q: %v", form, err)
		} else if name := k.Names()[0]; len(name) != 8 {
			t.Errorf("name %q", name)
		}
	}
	for _, bad := range []string{"", "CANARY", good + "AAAA", base64.StdEncoding.EncodeToString(raw[:31])} {
		_, err := keyring.Parse(good, bad)
		if err == nil || !strings.Contains(err.Error(), "key 2") || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := keyring.Parse(); err == nil {
		t.Error("a ring without a key")
	}
	if _, err := keyring.Parse(good, good); err == nil {
		t.Error("one key twice")
	}
}

func ExampleParse() {
	current, previous := keyring.NewKey(), keyring.NewKey() // in life: from the configuration
	keys, err := keyring.Parse(current.Reveal(), previous.Reveal())
	if err != nil {
		panic(err)
	}
	sealed, _ := keys.Seal([]byte("secret"), []byte("what it belongs to"))
	opened, _ := keys.Open(sealed, []byte("what it belongs to"))
	fmt.Printf("%s\n", opened)
	// Output: secret
}
