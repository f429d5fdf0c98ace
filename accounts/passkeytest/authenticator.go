// Package passkeytest has an authenticator in software, which makes passkeys and proves
// them as browsers do, and a relying party that needs no other module. They are for tests.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
)

// An Authenticator keeps passkeys and answers to options, as a browser with an authenticator
// does. Its fields may be changed between calls. It is not safe for concurrent use.
type Authenticator struct {
	Origin string // of the page, such as "https://app.example.com"
	// Unverified leaves out that the user was verified.
	Unverified bool
	// BackedUp says that passkeys are on several devices. Those that are made while
	// Syncing can be.
	Syncing, BackedUp bool
	Passkeys          []*Passkey
}

// A Passkey is one that an Authenticator keeps. Each use adds 1 to a Count that is not 0.
type Passkey struct {
	ID, Handle []byte
	RPID       string
	Count      uint32
	syncing    bool
	key        *ecdsa.PrivateKey
}

// Copy returns a copy that counts by itself.
func (p *Passkey) Copy() *Passkey {
	c := *p
	return &c
}

// Flags of authenticator data (Web Authentication §6.1).
const (
	userPresent    = 1 << 0
	userVerified   = 1 << 2
	backupEligible = 1 << 3
	backedUp       = 1 << 4
	attested       = 1 << 6
)

// Bytes is base64url without padding in JSON.
type Bytes []byte

// MarshalText and UnmarshalText encode and decode.
func (b Bytes) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText decodes.
func (b *Bytes) UnmarshalText(text []byte) (err error) {
	*b, err = base64.RawURLEncoding.AppendDecode(nil, text)
	return err
}

// Options are those members of the options for a browser that an Authenticator reads.
type Options struct {
	Challenge Bytes  `json:"challenge"`
	RPID      string `json:"rpId"`
	RP        struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"rp"`
	User struct {
		ID          Bytes  `json:"id"`
		Name        string `json:"name"`
		DisplayName string `json:"displayName"`
	} `json:"user"`
	Timeout                int    `json:"timeout"`
	UserVerification       string `json:"userVerification"`
	Attestation            string `json:"attestation"`
	AuthenticatorSelection struct {
		ResidentKey        string `json:"residentKey"`
		RequireResidentKey bool   `json:"requireResidentKey"`
		UserVerification   string `json:"userVerification"`
	} `json:"authenticatorSelection"`
	ExcludeCredentials []Descriptor `json:"excludeCredentials"`
	AllowCredentials   []Descriptor `json:"allowCredentials"`
}

// A Descriptor names a passkey in options.
type Descriptor struct {
	Type       string   `json:"type"`
	ID         Bytes    `json:"id"`
	Transports []string `json:"transports,omitempty"`
}

// ErrNone: the authenticator has no passkey for the options, or has one that they exclude.
var ErrNone = errors.New("passkeytest: no such passkey, or one that is excluded")

type clientData struct {
	Type        string `json:"type"`
	Challenge   Bytes  `json:"challenge"`
	Origin      string `json:"origin"`
	CrossOrigin bool   `json:"crossOrigin"`
}

// An answer is the JSON of PublicKeyCredential.toJSON.
type answer struct {
	ID       Bytes          `json:"id"`
	RawID    Bytes          `json:"rawId"`
	Type     string         `json:"type"`
	Results  map[string]any `json:"clientExtensionResults"`
	Response struct {
		ClientDataJSON    Bytes    `json:"clientDataJSON"`
		AttestationObject Bytes    `json:"attestationObject,omitempty"`
		Transports        []string `json:"transports,omitempty"`
		AuthenticatorData Bytes    `json:"authenticatorData,omitempty"`
		Signature         Bytes    `json:"signature,omitempty"`
		UserHandle        Bytes    `json:"userHandle,omitempty"`
	} `json:"response"`
}

func (a *Authenticator) clientData(kind string, challenge []byte) []byte {
	b, _ := json.Marshal(clientData{Type: kind, Challenge: challenge, Origin: a.Origin})
	return b
}

// Create makes a passkey and returns the answer, as navigator.credentials.create does.
func (a *Authenticator) Create(options []byte) (response []byte, err error) {
	var o Options
	if err := json.Unmarshal(options, &o); err != nil {
		return nil, err
	}
	for _, p := range a.Passkeys {
		if slices.ContainsFunc(o.ExcludeCredentials, func(d Descriptor) bool { return string(d.ID) == string(p.ID) }) {
			return nil, ErrNone
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	p := &Passkey{ID: make([]byte, 16), Handle: o.User.ID, RPID: o.RP.ID, key: key, syncing: a.Syncing}
	rand.Read(p.ID)
	a.Passkeys = append(a.Passkeys, p)
	return a.CreateWith(o, p)
}

// CreateWith answers with a passkey that there is already.
func (a *Authenticator) CreateWith(o Options, p *Passkey) (response []byte, err error) {
	public, err := p.key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	data := p.data(a, attested)
	data = append(data, make([]byte, 16)...) // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(p.ID)))
	data = append(data, p.ID...)
	// {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}, RFC 9052 §7
	data = append(data, 0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32)
	data = append(data, public[1:33]...)
	data = append(data, 0x22, 0x58, 32)
	data = append(data, public[33:]...)
	// {"fmt": "none", "attStmt": {}, "authData": data}
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"), byte(len(data)>>8), byte(len(data)))
	r := answer{ID: p.ID, RawID: p.ID, Type: "public-key", Results: map[string]any{}}
	r.Response.ClientDataJSON = a.clientData("webauthn.create", o.Challenge)
	r.Response.AttestationObject = append(object, data...)
	r.Response.Transports = []string{"internal", "hybrid"}
	return json.Marshal(r)
}

// Get proves a passkey and returns the answer, as navigator.credentials.get does.
func (a *Authenticator) Get(options []byte) (response []byte, err error) {
	var o Options
	if err := json.Unmarshal(options, &o); err != nil {
		return nil, err
	}
	for _, p := range slices.Backward(a.Passkeys) {
		allowed := len(o.AllowCredentials) == 0 ||
			slices.ContainsFunc(o.AllowCredentials, func(d Descriptor) bool { return string(d.ID) == string(p.ID) })
		if allowed && p.RPID == o.RPID {
			return a.GetWith(o, p)
		}
	}
	return nil, ErrNone
}

// GetWith answers with a passkey, whatever the options allow.
func (a *Authenticator) GetWith(o Options, p *Passkey) (response []byte, err error) {
	if p.Count != 0 {
		p.Count++
	}
	data := p.data(a, 0)
	client := a.clientData("webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(slices.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, p.key, sum[:])
	if err != nil {
		return nil, err
	}
	r := answer{ID: p.ID, RawID: p.ID, Type: "public-key", Results: map[string]any{}}
	r.Response.ClientDataJSON, r.Response.AuthenticatorData = client, data
	r.Response.Signature, r.Response.UserHandle = signature, p.Handle
	return json.Marshal(r)
}

// data returns authenticator data (§6.1) without a credential.
func (p *Passkey) data(a *Authenticator, flags byte) []byte {
	flags |= userPresent
	if !a.Unverified {
		flags |= userVerified
	}
	if p.syncing {
		flags |= backupEligible
		if a.BackedUp {
			flags |= backedUp
		}
	}
	hash := sha256.Sum256([]byte(p.RPID))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), p.Count)
}
