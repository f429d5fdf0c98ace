package accounts_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
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
	for _, want := range []string{`"sessions":[]`, `"trusted_devices":[]`, `"two_factor":[]`, `"email_verified_at":null`, `"deletion_at":"` + at.UTC().Format("2006-01-02T15:04:05Z") + `"`} {
		if !strings.Contains(string(encoded), want) {
			t.Errorf("no %s in %s", want, encoded)
		}
	}
}
