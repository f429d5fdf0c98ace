package audit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/tenants"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/webhook"
)

// values has one value of every type of events that package audit may be given.
var values = []audit.Event{
	accounts.Registered{}, accounts.RegisteredAgain{}, accounts.Created{}, accounts.LoggedIn{}, accounts.LoginFailed{},
	accounts.Reauthenticated{}, accounts.ReauthenticationFailed{}, accounts.Locked{}, accounts.Throttled{}, accounts.LoggedOut{},
	accounts.SessionStolen{}, accounts.SessionsEnded{}, accounts.PasswordChanged{}, accounts.PasswordUnchecked{}, accounts.ActivityChanged{},
	accounts.VerificationChanged{}, accounts.LinkRequested{}, accounts.EmailChanged{}, accounts.UsernameChanged{}, accounts.TakenOver{},
	accounts.RoleCreated{}, accounts.RoleGranted{}, accounts.RoleRevoked{}, accounts.PermissionGranted{}, accounts.PermissionRevoked{},
	accounts.Deleted{}, accounts.DeletionRequested{}, accounts.DeletionCanceled{}, accounts.DeletionPending{},
	accounts.FactorDue{}, accounts.FactorFailed{}, accounts.FactorAdded{}, accounts.FactorRemoved{}, accounts.RecoveryCodesMade{},
	accounts.RecoveryCodeUsed{}, accounts.PasskeyCopied{}, accounts.DeviceTrusted{}, accounts.TokenCreated{}, accounts.TokensEnded{},
	social.LoginCompleted{}, social.LoginFailed{}, social.ConnectionCreated{}, social.ConnectionFailed{}, social.ConnectionUpdated{},
	social.ReauthenticationFailed{}, social.ConnectionRemoved{}, social.Deauthorized{}, social.ProviderSignal{}, social.DataDeletionRequested{}, social.AccountCreated{}, social.AccountDeleted{},
	vault.TokenRefreshed{}, vault.IDTokenDropped{}, vault.RefreshFailed{}, vault.ConnectionFailing{}, vault.ReauthorizationNeeded{}, vault.Recovered{},
	vault.StaleTokenDropped{}, vault.Revoked{}, vault.RevocationDeferred{}, vault.RevocationAbandoned{}, vault.BreakerOpened{},
	vault.ClientRefused{}, vault.KeptAlive{},
	gateway.ClientChanged{}, gateway.TokenGiven{}, gateway.TokenRefused{}, gateway.ProxyUsed{}, gateway.TokenEchoed{},
	tenants.TenantChanged{}, tenants.AppChanged{}, webhook.Changed{},
}

// eventTypes returns the names of the events that a package of the module has, by type.
func eventTypes(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
	check(t, err)
	types := map[string]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		check(t, err)
		for _, d := range tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "Event" || f.Body == nil {
				continue
			}
			of, ok := f.Recv.List[0].Type.(*ast.Ident)
			if !ok {
				continue
			}
			name, ok := f.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit)
			if !ok {
				t.Fatalf("the name of %s is no text", of.Name)
			}
			if types[of.Name], err = strconv.Unquote(name.Value); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(types) == 0 {
		t.Fatalf("no events in %q", folder)
	}
	return types
}

// Every event is in docs/events.md, once, and among those that the tests here record.
func TestEveryEventIsKnown(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../docs/events.md")
	check(t, err)
	tested := map[string]string{}
	for _, e := range values {
		tested[reflect.TypeOf(e).String()] = e.Event()
	}
	rows := 0
	for folder, pkg := range map[string]string{"": "social", "accounts": "accounts", "vault": "vault", "mail": "mail", "gateway": "gateway", "tenants": "tenants", "webhook": "webhook"} {
		for name, event := range eventTypes(t, folder) {
			rows++
			if n := strings.Count(string(doc), fmt.Sprintf("\n| `%s` | `%s` | ", event, name)); n != 1 {
				t.Errorf("docs/events.md has %s, the event %s of package %s, %d times", name, event, pkg, n)
			}
			if folder != "mail" && tested[pkg+"."+name] != event {
				t.Errorf("%s.%s is not among the values of this test", pkg, name)
			}
		}
	}
	if n := strings.Count(string(doc), "\n| `"); n != rows {
		t.Errorf("docs/events.md has %d events, there are %d", n, rows)
	}
}

var moment = time.Date(2026, time.March, 4, 5, 6, 7, 0, time.UTC)

// fill sets every exported field of a struct to a value of its own.
func fill(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	for i := range v.NumField() {
		f, name := v.Field(i), path+v.Type().Field(i).Name
		if !v.Type().Field(i).IsExported() {
			continue
		}
		switch f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(moment))
			continue
		case time.Duration:
			f.Set(reflect.ValueOf(90 * time.Second))
			continue
		}
		switch f.Kind() {
		case reflect.String:
			f.SetString("the " + name)
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Int, reflect.Int64:
			f.SetInt(2)
		case reflect.Struct:
			fill(t, f, name+".")
		case reflect.Slice:
			if f.Type().Elem().Kind() == reflect.String {
				f.Set(reflect.ValueOf([]string{"the " + name}))
			}
		case reflect.Interface:
			if f.Type() == reflect.TypeFor[error]() {
				f.Set(reflect.ValueOf(errors.New("the " + name)))
			}
		}
	}
}

// Of every event each field is in the row, as it was.
func TestEveryEventIsKept(t *testing.T) {
	t.Parallel()
	for _, zero := range values {
		v := reflect.New(reflect.TypeOf(zero)).Elem()
		fill(t, v, "")
		e := v.Interface().(audit.Event)
		store := memstore.New()
		log, err := audit.New(audit.Config{Store: store})
		check(t, err)
		check(t, log.Record(t.Context(), e))
		all, err := store.AuditAfter(t.Context(), 0, 9)
		check(t, err)
		if len(all) != 1 {
			t.Fatalf("%T: %d rows", e, len(all))
		}
		row := all[0]
		var details map[string]any
		check(t, json.Unmarshal(row.Details, &details))
		got := fmt.Sprint(row.Tenant, "|", row.UserID, "|", row.Provider, "|", row.ConnectionID, "|", row.Address, "|", slices.Collect(maps.Values(details)))
		for _, want := range leaves(v) {
			if !strings.Contains(got, want) {
				t.Errorf("%T: the row lacks %q: %s", e, want, got)
			}
		}
		if f := v.FieldByName("ConnectionID"); f.IsValid() && row.ConnectionID != f.String() {
			t.Errorf("%T: the connection is %q", e, row.ConnectionID)
		}
		if _, twice := details["provider_id"]; twice {
			t.Errorf("%T: the provider is there twice: %v", e, details)
		}
		if row.Event != e.Event() || row.Provider != e.Provider() {
			t.Errorf("%T: %q, %q", e, row.Event, row.Provider)
		}
		// What is zero takes no room.
		check(t, log.Record(t.Context(), zero))
		all, err = store.AuditAfter(t.Context(), row.Position, 9)
		check(t, err)
		if string(all[0].Details) != "{}" {
			t.Errorf("%T: the zero value is kept as %s", e, all[0].Details)
		}
	}
}

// leaves returns how the fields of an event are written, with those of embedded structs. Of
// a connection or a profile it is the identity.
func leaves(v reflect.Value) (texts []string) {
	for i := range v.NumField() {
		f := v.Field(i)
		switch x := f.Interface().(type) {
		case vault.Connection:
			texts = append(texts, x.ID, x.ProviderUserID, x.Scopes[0])
			continue
		case oauth.Profile:
			texts = append(texts, x.Subject)
			continue
		case time.Time:
			texts = append(texts, x.Format(time.RFC3339))
			continue
		case error:
			texts = append(texts, x.Error())
			continue
		}
		switch {
		case f.Kind() == reflect.Struct:
			texts = append(texts, leaves(f)...)
		default:
			texts = append(texts, strings.Trim(fmt.Sprint(f.Interface()), "[]"))
		}
	}
	return texts
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
