package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gosocial/social/identity"
)

// An Export is all that is kept of a user, without secrets, for the user. It encodes as a
// JSON object.
type Export struct {
	ExportedAt     time.Time        `json:"exported_at"`
	User           ExportedUser     `json:"user"`
	Sessions       []ExportedDevice `json:"sessions"`
	TrustedDevices []ExportedDevice `json:"trusted_devices"`
	TwoFactor      []ExportedFactor `json:"two_factor"`
	APITokens      []ExportedToken  `json:"api_tokens"`
	// Parts is what the exporters returned, by their names: further members of the object.
	Parts map[string]any `json:"-"`
}

// MarshalJSON implements json.Marshaler.
func (e *Export) MarshalJSON() ([]byte, error) {
	type own Export
	members := map[string]any{}
	encoded, err := json.Marshal((*own)(e))
	if err == nil {
		err = json.Unmarshal(encoded, &members)
	}
	if err != nil {
		return nil, err
	}
	maps.Copy(members, e.Parts)
	return json.Marshal(members)
}

// An ExportedUser is the account in an Export.
type ExportedUser struct {
	PublicUser
	HasPassword     bool       `json:"has_password"`
	Active          bool       `json:"active"`
	EmailVerifiedAt *time.Time `json:"email_verified_at"`
	DeletionAt      *time.Time `json:"deletion_at"`
	CreatedAt       *time.Time `json:"created_at"`
	UpdatedAt       *time.Time `json:"updated_at"`
	Logins          int64      `json:"logins"`
	LastLoginAt     *time.Time `json:"last_login_at"`
	LastAddress     string     `json:"last_login_address"`
	CurrentLoginAt  *time.Time `json:"current_login_at"`
	CurrentAddress  string     `json:"current_login_address"`
}

// An ExportedDevice is a session or a trusted device in an Export.
type ExportedDevice struct {
	UserAgent  string     `json:"user_agent"`
	Address    string     `json:"address"`
	Via        string     `json:"via,omitempty"`
	Remember   bool       `json:"remember"`
	CreatedAt  *time.Time `json:"created_at"`
	LastSeenAt *time.Time `json:"last_seen_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
}

// An ExportedFactor is a second factor in an Export.
type ExportedFactor struct {
	Kind        string     `json:"kind"`
	Name        string     `json:"name"`
	CreatedAt   *time.Time `json:"created_at"`
	ConfirmedAt *time.Time `json:"confirmed_at"`
	LastUsedAt  *time.Time `json:"last_used_at"`
}

// An ExportedToken is an API token in an Export.
type ExportedToken struct {
	Name       string     `json:"name"`
	Scopes     []string   `json:"scopes"`
	CreatedAt  *time.Time `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

// AddExporter adds a part to every Export, as a member of that name of the JSON object, in
// place of one of that name. social.New adds "connections". An application adds
// what it keeps of its users.
func (a *Accounts) AddExporter(name string, e identity.Exporter) {
	a.exporters.mu.Lock()
	defer a.exporters.mu.Unlock()
	all := maps.Clone(a.exporters.byName)
	if all == nil {
		all = map[string]identity.Exporter{}
	}
	all[name] = e
	a.exporters.byName = all
}

// Export returns all that is kept of the user, with what the exporters have, or ErrNoUser.
// It asks for no proof: web asks for a recent one. What passes on its own is left out:
// mailed links, codes and counts of attempts.
func (a *Accounts) Export(ctx context.Context, userID string) (*Export, error) {
	u, err := a.User(ctx, userID)
	if err != nil {
		return nil, err
	}
	e := &Export{
		ExportedAt: a.now().UTC(),
		User: ExportedUser{
			PublicUser: u.Public(), HasPassword: u.PasswordHash != "", Active: u.Active,
			EmailVerifiedAt: timeOrNull(u.EmailVerifiedAt), DeletionAt: timeOrNull(u.DeletionAt),
			CreatedAt: timeOrNull(u.CreatedAt), UpdatedAt: timeOrNull(u.UpdatedAt), Logins: u.Login.Count,
			LastLoginAt: timeOrNull(u.Login.LastAt), LastAddress: u.Login.LastAddress,
			CurrentLoginAt: timeOrNull(u.Login.CurrentAt), CurrentAddress: u.Login.CurrentAddress,
		},
		Sessions: []ExportedDevice{}, TrustedDevices: []ExportedDevice{}, TwoFactor: []ExportedFactor{},
		APITokens: []ExportedToken{},
		Parts:     map[string]any{},
	}
	sessions, err := a.store.Sessions(ctx, u.Tenant, userID, a.now())
	if err != nil {
		return nil, wrap("listing sessions", err)
	}
	for i := range sessions {
		s := &sessions[i]
		d := ExportedDevice{s.UserAgent, s.Address, s.Via, s.Remember, timeOrNull(s.CreatedAt), timeOrNull(s.LastSeenAt), timeOrNull(s.ExpiresAt)}
		if s.LimitedTo == LimitedToTrust {
			e.TrustedDevices = append(e.TrustedDevices, d)
		} else {
			e.Sessions = append(e.Sessions, d)
		}
	}
	factors, err := a.store.Factors(ctx, u.Tenant, userID)
	if err != nil {
		return nil, wrap("reading second factors", err)
	}
	for _, f := range factors {
		e.TwoFactor = append(e.TwoFactor, ExportedFactor{f.Kind, f.Name, timeOrNull(f.CreatedAt), timeOrNull(f.ConfirmedAt), timeOrNull(f.LastUsedAt)})
	}
	tokens, err := a.Tokens(ctx, userID)
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		e.APITokens = append(e.APITokens, ExportedToken{t.Name, append([]string{}, t.Scopes...), timeOrNull(t.CreatedAt), timeOrNull(t.ExpiresAt), timeOrNull(t.LastUsedAt)})
	}
	a.exporters.mu.Lock()
	exporters := a.exporters.byName
	a.exporters.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(exporters)) {
		if e.Parts[name], err = exporters[name].ExportUser(ctx, userID); err != nil {
			return nil, fmt.Errorf("accounts: exporting %s: %w", name, err)
		}
	}
	return e, nil
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
