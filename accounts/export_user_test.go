package accounts_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/identity"
)

type exporter func(ctx context.Context, userID string) (any, error)

func (e exporter) ExportUser(ctx context.Context, userID string) (any, error) { return e(ctx, userID) }

var _ identity.Exporter = exporter(nil)

// An export has everything that is kept of the user, nothing of others, and no secret.
func TestAccounts12_Export(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	b := d.newVisitor(t).logIn("matt")
	phone := b.enroll()
	b = d.newVisitor(t).logIn("matt")
	check(t, b.finish(accounts.FactorTOTP, phone.code(), true))
	b.want("matt@lp.com")
	d.newVisitor(t).logIn("joe@lp.com")
	check(t, d.CreateRole(t.Context(), accounts.Role{Name: "admin"}))
	matt := d.find(t, "matt")
	check(t, d.Grant(t.Context(), matt.ID, "admin"))
	d.AddExporter("orders", exporter(func(context.Context, string) (any, error) { return "replaced", nil }))
	d.AddExporter("orders", exporter(func(_ context.Context, id string) (any, error) { return []string{"order of " + id}, nil }))
	e, err := d.Export(t.Context(), matt.ID)
	check(t, err)
	encoded, err := json.Marshal(e)
	check(t, err)
	var got struct {
		User struct {
			ID, Email, Username string
			Roles               []string
			HasPassword         bool   `json:"has_password"`
			CreatedAt           string `json:"created_at"`
		}
		Sessions       []map[string]any
		TrustedDevices []map[string]any `json:"trusted_devices"`
		TwoFactor      []map[string]any `json:"two_factor"`
		Orders         []string
		ExportedAt     string `json:"exported_at"`
	}
	check(t, json.Unmarshal(encoded, &got))
	if u := got.User; u.ID != matt.ID || u.Email != "matt@lp.com" || u.Username != "matt" || len(u.Roles) != 1 || !u.HasPassword || u.CreatedAt == "" {
		t.Errorf("the user is %+v", u)
	}
	if len(got.Sessions) != 2 || len(got.TrustedDevices) != 1 || len(got.TwoFactor) != 11 || len(got.Orders) != 1 || got.Orders[0] != "order of "+matt.ID || got.ExportedAt == "" {
		t.Errorf("the export is %s", encoded)
	}
	for _, key := range []string{"user_agent", "address", "created_at", "last_seen_at", "expires_at"} {
		if v, ok := got.Sessions[0][key]; !ok || v == "" || v == nil {
			t.Errorf("a session has no %s: %v", key, got.Sessions[0])
		}
	}
	if strings.Contains(string(encoded), "joe") {
		t.Error("it has another user's data")
	}

	secrets := map[string][]byte{"the password": []byte(password.Reveal()), "its hash": []byte(matt.PasswordHash), "the authenticator's key": phone.key}
	for _, c := range b.cookies {
		secrets["the cookie "+c.Name] = []byte(c.Value)
	}
	for _, code := range phone.recovery {
		secrets["a recovery code "+code] = []byte(code)
	}
	sessions, err := d.store.Sessions(t.Context(), "", matt.ID, d.clock.Now())
	check(t, err)
	for _, s := range sessions {
		secrets["a session "+s.ID()] = s.Hash[:]
	}
	factors, err := d.store.Factors(t.Context(), "", matt.ID)
	check(t, err)
	for _, f := range factors {
		if secrets["a factor "+f.ID] = f.Secret; len(f.Secret) == 0 {
			secrets["a factor "+f.ID] = []byte(f.ID) // a recovery code's hash
		}
	}
	for what, secret := range secrets {
		if len(secret) == 0 {
			continue
		}
		for _, text := range []string{string(secret), hex.EncodeToString(secret), base64.StdEncoding.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret)} {
			if strings.Contains(string(encoded), text) {
				t.Errorf("it has %s", what)
			}
		}
	}
	if len(secrets) < 25 {
		t.Errorf("only %d secrets were searched for", len(secrets))
	}

	_, err = d.Export(t.Context(), "nobody")
	wantErr(t, "of nobody", err, accounts.ErrNoUser)
	broken := errors.New("out of order")
	d.AddExporter("orders", exporter(func(context.Context, string) (any, error) { return nil, broken }))
	if _, err := d.Export(t.Context(), matt.ID); !errors.Is(err, broken) {
		t.Errorf("an exporter's error: %v", err)
	}
}

// A new account's export has no null where a list is, and says when it is deleted.
func TestAccounts12_ExportOfANewAccount(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	u := d.user(t, "kim@lp.com", "")
	at, err := d.ScheduleDeletion(t.Context(), u.ID)
	check(t, err)
	e, err := d.Export(t.Context(), u.ID)
	check(t, err)
	encoded, err := json.Marshal(e)
	check(t, err)
	for _, want := range []string{`"sessions":[]`, `"trusted_devices":[]`, `"two_factor":[]`, `"api_tokens":[]`, `"email_verified_at":null`, `"deletion_at":"` + at.UTC().Format("2006-01-02T15:04:05Z") + `"`} {
		if !strings.Contains(string(encoded), want) {
			t.Errorf("no %s in %s", want, encoded)
		}
	}
}

// Every field of the account, of a session, a trusted device, a factor and a token has its
// value, and all times are in UTC.
func TestAccounts12_ExportIsWhole(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("east", 3600)
	at := func(hour int) time.Time { return time.Date(2026, 11, 20, hour+1, 0, 0, 0, zone) }
	s := newSite(t, "http", func(c *accounts.Config) { c.Now = func() time.Time { return at(12) } })
	u := accounts.User{ID: "7", Email: "ann@lp.com", Username: "ann", Language: "de", EmailVerifiedAt: at(1), CreatedAt: at(2), UpdatedAt: at(3),
		Login: accounts.Tracking{LastAt: at(4), LastAddress: "192.0.2.4", CurrentAt: at(5), CurrentAddress: "192.0.2.5", Count: 6}}
	check(t, s.store.InsertUser(t.Context(), u))
	for i, v := range []accounts.Session{
		{UserAgent: "a phone", Address: "192.0.2.7", Via: "google", Remember: true, CreatedAt: at(7)},
		{UserAgent: "a laptop", Address: "192.0.2.8", LimitedTo: accounts.LimitedToTrust, CreatedAt: at(8)},
	} {
		v.UserID, v.Hash, v.LastSeenAt, v.ExpiresAt = u.ID, [32]byte{byte(i)}, at(9), at(13)
		check(t, s.store.InsertSession(t.Context(), v))
	}
	check(t, s.store.PutFactor(t.Context(), accounts.StoredFactor{UserID: u.ID, Kind: accounts.FactorPasskey, ID: "1", Name: "key", CreatedAt: at(1), ConfirmedAt: at(2), LastUsedAt: at(3)}))
	check(t, s.store.InsertToken(t.Context(), apitoken.Token{UserID: u.ID, ID: "t", Name: "deploy", CreatedAt: at(1), ExpiresAt: at(14)}))
	check(t, s.store.UseToken(t.Context(), "", [32]byte{}, at(10)))
	for _, name := range []string{"orders", "notes"} {
		s.AddExporter(name, exporter(func(context.Context, string) (any, error) { return name, nil }))
	}
	e, err := s.Export(t.Context(), u.ID)
	check(t, err)
	encoded, err := json.MarshalIndent(e, "", "\t")
	check(t, err)
	const want = `{
	"api_tokens": [
		{
			"created_at": "2026-11-20T01:00:00Z",
			"expires_at": "2026-11-20T14:00:00Z",
			"last_used_at": "2026-11-20T10:00:00Z",
			"name": "deploy",
			"scopes": []
		}
	],
	"exported_at": "2026-11-20T12:00:00Z",
	"notes": "notes",
	"orders": "orders",
	"sessions": [
		{
			"address": "192.0.2.7",
			"created_at": "2026-11-20T07:00:00Z",
			"expires_at": "2026-11-20T13:00:00Z",
			"last_seen_at": "2026-11-20T09:00:00Z",
			"remember": true,
			"user_agent": "a phone",
			"via": "google"
		}
	],
	"trusted_devices": [
		{
			"address": "192.0.2.8",
			"created_at": "2026-11-20T08:00:00Z",
			"expires_at": "2026-11-20T13:00:00Z",
			"last_seen_at": "2026-11-20T09:00:00Z",
			"remember": false,
			"user_agent": "a laptop"
		}
	],
	"two_factor": [
		{
			"confirmed_at": "2026-11-20T02:00:00Z",
			"created_at": "2026-11-20T01:00:00Z",
			"kind": "passkey",
			"last_used_at": "2026-11-20T03:00:00Z",
			"name": "key"
		}
	],
	"user": {
		"active": false,
		"created_at": "2026-11-20T02:00:00Z",
		"current_login_address": "192.0.2.5",
		"current_login_at": "2026-11-20T05:00:00Z",
		"deletion_at": null,
		"email": "ann@lp.com",
		"email_verified": true,
		"email_verified_at": "2026-11-20T01:00:00Z",
		"has_password": false,
		"id": "7",
		"language": "de",
		"last_login_address": "192.0.2.4",
		"last_login_at": "2026-11-20T04:00:00Z",
		"logins": 6,
		"roles": [],
		"updated_at": "2026-11-20T03:00:00Z",
		"username": "ann"
	}
}`
	if string(encoded) != want {
		t.Errorf("%s", encoded)
	}
	u.Active, u.EmailVerifiedAt = true, time.Time{}
	u.Version++
	check(t, s.store.UpdateUser(t.Context(), u))
	if e, err := s.Export(t.Context(), u.ID); err != nil || !e.User.Active || e.User.EmailVerifiedAt != nil {
		t.Errorf("%+v, %v", e, err)
	}
	e.ExportedAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	if encoded, err := json.Marshal(e); err == nil {
		t.Errorf("a year that JSON does not have: %s", encoded)
	}
}
