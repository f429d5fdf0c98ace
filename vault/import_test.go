package vault_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// oldTable lists what the connections table of a Flask-Social application keeps,
// tokens in the clear.
func oldTable(srv *server) []vault.Unsealed {
	var rows []vault.Unsealed
	for i := range 30 {
		g := srv.grant(fmt.Sprint(i+100), time.Time{})
		g.Token = oauth.Token{Access: g.Token.Access, Secret: "CANARY-token-secret"}
		rows = append(rows, vault.Unsealed{UserID: fmt.Sprint(i / 3), Rank: i % 3, Grant: *g})
	}
	return rows
}

// importAll imports an old table, until the context ends.
func importAll(ctx context.Context, rows []vault.Unsealed, v *vault.Vault, each func(imported bool)) error {
	for _, row := range rows {
		_, imported, err := v.Import(ctx, row)
		if err != nil {
			return err
		}
		each(imported)
	}
	return nil
}

// An old table is imported in several runs, while the application uses what was
// imported.
func TestImportOldTable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	old := oldTable(b.srv)
	ctx, stop := context.WithCancel(t.Context())
	moved := 0
	err := importAll(ctx, old, b.Vault, func(imported bool) {
		if imported {
			moved++
		}
		if moved == 10 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || moved < 10 || moved > 10 {
		t.Fatalf("%d moved, %v", moved, err)
	}
	// One of them is authorized anew between two runs: the old token does not come back.
	c, err := b.ByIdentity(t.Context(), "acme", "104")
	if err != nil || c.UserID != "1" || c.Rank != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	g := b.srv.grant("104", b.clock.now().Add(time.Hour))
	if _, err := b.Renew(t.Context(), c, g); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{30, 30} {
		if err := importAll(t.Context(), old, b.Vault, func(imported bool) {
			if imported {
				moved++
			}
		}); err != nil || moved != want {
			t.Fatalf("%d moved, %v", moved, err)
		}
	}
	if tok, err := b.Token(t.Context(), c); err != nil || tok.Access != g.Token.Access {
		t.Errorf("the newer token was replaced (%v)", err)
	}
	for i := range 30 {
		c, err := b.ByIdentity(t.Context(), "acme", fmt.Sprint(i+100))
		if err != nil {
			t.Fatal(err)
		}
		if status, err := b.get(b.Vault, c); status != 200 || c.Rank != i%3 || c.UserID != fmt.Sprint(i/3) {
			t.Errorf("%+v: %d, %v", c, status, err)
		}
	}
	// Its token secret was imported too.
	c, _ = b.ByIdentity(t.Context(), "acme", "107")
	if tok, err := b.Token(t.Context(), c); err != nil || tok.Secret != "CANARY-token-secret" {
		t.Errorf("%v", err)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("ada", time.Hour)
	for name, test := range map[string]struct {
		change func(*vault.Unsealed)
		want   error
	}{
		"another user's":   {func(u *vault.Unsealed) { u.Grant.Profile.Subject = "ada" }, vault.ErrTaken},
		"no token":         {func(u *vault.Unsealed) { u.Grant.Token = oauth.Token{} }, nil},
		"no user":          {func(u *vault.Unsealed) { u.UserID = "" }, nil},
		"no subject":       {func(u *vault.Unsealed) { u.Grant.Profile.Subject = "" }, nil},
		"a zero":           {func(u *vault.Unsealed) { u.Grant.Profile.Subject = "0" }, nil},
		"a blank":          {func(u *vault.Unsealed) { u.Grant.Profile.Subject = " " }, nil},
		"unknown provider": {func(u *vault.Unsealed) { u.Grant.ProviderID = "none" }, vault.ErrUnknownProvider},
	} {
		u := vault.Unsealed{UserID: "eve", Grant: *b.srv.grant("eve", time.Time{})}
		test.change(&u)
		if _, imported, err := b.Import(t.Context(), u); err == nil || imported || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An old table is imported row by row; running it again imports new rows.
func ExampleVault_Import() {
	var db *sql.DB // with the old table
	var v *vault.Vault
	migrate := func(ctx context.Context) error {
		rows, err := db.QueryContext(ctx, `SELECT user_id, provider_id, provider_user_id, access_token, secret FROM connections`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var u vault.Unsealed
			var access, tokenSecret string
			if err := rows.Scan(&u.UserID, &u.Grant.ProviderID, &u.Grant.Profile.Subject, &access, &tokenSecret); err != nil {
				return err
			}
			u.Rank = -1
			u.Grant.Token = oauth.Token{Access: secret.Text(access), Secret: secret.Text(tokenSecret)}
			if _, _, err := v.Import(ctx, u); err != nil {
				return err
			}
		}
		return rows.Err()
	}
	_ = migrate
}

// An old token is as old as its connection, and is kept alive like one that was
// never imported.
func TestImportedTokensAreKeptAlive(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	b := newBench(t, func(c *vault.Config) { c.KeepAlive = month })
	for subject, made := range map[string]time.Time{"ada": b.clock.now().Add(-month), "bob": {}} {
		_, imported, err := b.Import(t.Context(), vault.Unsealed{UserID: "user", Grant: *b.srv.grant(subject, time.Time{}), CreatedAt: made})
		if err != nil || !imported {
			t.Fatalf("imported: %v, %v", imported, err)
		}
	}
	for want, later := range []time.Duration{1: 2 * time.Hour, 2: month} {
		b.clock.advance(later)
		all, err := b.KeepAlive(t.Context())
		if err != nil || len(all) != min(want, 1) || want > 0 && all[0].Refreshed != want {
			t.Errorf("%+v, %v, want %d", all, err, want)
		}
	}
}

// A refresh token is enough: the access token comes at the first use.
func TestImportOfARefreshTokenAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	u := vault.Unsealed{UserID: "user", Grant: *b.srv.grant("ada", time.Time{})}
	u.Grant.Token.Access = ""
	c, _, err := b.Import(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if status, err := b.get(b.Vault, c); status != 200 || err != nil || b.srv.refreshN.Load() != 1 {
		t.Errorf("%d, %v, after %d refreshes", status, err, b.srv.refreshN.Load())
	}
}

// A token of OAuth 1.0a cannot be used without its secret.
func TestImportOfOAuth1WantsTheSecret(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) {
		c.Providers = append(c.Providers, &oauth.OAuth1{
			ID: "twitter", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}},
			Endpoints: oauth.Endpoints{RequestToken: "https://t.test/r", Authorize: "https://t.test/a", Token: "https://t.test/t", UserInfo: "https://t.test/u"},
			Profile:   oauth.Mapping{Subject: "id"},
		})
	})
	u := vault.Unsealed{UserID: "user", Grant: oauth.Grant{ProviderID: "twitter", Profile: oauth.Profile{Subject: "1"}}}
	for _, u.Grant.Token = range []oauth.Token{{Access: "a"}, {Secret: "s", Refresh: "r"}} {
		if c, imported, err := b.Import(t.Context(), u); err == nil || imported {
			t.Errorf("imported %+v", c)
		}
	}
	if list, err := b.Connections(t.Context(), "user", ""); err != nil || len(list) != 0 {
		t.Errorf("%d connections, %v", len(list), err)
	}
	u.Grant.Token = oauth.Token{Access: "a", Secret: "s"}
	if _, imported, err := b.Import(t.Context(), u); err != nil || !imported {
		t.Error(err)
	}
}

// An address from elsewhere may be anything, and pages make links and pictures of it.
func TestSecurity44_AddressesThatAreNotOfTheWebAreNotKept(t *testing.T) {
	t.Parallel()
	for address, kept := range map[string]bool{
		"https://example.com/ada": true, "http://example.com/ada.png": true,
		"javascript:alert(1)": false, "JavaScript:alert(1)": false, "data:text/html,x": false, " javascript:alert(1)": false,
		"java\nscript:alert(1)": false, "//example.com/x": false, "/x": false, "ftp://example.com/": false, "x": false,
	} {
		for way, keep := range map[string]func(*bench, *oauth.Grant) (vault.Connection, error){
			"import": func(b *bench, g *oauth.Grant) (vault.Connection, error) {
				c, _, err := b.Import(t.Context(), vault.Unsealed{UserID: "user", Grant: *g})
				return c, err
			},
			"connect": func(b *bench, g *oauth.Grant) (vault.Connection, error) { return b.Connect(t.Context(), "user", g) },
			"renew": func(b *bench, g *oauth.Grant) (vault.Connection, error) {
				return b.Renew(t.Context(), b.connect("ada", minute), g)
			},
		} {
			b := newBench(t)
			g := b.srv.grant("ada", time.Time{})
			g.Profile.ProfileURL, g.Profile.ImageURL, g.Profile.DisplayName = address, address, "a\u202eda"
			c, err := keep(b, g)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			if kept {
				want = address
			}
			if row := b.row(c.ID); row.ProfileURL != want || row.ImageURL != want || row.DisplayName != "ada" {
				t.Errorf("%s of %q: %q, %q, %q", way, address, row.ProfileURL, row.ImageURL, row.DisplayName)
			}
		}
	}
}
