package passkey_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkey"
)

// testdata/vectors.json has the test vectors of Web Authentication Level 3, §16, for
// example.org, as github.com/go-webauthn/webauthn has them in its own tests.
type vector struct {
	Name         string `json:"name"`
	CredentialID binary `json:"credential_id"`
	PublicKey    binary `json:"public_key"`
	Creation     struct {
		Challenge         binary `json:"challenge"`
		ClientData        binary `json:"client_data"`
		AttestationObject binary `json:"attestation_object"`
	} `json:"creation"`
	Request struct {
		Challenge         binary `json:"challenge"`
		ClientData        binary `json:"client_data"`
		AuthenticatorData binary `json:"authenticator_data"`
		Signature         binary `json:"signature"`
	} `json:"request"`
}

// A binary is hexadecimal in JSON.
type binary []byte

func (b *binary) UnmarshalText(text []byte) (err error) {
	*b, err = hex.AppendDecode(nil, text)
	return err
}

func (v *vector) answer(t *testing.T, response map[string]binary) []byte {
	t.Helper()
	id, members := base64.RawURLEncoding.EncodeToString(v.CredentialID), map[string]string{}
	for name, value := range response {
		members[name] = base64.RawURLEncoding.EncodeToString(value)
	}
	b, err := json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": map[string]any{}, "response": members})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func flags(data []byte) byte { return data[32] }

// The standard's own vectors are taken, but for those without the user's verification where
// it is required, and those of frames on other sites.
func TestVectors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	rp, err := passkey.New(passkey.Config{AppURL: "https://example.org"})
	if err != nil {
		t.Fatal(err)
	}
	foreign := []string{"NoneES256CrossOrigin", "NoneES256TopOrigin"}
	created := map[string]bool{}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			answer := v.answer(t, map[string]binary{"clientDataJSON": v.Creation.ClientData, "attestationObject": v.Creation.AttestationObject})
			claimed, err := rp.ReadAnswer(answer)
			if err != nil || string(claimed.Challenge) != string(v.Creation.Challenge) || string(claimed.CredentialID) != string(v.CredentialID) {
				t.Errorf("%+v, %v", claimed, err)
			}
			made, err := rp.CheckCreation(accounts.PasskeyCreation{Challenge: v.Creation.Challenge, Handle: []byte("user")}, answer)
			if err != nil && !errors.Is(err, accounts.ErrPasskey) {
				t.Error(err)
			}
			if created[v.Name] = err == nil; err == nil && (string(made.ID) != string(v.CredentialID) || string(made.PublicKey) != string(v.PublicKey)) {
				t.Errorf("%+v", made)
			}

			of := accounts.PasskeyCredential{ID: v.CredentialID, PublicKey: v.PublicKey, BackupEligible: flags(v.Request.AuthenticatorData)&8 != 0}
			answer = v.answer(t, map[string]binary{"clientDataJSON": v.Request.ClientData, "authenticatorData": v.Request.AuthenticatorData, "signature": v.Request.Signature})
			for _, verify := range []bool{false, true} {
				q := accounts.PasskeyRequest{Challenge: v.Request.Challenge, Handle: []byte("user"), VerifyUser: verify}
				use, err := rp.CheckRequest(q, of, answer)
				right := !slices.Contains(foreign, v.Name) && (!verify || flags(v.Request.AuthenticatorData)&4 != 0)
				if right != (err == nil) || err != nil && !errors.Is(err, accounts.ErrPasskey) {
					t.Errorf("verified: %t: %v, want it taken: %t", verify, err, right)
				}
				if right && use != (accounts.PasskeyUse{BackedUp: flags(v.Request.AuthenticatorData)&16 != 0}) {
					t.Errorf("%+v", use)
				}
				q.Challenge[0] ^= 1
				if _, err := rp.CheckRequest(q, of, answer); !errors.Is(err, accounts.ErrPasskey) {
					t.Errorf("another challenge: %v", err)
				}
				q.Challenge[0] ^= 1
			}
		})
	}
	// Without attestation, which nobody asks for, TPMs and Android keys answer otherwise.
	for _, v := range vectors {
		want := slices.Contains([]string{"PackedSelfES256", "PackedES256", "PackedES512", "PackedRS256"}, v.Name)
		if created[v.Name] != want {
			t.Errorf("%s is made: %t, want %t", v.Name, !want, want)
		}
	}
}
