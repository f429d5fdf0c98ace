package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
)

// FactorPasskey: passkeys (Web Authentication), which are a second factor and log in by
// themselves.
const FactorPasskey = "passkey"

// Errors of passkeys, to be tested with errors.Is.
var (
	// ErrPasskey: what the browser sent does not prove that it has a passkey of the user,
	// or it answers to options of another browser, purpose or user, or ones that are more
	// than 5 minutes old or were used. It wraps ErrFactor.
	ErrPasskey error = passkeyError{}
	// ErrPasskeyKnown: the user has that passkey already.
	ErrPasskeyKnown = errors.New("accounts: the user has that passkey already")
	// ErrLastWayIn: the user could not log in any more.
	ErrLastWayIn = errors.New("accounts: that is the user's last way to log in")
)

type passkeyError struct{}

func (passkeyError) Error() string { return "accounts: no passkey was proved" }
func (passkeyError) Unwrap() error { return ErrFactor }

// A RelyingParty makes the options for browsers and checks their answers, as Web
// Authentication Level 3 has them. It keeps nothing and is safe for concurrent use. Options
// and answers are the JSON of PublicKeyCredential.parseCreationOptionsFromJSON,
// parseRequestOptionsFromJSON and toJSON (§5.1). *passkey.RelyingParty of the module
// accounts/passkey is one.
//
// What is wrong with an answer is an error that wraps ErrPasskey.
type RelyingParty interface {
	// CreationOptions has a browser make a passkey that it can find by itself (a
	// discoverable credential), with user verification.
	CreationOptions(c PasskeyCreation) (options []byte, err error)
	// CheckCreation checks the answer (§7.1).
	CheckCreation(c PasskeyCreation, answer []byte) (PasskeyCredential, error)
	// RequestOptions has a browser prove that it has a passkey.
	RequestOptions(q PasskeyRequest) (options []byte, err error)
	// ReadAnswer returns what the answer claims, without checking it.
	ReadAnswer(answer []byte) (PasskeyAnswer, error)
	// CheckRequest checks the answer by a user's passkey (§7.2), but for the count.
	CheckRequest(q PasskeyRequest, of PasskeyCredential, answer []byte) (PasskeyUse, error)
}

// A PasskeyCreation is what the options for a new passkey are made of.
type PasskeyCreation struct {
	Challenge []byte
	Handle    []byte // of the user: at most 64 bytes, in which no person can be read
	Name      string // by which the user tells accounts apart
	Existing  []PasskeyCredential
	Within    time.Duration
}

// A PasskeyRequest is what the options for a proof are made of.
type PasskeyRequest struct {
	Challenge []byte
	// Handle is that of the user. It is nil in the options where any user may answer.
	Handle []byte
	// Allowed are the passkeys that may answer; none: those that the browser finds.
	Allowed []PasskeyCredential
	// VerifyUser requires that the passkey asked for a PIN, a fingerprint or the like.
	VerifyUser bool
	Within     time.Duration
}

// A PasskeyAnswer is what an answer claims.
type PasskeyAnswer struct {
	Challenge    []byte
	CredentialID []byte
	Handle       []byte // of the user; nil where the passkey does not have it
}

// A PasskeyCredential is what is kept of a passkey (§4, credential record). It has no
// secret.
type PasskeyCredential struct {
	ID             []byte   `json:"id"`
	PublicKey      []byte   `json:"public_key"` // COSE_Key
	Transports     []string `json:"transports,omitempty"`
	AAGUID         []byte   `json:"aaguid,omitempty"` // the kind of authenticator
	BackupEligible bool     `json:"backup_eligible,omitempty"`
	BackedUp       bool     `json:"backed_up,omitempty"`
	SignCount      uint32   `json:"-"` // when it was made; later ones are in StoredFactor.Counter
}

// A PasskeyUse is what a right answer says beside.
type PasskeyUse struct {
	SignCount uint32 // 0: the passkey does not count
	BackedUp  bool
}

// A Passkey is a passkey in a user's list.
type Passkey struct {
	ID         string // in lists and forms; the credential's ID in base64url
	Name       string // given by the user, or ""
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never
	// BackedUp says that the passkey is on more than one device, or could be brought back
	// there; a passkey that is not BackupEligible is lost with its device.
	BackupEligible, BackedUp bool
	Transports               []string // "internal", "hybrid", "usb" and others
}

// UsesPasskeys reports whether there are passkeys: Config.Passkeys is set.
func (a *Accounts) UsesPasskeys() bool { return a.config.Passkeys != nil }

// Passkeys lists a user's passkeys, the oldest first.
func (a *Accounts) Passkeys(ctx context.Context, userID string) ([]Passkey, error) {
	rows, err := a.passkeys(ctx, userID)
	if err != nil {
		return nil, err
	}
	list := make([]Passkey, len(rows))
	for i := range rows {
		list[i] = rows[i].passkey()
	}
	slices.SortStableFunc(list, func(x, y Passkey) int { return x.CreatedAt.Compare(y.CreatedAt) })
	return list, nil
}

// A passkeyRow is a passkey as it is stored.
type passkeyRow struct {
	StoredFactor
	credential PasskeyCredential
}

func (p *passkeyRow) passkey() Passkey {
	c := &p.credential
	return Passkey{
		ID: p.ID, Name: p.Name, CreatedAt: p.CreatedAt, LastUsedAt: p.LastUsedAt,
		BackupEligible: c.BackupEligible, BackedUp: c.BackedUp, Transports: c.Transports,
	}
}

// passkeys reads a user's passkeys. There are none where they are off.
func (a *Accounts) passkeys(ctx context.Context, userID string) ([]passkeyRow, error) {
	rows, err := a.passkeyFactors(ctx, userID)
	if err != nil {
		return nil, err
	}
	return a.openPasskeys(rows)
}

// passkeyFactors reads them without opening them.
func (a *Accounts) passkeyFactors(ctx context.Context, userID string) ([]StoredFactor, error) {
	if !a.UsesPasskeys() {
		return nil, nil
	}
	list, err := a.store.Factors(ctx, tenant.From(ctx), userID)
	if err != nil {
		return nil, wrap("reading passkeys", err)
	}
	return slices.DeleteFunc(list, func(f StoredFactor) bool { return f.Kind != FactorPasskey }), nil
}

func (a *Accounts) openPasskeys(rows []StoredFactor) ([]passkeyRow, error) {
	list := make([]passkeyRow, len(rows))
	for i, f := range rows {
		c, err := a.openPasskey(f)
		if err != nil {
			return nil, wrap("opening a passkey", err)
		}
		list[i] = passkeyRow{f, c}
	}
	return list, nil
}

func credentialsOf(rows []passkeyRow) []PasskeyCredential {
	list := make([]PasskeyCredential, len(rows))
	for i := range rows {
		list[i] = rows[i].credential
	}
	return list
}

// What is kept is sealed: not because it is secret, but so that who can write to the
// database gives nobody a passkey.

func bindPasskey(f *StoredFactor) []byte {
	return keyring.Bind("social passkey", f.Tenant, f.UserID, f.ID)
}

func (a *Accounts) sealPasskey(f *StoredFactor, c PasskeyCredential) ([]byte, error) {
	plain, _ := json.Marshal(c) // which cannot fail
	return a.config.Keys.Seal(plain, bindPasskey(f))
}

func (a *Accounts) openPasskey(f StoredFactor) (c PasskeyCredential, err error) {
	plain, err := a.config.Keys.Open(f.Secret, bindPasskey(&f))
	if err == nil {
		err = json.Unmarshal(plain, &c)
	}
	return c, err
}

// passkeyID is the ID of a passkey's row. Stores take 255 bytes, and an ID may have 1023
// (§4, credential ID).
func passkeyID(credentialID []byte) string {
	const most = 255
	if id := base64.RawURLEncoding.EncodeToString(credentialID); len(id) <= most {
		return id
	}
	sum := sha256.Sum256(credentialID)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// A user handle is the tenant's mark and the user's ID, which is random: nobody is read in
// it (§14.6.1). Authenticators keep one passkey a handle, so that it differs by tenant.
const (
	handleMark = 8
	handleMost = 64 // §5.4.3
)

func tenantMark(tenant string) []byte {
	sum := sha256.Sum256([]byte("social passkey\x00" + tenant))
	return sum[:handleMark]
}

func userHandle(tenant, userID string) []byte { return append(tenantMark(tenant), userID...) }

// userOfHandle returns the ID of the user of the tenant, or "".
func userOfHandle(tenant string, handle []byte) string {
	id, ok := strings.CutPrefix(string(handle), string(tenantMark(tenant)))
	if !ok {
		return ""
	}
	return id
}

// passkeyName is what is kept of a name that a user gives.
func passkeyName(name string) string {
	const most = 64
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, name))
	runes := []rune(name)
	return strings.TrimSpace(string(runes[:min(len(runes), most)]))
}
