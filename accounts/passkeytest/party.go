package passkeytest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/gosocial/social/accounts"
)

// A RelyingParty takes the answers of an Authenticator, and of nothing else: it knows one
// algorithm and one layout. It stands in for that of the module accounts/passkey in tests
// of what is around it.
type RelyingParty struct {
	ID, Origin string
}

var _ accounts.RelyingParty = RelyingParty{}

func refused(why string) error { return fmt.Errorf("%w: %s", accounts.ErrPasskey, why) }

func descriptors(of []accounts.PasskeyCredential) (list []Descriptor) {
	for _, c := range of {
		list = append(list, Descriptor{"public-key", c.ID, c.Transports})
	}
	return list
}

// CreationOptions implements accounts.RelyingParty.
func (rp RelyingParty) CreationOptions(c accounts.PasskeyCreation) ([]byte, error) {
	var o Options
	o.Challenge, o.RP.ID, o.RP.Name, o.Timeout = c.Challenge, rp.ID, rp.ID, int(c.Within.Milliseconds())
	o.User.ID, o.User.Name, o.User.DisplayName = c.Handle, c.Name, c.Name
	o.AuthenticatorSelection.ResidentKey, o.AuthenticatorSelection.UserVerification = "required", "required"
	o.ExcludeCredentials = descriptors(c.Existing)
	return json.Marshal(o)
}

// RequestOptions implements accounts.RelyingParty.
func (rp RelyingParty) RequestOptions(q accounts.PasskeyRequest) ([]byte, error) {
	o := Options{Challenge: q.Challenge, RPID: rp.ID, Timeout: int(q.Within.Milliseconds()), UserVerification: "preferred"}
	if q.VerifyUser {
		o.UserVerification = "required"
	}
	o.AllowCredentials = descriptors(q.Allowed)
	return json.Marshal(o)
}

// ReadAnswer implements accounts.RelyingParty.
func (rp RelyingParty) ReadAnswer(response []byte) (accounts.PasskeyAnswer, error) {
	a, c, err := read(response)
	if err != nil {
		return accounts.PasskeyAnswer{}, err
	}
	return accounts.PasskeyAnswer{Challenge: c.Challenge, CredentialID: a.RawID, Handle: a.Response.UserHandle}, nil
}

func read(response []byte) (a answer, c clientData, err error) {
	if json.Unmarshal(response, &a) != nil || json.Unmarshal(a.Response.ClientDataJSON, &c) != nil {
		return a, c, refused("it is no answer")
	}
	return a, c, nil
}

// CheckCreation implements accounts.RelyingParty.
func (rp RelyingParty) CheckCreation(c accounts.PasskeyCreation, response []byte) (made accounts.PasskeyCredential, err error) {
	a, client, err := read(response)
	if err != nil {
		return made, err
	}
	_, data, found := bytes.Cut(a.Response.AttestationObject, []byte("authData\x59"))
	if !found || len(data) < 2 {
		return made, refused("it has no data")
	}
	data = data[2:]
	flags, count, err := rp.check(client, "webauthn.create", c.Challenge, data, true)
	if err != nil {
		return made, err
	}
	const idAt = 37 + 16 + 2
	if len(data) < idAt || len(data) < idAt+int(binary.BigEndian.Uint16(data[idAt-2:])) {
		return made, refused("it is short")
	}
	end := idAt + int(binary.BigEndian.Uint16(data[idAt-2:]))
	if !bytes.Equal(data[idAt:end], a.RawID) {
		return made, refused("it is another passkey")
	}
	return accounts.PasskeyCredential{ID: a.RawID, PublicKey: data[end:], Transports: a.Response.Transports, SignCount: count,
		BackupEligible: flags&backupEligible != 0, BackedUp: flags&backedUp != 0}, nil
}

// CheckRequest implements accounts.RelyingParty.
func (rp RelyingParty) CheckRequest(q accounts.PasskeyRequest, of accounts.PasskeyCredential, response []byte) (use accounts.PasskeyUse, err error) {
	a, client, err := read(response)
	if err != nil {
		return use, err
	}
	data := a.Response.AuthenticatorData
	flags, count, err := rp.check(client, "webauthn.get", q.Challenge, data, q.VerifyUser)
	if err != nil {
		return use, err
	}
	if !bytes.Equal(a.RawID, of.ID) || len(a.Response.UserHandle) > 0 && !bytes.Equal(a.Response.UserHandle, q.Handle) {
		return use, refused("it is another's")
	}
	const x, y = 10, 45
	if len(of.PublicKey) != y+32 {
		return use, refused("it has no key")
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, of.PublicKey[x:x+32]...), of.PublicKey[y:]...))
	if err != nil {
		return use, refused("the key is none")
	}
	hash := sha256.Sum256(a.Response.ClientDataJSON)
	sum := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	if !ecdsa.VerifyASN1(key, sum[:], a.Response.Signature) {
		return use, refused("the signature is wrong")
	}
	return accounts.PasskeyUse{SignCount: count, BackedUp: flags&backedUp != 0}, nil
}

// check checks what both kinds of answers have.
func (rp RelyingParty) check(c clientData, kind string, challenge, data []byte, verifyUser bool) (flags byte, count uint32, err error) {
	hash := sha256.Sum256([]byte(rp.ID))
	switch {
	case c.Type != kind || !bytes.Equal(c.Challenge, challenge) || c.Origin != rp.Origin || c.CrossOrigin:
		return 0, 0, refused("the client data is wrong")
	case len(data) < 37 || !bytes.Equal(data[:32], hash[:]):
		return 0, 0, refused("it is for another site")
	}
	flags, count = data[32], binary.BigEndian.Uint32(data[33:])
	if flags&userPresent == 0 || verifyUser && flags&userVerified == 0 {
		return 0, 0, refused("the user was not verified")
	}
	return flags, count, nil
}
