package onetime_test

import (
	"testing"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/onetime"
)

// What is sealed opens in its own row alone.
func TestSealedForItsRow(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	v := onetime.Value{ID: "1", Tenant: "blue", Purpose: "signup", UserID: "7"}
	if err := v.Seal(keys, []byte("plain")); err != nil {
		t.Fatal(err)
	}
	if plain, err := v.Open(keys); string(plain) != "plain" || err != nil {
		t.Errorf("%q, %v", plain, err)
	}
	for name, change := range map[string]func(v *onetime.Value){
		"another ID":      func(v *onetime.Value) { v.ID = "2" },
		"another tenant":  func(v *onetime.Value) { v.Tenant = "red" },
		"another purpose": func(v *onetime.Value) { v.Purpose = "revoke" },
		"another user":    func(v *onetime.Value) { v.UserID = "8" },
	} {
		moved := v
		change(&moved)
		if plain, err := moved.Open(keys); err == nil {
			t.Errorf("%s: %q opens", name, plain)
		}
	}
}
