package tenants_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/document/memstore"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/tenants"
	"github.com/gosocial/social/vault"
)

// A bench is a store, with directories of several processes and a clock.
type bench struct {
	t     *testing.T
	store *counting
	keys  *keyring.Ring

	mu     sync.Mutex
	time   time.Time
	events []audit.Event
}

// A counting store counts what is read.
type counting struct {
	*memstore.Store
	mu    sync.Mutex
	reads int
}

func (c *counting) Document(ctx context.Context, kind, id string) (document.Document, error) {
	c.mu.Lock()
	c.reads++
	c.mu.Unlock()
	return c.Store.Document(ctx, kind, id)
}

func (c *counting) Documents(ctx context.Context, f document.Filter) ([]document.Document, error) {
	c.mu.Lock()
	c.reads++
	c.mu.Unlock()
	return c.Store.Documents(ctx, f)
}

func (c *counting) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads
}

func newBench(t *testing.T) *bench {
	t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	return &bench{t: t, store: &counting{Store: memstore.New()}, keys: keys, time: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.time
}

func (b *bench) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.time = b.time.Add(d)
}

// process returns a directory as another process has it.
func (b *bench) process(shared ...oauth.Provider) *tenants.Directory {
	b.t.Helper()
	d, err := tenants.New(tenants.Config{Documents: b.store, Keys: b.keys, Shared: shared, Now: b.now, Logger: slog.New(slog.DiscardHandler),
		Record: func(_ context.Context, e audit.Event) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.events = append(b.events, e)
			return nil
		}})
	must(b.t, err)
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func in(t *testing.T, id string) context.Context { return tenant.With(t.Context(), id) }

func google(tenantID, client string) tenants.App {
	return tenants.App{Tenant: tenantID, Provider: "google", Enabled: true, Credentials: []tenants.Credentials{{ClientID: client, Secret: "CANARY-secret"}}}
}

// clients returns the client IDs and secrets of a provider of an OpenID Connect entry.
func clients(t *testing.T, p oauth.Provider) (list []string) {
	t.Helper()
	for _, c := range p.(*oauth.OIDC).Credentials {
		list = append(list, c.ClientID+" "+c.ClientSecret.Reveal())
	}
	return list
}

// What one process does takes hold there at once, and in another within MaxStale; until then
// nothing is read, whatever is asked.
func TestChangesTakeHold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, two := b.process(), b.process()
	unknown := func(d *tenants.Directory, want bool) {
		t.Helper()
		_, err := d.Provider(in(t, "acme"), "google")
		if errors.Is(err, vault.ErrUnknownProvider) != want || !want && err != nil {
			t.Errorf("got %v, want unknown: %v", err, want)
		}
	}
	unknown(one, true)
	unknown(two, true)
	if _, err := one.CreateApp(t.Context(), google("acme", "c")); !errors.Is(err, tenants.ErrNone) {
		t.Fatalf("of a tenant that is not there: %v", err)
	}
	_, err := one.CreateTenant(t.Context(), tenants.Tenant{ID: "acme", Name: "Acme"})
	must(t, err)
	a, err := one.CreateApp(t.Context(), google("acme", "c"))
	must(t, err)
	if a.ID != "acme.google" || a.Credentials[0].Secret != "" {
		t.Errorf("got %+v", a)
	}
	unknown(one, false)
	before := b.store.count()
	for range 100 {
		unknown(two, true)
		two.Provider(in(t, "strangers"), "google")
		two.Find(t.Context(), "strangers")
		two.ByDomain(t.Context(), "strangers.example")
	}
	if n := b.store.count() - before; n != 0 {
		t.Errorf("%d reads within MaxStale", n)
	}
	b.later(2 * time.Second)
	unknown(two, false)
	// Nothing has changed: one read in that time.
	b.later(2 * time.Second)
	before = b.store.count()
	for range 100 {
		unknown(two, false)
	}
	if n := b.store.count() - before; n != 1 {
		t.Errorf("%d reads, where nothing has changed", n)
	}
	// Strangers who name tenants cost nothing.
	before = b.store.count()
	for i := range 100 {
		two.Provider(in(t, fmt.Sprint("stranger", i)), "google")
	}
	if n := b.store.count() - before; n != 0 {
		t.Errorf("%d reads for tenants that are not there", n)
	}
	unknown(one, false)
	same, _ := two.Provider(in(t, "acme"), "google")
	_, err = two.UpdateApp(t.Context(), a.ID, func(a *tenants.App) error { a.Enabled = false; return nil })
	must(t, err)
	unknown(two, true)
	unknown(one, false)
	b.later(2 * time.Second)
	unknown(one, true)
	_, err = two.UpdateApp(t.Context(), a.ID, func(a *tenants.App) error { a.Enabled = true; return nil })
	must(t, err)
	if p, err := two.Provider(in(t, "acme"), "google"); err != nil || p == same {
		t.Errorf("%v", err)
	}
	// What has not changed is the same provider, so that the vault does not open it again.
	p, _ := two.Provider(in(t, "acme"), "google")
	_, err = two.CreateTenant(t.Context(), tenants.Tenant{ID: "blue", Name: "Blue"})
	must(t, err)
	if q, _ := two.Provider(in(t, "acme"), "google"); p != q {
		t.Error("another provider, though nothing has changed")
	}
	must(t, one.DeleteApp(t.Context(), a.ID))
	unknown(one, true)
	b.later(2 * time.Second)
	unknown(two, true)
	var names []string
	for _, e := range b.events {
		switch e := e.(type) {
		case tenants.TenantChanged:
			names = append(names, e.Tenant+" "+e.Change)
		case tenants.AppChanged:
			names = append(names, e.Tenant+"."+e.ProviderID+" "+e.Change)
		}
	}
	if got := strings.Join(names, ", "); got != "acme created, acme.google created, acme.google updated, acme.google updated, blue created, acme.google deleted" {
		t.Errorf("recorded %s", got)
	}
}

// A tenant has its own applications, and those of all; never another's.
func TestTenantsProviders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	shared, err := providers.Custom("google", providers.Settings{ID: "google", Credentials: []oauth.Credentials{{ClientID: "shared", ClientSecret: "s"}}})
	must(t, err)
	d := b.process(shared)
	for _, id := range []string{"acme", "blue"} {
		_, err := d.CreateTenant(t.Context(), tenants.Tenant{ID: id, Name: id})
		must(t, err)
	}
	_, err = d.CreateApp(t.Context(), google("acme", "acmes"))
	must(t, err)
	app := google("blue", "blues")
	app.Provider, app.Type = "own", "google"
	_, err = d.CreateApp(t.Context(), app)
	must(t, err)
	list := func(id string) (ids []string) {
		all, err := d.Providers(in(t, id))
		must(t, err)
		for _, p := range all {
			ids = append(ids, p.Description().ID+" "+clients(t, p)[0])
		}
		return ids
	}
	for id, want := range map[string]string{
		"": "[google shared s]", "acme": "[google acmes CANARY-secret]", "blue": "[google shared s own blues CANARY-secret]", "red": "[google shared s]",
	} {
		if got := fmt.Sprint(list(id)); got != want {
			t.Errorf("%q: %s, want %s", id, got, want)
		}
	}
	if _, err := d.Provider(in(t, "acme"), "own"); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("another tenant's: %v", err)
	}
	// Out of use, it is not there, and the shared one is not in its place.
	_, err = d.UpdateApp(t.Context(), "acme.google", func(a *tenants.App) error { a.Enabled = false; return nil })
	must(t, err)
	if got := list("acme"); len(got) != 0 {
		t.Errorf("lists %v", got)
	}
	if _, err := d.Provider(in(t, "acme"), "google"); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("out of use: %v", err)
	}
	must(t, d.DeleteTenant(t.Context(), "acme"))
	if got := fmt.Sprint(list("acme")); got != "[google shared s]" {
		t.Errorf("after it is deleted: %s", got)
	}
	if apps, err := d.Apps(t.Context(), "", "", 10); err != nil || len(apps) != 1 || apps[0].Tenant != "blue" {
		t.Errorf("apps: %v, %v", apps, err)
	}
	if apps, _ := d.Apps(t.Context(), "acme", "", 10); len(apps) != 0 {
		t.Errorf("apps: %v", apps)
	}
}

// Credentials are changed one by one: the first are for new flows, those before stay valid
// until they are retired, and none is read again.
func TestCredentialsAreRotated(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := b.process()
	_, err := d.CreateApp(t.Context(), google("", "one"))
	must(t, err)
	used := func() string {
		p, err := d.Provider(t.Context(), "google")
		must(t, err)
		return strings.Join(clients(t, p), ", ")
	}
	if got := used(); got != "one CANARY-secret" {
		t.Fatalf("used are %s", got)
	}
	b.later(time.Minute)
	a, err := d.AddCredentials(t.Context(), "default.google", tenants.Credentials{ClientID: "two", Secret: "CANARY-second"})
	must(t, err)
	if got := used(); got != "two CANARY-second, one CANARY-secret" {
		t.Errorf("used are %s", got)
	}
	if a.Credentials[0].ClientID != "two" || !a.Credentials[0].CreatedAt.Equal(b.now()) || !a.Credentials[1].CreatedAt.Before(b.now()) {
		t.Errorf("got %+v", a.Credentials)
	}
	// Another secret of one client.
	_, err = d.AddCredentials(t.Context(), "default.google", tenants.Credentials{ClientID: "two", Secret: "CANARY-third"})
	must(t, err)
	if got := used(); got != "two CANARY-third, two CANARY-second, one CANARY-secret" {
		t.Errorf("used are %s", got)
	}
	_, err = d.RetireCredentials(t.Context(), "default.google", "one")
	must(t, err)
	if got := used(); got != "two CANARY-third, two CANARY-second" {
		t.Errorf("used are %s", got)
	}
	a, err = d.RetireCredentials(t.Context(), "default.google", "")
	must(t, err)
	if got := used(); got != "two CANARY-third" {
		t.Errorf("used are %s", got)
	}
	if _, err = d.RetireCredentials(t.Context(), "default.google", ""); !errors.Is(err, tenants.ErrNoCredentials) {
		t.Errorf("the last: %v", err)
	}
	if len(a.Credentials) != 3 || a.Credentials[0].RetiredAt != (time.Time{}) || a.Credentials[1].RetiredAt.IsZero() || a.Credentials[2].RetiredAt.IsZero() {
		t.Errorf("got %+v", a.Credentials)
	}
	// A list that is entered whole: without a secret they stay, left out they retire.
	_, err = d.UpdateApp(t.Context(), "default.google", func(a *tenants.App) error {
		a.Credentials = []tenants.Credentials{{ClientID: "four", Secret: "CANARY-4"}, {ClientID: "two"}}
		return nil
	})
	must(t, err)
	if got := used(); got != "four CANARY-4, two CANARY-third" {
		t.Errorf("used are %s", got)
	}
	_, err = d.UpdateApp(t.Context(), "default.google", func(a *tenants.App) error {
		a.Credentials = a.Credentials[:1]
		return nil
	})
	must(t, err)
	if got := used(); got != "four CANARY-4" {
		t.Errorf("used are %s", got)
	}
	// A retired secret cannot come back without being entered.
	_, err = d.UpdateApp(t.Context(), "default.google", func(a *tenants.App) error {
		a.Credentials = []tenants.Credentials{{ClientID: "one"}}
		return nil
	})
	if invalid(err) != "credentials" {
		t.Errorf("got %v", err)
	}
	// A change of anything else leaves them.
	_, err = d.UpdateApp(t.Context(), "default.google", func(a *tenants.App) error { a.Scopes = []string{"openid"}; return nil })
	must(t, err)
	if got := used(); got != "four CANARY-4" {
		t.Errorf("used are %s", got)
	}
	rows, err := b.store.Documents(t.Context(), document.Filter{Kind: "provider_app", Limit: 10})
	must(t, err)
	for _, row := range rows {
		if bytes.Contains(row.Body, []byte("CANARY")) || bytes.Contains(row.Body, []byte(base64.StdEncoding.EncodeToString([]byte("CANARY-4"))[:8])) {
			t.Errorf("the row has a secret: %s", row.Body)
		}
	}
	// What is retired is deleted.
	var kept struct{ Sealed []byte }
	must(t, json.Unmarshal(rows[0].Body, &kept))
	plain, err := b.keys.Open(kept.Sealed, keyring.Bind("social/provider_app", "default.google"))
	must(t, err)
	if got := regexp.MustCompile(`CANARY-\w+`).FindAllString(string(plain), -1); fmt.Sprint(got) != "[CANARY-4]" {
		t.Errorf("the row keeps %v", got)
	}
	all, err := d.Apps(t.Context(), "default", "", 10)
	must(t, err)
	if text := fmt.Sprintf("%+v %#v", *all[0], all[0].Credentials); strings.Contains(text, "CANARY") {
		t.Error("a secret is read again")
	}
}

// invalid returns the field that an error is about.
func invalid(err error) string {
	var e *tenants.InvalidError
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	return e.Fields[0].Field
}

// Applications are checked as the configuration file's providers are, field by field.
func TestAppsAreChecked(t *testing.T) {
	t.Parallel()
	d := newBench(t).process()
	for name, test := range map[string]struct {
		change func(*tenants.App)
		field  string
		says   string
	}{
		"no provider":              {func(a *tenants.App) { a.Provider = "" }, "provider", "no provider's ID"},
		"a provider that is no ID": {func(a *tenants.App) { a.Provider = "Go ogle" }, "provider", "no provider's ID"},
		"a connection's ID":        {func(a *tenants.App) { a.Provider = "con_1" }, "provider", "no provider's ID"},
		"not in the catalog":       {func(a *tenants.App) { a.Provider = "gogle" }, "provider", "needs a type"},
		"an unknown type":          {func(a *tenants.App) { a.Type = "saml" }, "type", "oidc, oauth2"},
		"no client ID":             {func(a *tenants.App) { a.Credentials[0].ClientID = "" }, "credentials", "client_id"},
		"no secret":                {func(a *tenants.App) { a.Credentials[0].Secret = "" }, "credentials", "secret is missing"},
		"no credentials":           {func(a *tenants.App) { a.Credentials = nil }, "credentials", "client ID"},
		"an unknown parameter":     {func(a *tenants.App) { a.Parameters = map[string]string{"isuer": "x"} }, "parameters.isuer", "no such parameter"},
		"a missing issuer":         {func(a *tenants.App) { a.Provider, a.Type = "acme", "oidc" }, "parameters.issuer", "missing"},
		"an issuer that is no address": {func(a *tenants.App) {
			a.Provider, a.Type, a.Parameters = "acme", "oidc", map[string]string{"issuer": "acme"}
		}, "parameters.issuer", ""},
		"a missing parameter": {func(a *tenants.App) { a.Provider = "nextcloud" }, "parameters.instance", "missing"},
		"a parameter that is no host": {func(a *tenants.App) {
			a.Provider, a.Parameters = "nextcloud", map[string]string{"instance": "https://x/?a"}
		}, "parameters.instance", "must be"},
		"not true or false":   {func(a *tenants.App) { a.Parameters = map[string]string{"pkce": "perhaps"} }, "parameters.pkce", "true or false"},
		"an unknown proof":    {func(a *tenants.App) { a.Parameters = map[string]string{"token_auth": "magic"} }, "parameters.token_auth", "must be"},
		"a parameter of ours": {func(a *tenants.App) { a.Parameters = map[string]string{"auth_params.state": "x"} }, "parameters.auth_params", ""},
		"a long parameter":    {func(a *tenants.App) { a.Parameters = map[string]string{"name": strings.Repeat("x", 3000)} }, "parameters.name", "longer"},
		"no scope":            {func(a *tenants.App) { a.Scopes = []string{"a b"} }, "scopes", "no scope"},
		"a key that is none": {func(a *tenants.App) {
			a.Credentials[0].Secret, a.Credentials[0].PrivateKey = "", "CANARY-key"
		}, "credentials", ""},
	} {
		a := google("", "c")
		test.change(&a)
		_, err := d.CreateApp(t.Context(), a)
		if got := invalid(err); got != test.field && !strings.HasPrefix(got, test.field) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v; want %s: %s", name, err, test.field, test.says)
		}
	}
	for name, a := range map[string]tenants.App{
		"an entry's parameter": {Provider: "nextcloud", Parameters: map[string]string{"instance": "https://social.example"}, Credentials: []tenants.Credentials{{ClientID: "c", Secret: "s"}}},
		"an issuer":            {Provider: "id", Type: "oidc", Parameters: map[string]string{"issuer": "https://id.example", "name": "Ours", "auth_params.acr_values": "2"}, Credentials: []tenants.Credentials{{ClientID: "c", Secret: "s"}}},
		"a public client":      {Provider: "pub", Type: "oidc", Parameters: map[string]string{"issuer": "https://id.example", "token_auth": "none"}, Credentials: []tenants.Credentials{{ClientID: "c"}}},
		"OAuth 2": {Provider: "two", Type: "oauth2", Parameters: map[string]string{"endpoints.authorize": "https://a.example/a", "endpoints.token": "https://a.example/t", "endpoints.userinfo": "https://a.example/u", "profile.id": "uid"},
			Credentials: []tenants.Credentials{{ClientID: "c", Secret: "s"}}},
	} {
		a.Enabled = true
		if _, err := d.CreateApp(t.Context(), a); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := d.Provider(t.Context(), a.Provider); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.CreateApp(t.Context(), tenants.App{Provider: "id", Type: "oidc", Parameters: map[string]string{"issuer": "https://id.example"}, Credentials: []tenants.Credentials{{ClientID: "c", Secret: "s"}}}); !errors.Is(err, tenants.ErrTaken) {
		t.Errorf("twice: %v", err)
	}
}

func picture(t *testing.T, width int) string {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, width, width))))
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestTenantsAreChecked(t *testing.T) {
	t.Parallel()
	d := newBench(t).process()
	good := tenants.Tenant{ID: "acme", Name: "Acme", Domains: []tenants.Domain{{Domain: "Acme.Example", Verified: true}, {Domain: "acme.example.net"}},
		Branding: tenants.Branding{Name: "Acme", Color: "#2F5D8A", Mark: picture(t, 16)}, RedirectOrigins: []string{"https://App.acme.example:443/"}}
	svg := "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`))
	for name, test := range map[string]struct {
		change func(*tenants.Tenant)
		field  string
	}{
		"no ID":                 {func(n *tenants.Tenant) { n.ID = "" }, "id"},
		"a dot in it":           {func(n *tenants.Tenant) { n.ID = "a.b" }, "id"},
		"no name":               {func(n *tenants.Tenant) { n.Name = " " }, "name"},
		"a name of lines":       {func(n *tenants.Tenant) { n.Name = "a\nb" }, "name"},
		"a domain with a path":  {func(n *tenants.Tenant) { n.Domains[0].Domain = "acme.example/x" }, "domains"},
		"a domain of one part":  {func(n *tenants.Tenant) { n.Domains[0].Domain = "localhost" }, "domains"},
		"a domain twice":        {func(n *tenants.Tenant) { n.Domains[1].Domain = "acme.example" }, "domains"},
		"an origin of http":     {func(n *tenants.Tenant) { n.RedirectOrigins[0] = "http://app.acme.example" }, "redirect_origins"},
		"an origin with a path": {func(n *tenants.Tenant) { n.RedirectOrigins[0] = "https://app.acme.example/x" }, "redirect_origins"},
		"any origin":            {func(n *tenants.Tenant) { n.RedirectOrigins[0] = "*" }, "redirect_origins"},
		"a color by name":       {func(n *tenants.Tenant) { n.Branding.Color = "red" }, "branding.color"},
		"a color of style":      {func(n *tenants.Tenant) { n.Branding.Color = "#fff;}body{" }, "branding.color"},
		"a light color":         {func(n *tenants.Tenant) { n.Branding.Color = "#ffd700" }, "branding.color"},
		"a script":              {func(n *tenants.Tenant) { n.Branding.Mark = svg }, "branding.mark"},
		"a script as PNG":       {func(n *tenants.Tenant) { n.Branding.Mark = strings.Replace(svg, "svg+xml", "png", 1) }, "branding.mark"},
		"an address":            {func(n *tenants.Tenant) { n.Branding.Mark = "https://acme.example/mark.png" }, "branding.mark"},
		"half a picture":        {func(n *tenants.Tenant) { n.Branding.Mark = n.Branding.Mark[:len(n.Branding.Mark)-40] }, "branding.mark"},
		"a large picture":       {func(n *tenants.Tenant) { n.Branding.Mark = picture(t, 1025) }, "branding.mark"},
	} {
		n := good
		n.Domains, n.RedirectOrigins = slices.Clone(good.Domains), slices.Clone(good.RedirectOrigins)
		test.change(&n)
		if _, err := d.CreateTenant(t.Context(), n); invalid(err) != test.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	made, err := d.CreateTenant(t.Context(), good)
	must(t, err)
	if made.Domains[0].Domain != "acme.example" || made.Branding.Color != "#2f5d8a" || made.RedirectOrigins[0] != "https://app.acme.example" {
		t.Errorf("got %+v", made)
	}
	if got, err := d.Tenant(t.Context(), "acme"); err != nil || fmt.Sprint(got.Domains) != fmt.Sprint(made.Domains) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := d.CreateTenant(t.Context(), tenants.Tenant{ID: "acme", Name: "Other"}); !errors.Is(err, tenants.ErrTaken) {
		t.Errorf("twice: %v", err)
	}
}

// Only a verified domain finds a tenant, and it is one tenant's.
func TestDomains(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := b.process()
	create := func(id string, domains ...tenants.Domain) error {
		_, err := d.CreateTenant(t.Context(), tenants.Tenant{ID: id, Name: id, Domains: domains})
		return err
	}
	of := func(domain string) string {
		found, err := d.ByDomain(t.Context(), domain)
		must(t, err)
		if found == nil {
			return ""
		}
		return found.ID
	}
	must(t, create("acme", tenants.Domain{Domain: "acme.example", Verified: true}, tenants.Domain{Domain: "blue.example"}))
	must(t, create("blue", tenants.Domain{Domain: "blue.example", Verified: true}))
	if err := create("red", tenants.Domain{Domain: "acme.example", Verified: true}); !errors.Is(err, tenants.ErrDomainTaken) {
		t.Errorf("another tenant's: %v", err)
	}
	for domain, want := range map[string]string{"acme.example": "acme", "ACME.example.": "acme", "blue.example": "blue", "x.acme.example": "", "example": "", "": ""} {
		if got := of(domain); got != want {
			t.Errorf("%q: %q, want %q", domain, got, want)
		}
	}
	_, err := d.UpdateTenant(t.Context(), "acme", func(n *tenants.Tenant) error { n.Domains = nil; return nil })
	must(t, err)
	if of("acme.example") != "" {
		t.Error("a domain that was given back")
	}
	must(t, create("red", tenants.Domain{Domain: "acme.example", Verified: true}))
	must(t, d.DeleteTenant(t.Context(), "red"))
	if of("acme.example") != "" {
		t.Error("a domain of a tenant that is gone")
	}
	_, err = d.UpdateTenant(t.Context(), "blue", func(n *tenants.Tenant) error {
		n.Domains = append(n.Domains, tenants.Domain{Domain: "acme.example", Verified: true})
		return nil
	})
	must(t, err)
	if of("acme.example") != "blue" {
		t.Error("a domain that has become free")
	}
}

// Parallel changes lose none of them.
func TestParallelChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one := b.process()
	_, err := one.CreateApp(t.Context(), google("", "c0"))
	must(t, err)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if _, err := b.process().AddCredentials(t.Context(), "default.google", tenants.Credentials{ClientID: fmt.Sprint("c", i+1), Secret: "s"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	a, err := one.App(t.Context(), "default.google")
	must(t, err)
	if len(a.Credentials) != 9 {
		t.Errorf("%d credentials", len(a.Credentials))
	}
}

// The secrets of a row open under its own ID alone, and under the new key after Reseal.
func TestSealing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := b.process()
	_, err := d.CreateApp(t.Context(), google("", "c"))
	must(t, err)
	old := b.keys
	key := keyring.NewKey().Reveal()
	fresh, err := keyring.Parse(key)
	must(t, err)
	both, err := keyring.New(append(fresh.Keys(), old.Keys()...)...)
	must(t, err)
	b.keys = both
	if n, err := b.process().Reseal(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := b.process().Reseal(t.Context()); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	b.keys = fresh
	p, err := b.process().Provider(t.Context(), "google")
	must(t, err)
	if got := clients(t, p); got[0] != "c CANARY-secret" {
		t.Errorf("got %v", got)
	}
	row, err := b.store.Document(t.Context(), "provider_app", "default.google")
	must(t, err)
	row.ID, row.Tenant = "acme.google", "acme"
	must(t, b.store.InsertDocument(t.Context(), row))
	_, err = d.CreateTenant(t.Context(), tenants.Tenant{ID: "acme", Name: "Acme"})
	must(t, err)
	if _, err := b.process().Provider(in(t, "acme"), "google"); err == nil || errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("a row that was copied to another tenant: %v", err)
	}
	if _, err := b.process().App(t.Context(), "acme.google"); err == nil {
		t.Error("a row that was copied to another tenant is shown")
	}
	row, err = b.store.Document(t.Context(), "provider_app", "default.google")
	must(t, err)
	row.Body = bytes.Replace(row.Body, []byte(`"google"`), []byte(`"github"`), 1)
	must(t, b.store.UpdateDocument(t.Context(), row))
	if _, err := b.process().App(t.Context(), "default.google"); err == nil {
		t.Error("a row with another provider is shown")
	}
}
