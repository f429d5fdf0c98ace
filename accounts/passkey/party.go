package passkey

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/gosocial/social/accounts"
)

// A RelyingParty makes options and checks answers for one application. It is an
// accounts.RelyingParty, and safe for concurrent use.
type RelyingParty struct {
	lib *webauthn.WebAuthn
}

var _ accounts.RelyingParty = (*RelyingParty)(nil)

// The library makes challenges and sessions of its own. They are accounts' here, so that
// only what it checks is used: this file is all that knows it.

func newRelyingParty(id, name, origin string) (*RelyingParty, error) {
	lib, err := webauthn.New(&webauthn.Config{
		RPID: id, RPDisplayName: name, RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		// Passkeys log in alone: the browser has to find them without the user's name, and
		// to ask for more than a touch.
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
		// No extension is asked for, and what one says counts for nothing (§9.3).
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	return &RelyingParty{lib}, nil
}

// ID returns the domain that passkeys are bound to.
func (rp *RelyingParty) ID() string { return rp.lib.Config.RPID }

// A user is a user as the library wants one.
type user struct {
	handle      []byte
	name        string
	credentials []webauthn.Credential
}

func (u user) WebAuthnID() []byte                         { return u.handle }
func (u user) WebAuthnName() string                       { return u.name }
func (u user) WebAuthnDisplayName() string                { return u.name }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// credential returns the passkey with what the library looks at.
func credential(c accounts.PasskeyCredential) webauthn.Credential {
	return webauthn.Credential{ID: c.ID, PublicKey: c.PublicKey, Flags: webauthn.CredentialFlags{BackupEligible: c.BackupEligible}}
}

func descriptors(of []accounts.PasskeyCredential) []protocol.CredentialDescriptor {
	list := make([]protocol.CredentialDescriptor, len(of))
	for i, c := range of {
		list[i] = protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: c.ID}
		for _, t := range c.Transports {
			list[i].Transport = append(list[i].Transport, protocol.AuthenticatorTransport(t))
		}
	}
	return list
}

// CreationOptions implements accounts.RelyingParty.
func (rp *RelyingParty) CreationOptions(c accounts.PasskeyCreation) ([]byte, error) {
	creation, _, err := rp.lib.BeginRegistration(user{handle: c.Handle, name: c.Name},
		webauthn.WithExclusions(descriptors(c.Existing)),
		func(o *protocol.PublicKeyCredentialCreationOptions) error {
			o.Challenge, o.Timeout = c.Challenge, int(c.Within/time.Millisecond)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("passkey: making options: %w", err)
	}
	return json.Marshal(creation.Response)
}

// CheckCreation implements accounts.RelyingParty.
func (rp *RelyingParty) CheckCreation(c accounts.PasskeyCreation, answer []byte) (made accounts.PasskeyCredential, err error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return made, refused(err)
	}
	own, err := rp.lib.CreateCredential(user{handle: c.Handle}, webauthn.SessionData{
		Challenge: base64.RawURLEncoding.EncodeToString(c.Challenge), UserID: c.Handle,
		UserVerification: protocol.VerificationRequired, CredParams: webauthn.CredentialParametersDefault(),
	}, parsed)
	if err != nil {
		return made, refused(err)
	}
	made = accounts.PasskeyCredential{
		ID: own.ID, PublicKey: own.PublicKey, AAGUID: own.Authenticator.AAGUID, SignCount: own.Authenticator.SignCount,
		BackupEligible: own.Flags.BackupEligible, BackedUp: own.Flags.BackupState,
	}
	for _, t := range own.Transport {
		made.Transports = append(made.Transports, string(t))
	}
	return made, nil
}

// RequestOptions implements accounts.RelyingParty.
func (rp *RelyingParty) RequestOptions(q accounts.PasskeyRequest) ([]byte, error) {
	assertion, _, err := rp.lib.BeginDiscoverableLogin(
		webauthn.WithChallenge(q.Challenge), webauthn.WithUserVerification(verification(q)),
		func(o *protocol.PublicKeyCredentialRequestOptions) error {
			o.AllowedCredentials, o.Timeout = descriptors(q.Allowed), int(q.Within/time.Millisecond)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("passkey: making options: %w", err)
	}
	return json.Marshal(assertion.Response)
}

func verification(q accounts.PasskeyRequest) protocol.UserVerificationRequirement {
	if q.VerifyUser {
		return protocol.VerificationRequired
	}
	return protocol.VerificationPreferred
}

// ReadAnswer implements accounts.RelyingParty.
func (rp *RelyingParty) ReadAnswer(answer []byte) (claimed accounts.PasskeyAnswer, err error) {
	// Both kinds of answers have these members.
	var a struct {
		RawID    protocol.URLEncodedBase64 `json:"rawId"`
		Response struct {
			ClientDataJSON protocol.URLEncodedBase64 `json:"clientDataJSON"`
			UserHandle     protocol.URLEncodedBase64 `json:"userHandle"`
		} `json:"response"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return claimed, refused(err)
	}
	var client protocol.CollectedClientData
	if err := json.Unmarshal(a.Response.ClientDataJSON, &client); err != nil {
		return claimed, refused(err)
	}
	challenge, err := base64.RawURLEncoding.DecodeString(client.Challenge)
	if err != nil {
		return claimed, refused(err)
	}
	return accounts.PasskeyAnswer{Challenge: challenge, CredentialID: a.RawID, Handle: a.Response.UserHandle}, nil
}

// CheckRequest implements accounts.RelyingParty.
func (rp *RelyingParty) CheckRequest(q accounts.PasskeyRequest, of accounts.PasskeyCredential, answer []byte) (use accounts.PasskeyUse, err error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return use, refused(err)
	}
	if !allows(q.Allowed, of.ID) {
		return use, refused(errors.New("the passkey is not one of those that may answer"))
	}
	_, err = rp.lib.ValidateLogin(user{handle: q.Handle, credentials: []webauthn.Credential{credential(of)}}, webauthn.SessionData{
		Challenge: base64.RawURLEncoding.EncodeToString(q.Challenge), UserID: q.Handle,
		UserVerification: verification(q),
	}, parsed)
	if err != nil {
		return use, refused(err)
	}
	// What the library returns keeps the old count where the new one is lower.
	data := parsed.Response.AuthenticatorData
	return accounts.PasskeyUse{SignCount: data.Counter, BackedUp: data.Flags.HasBackupState()}, nil
}

func allows(allowed []accounts.PasskeyCredential, id []byte) bool {
	for _, c := range allowed {
		if string(c.ID) == string(id) {
			return true
		}
	}
	return len(allowed) == 0
}

// refused says what is wrong with an answer. The library has it in a field that Error leaves
// out.
func refused(err error) error {
	var detailed *protocol.Error
	if errors.As(err, &detailed) {
		return fmt.Errorf("%w: %s (%s)", accounts.ErrPasskey, detailed.Details, detailed.DevInfo)
	}
	return fmt.Errorf("%w: %w", accounts.ErrPasskey, err)
}
