package providers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// alwaysVerified has what a provider's documentation says where each address that it
// gives is verified.
var alwaysVerified = map[string]string{
	"twitch":  "The user's verified email address. The object includes this field only if the user access token includes the user:read:email scope.",
	"twitter": "If the user does not have an email address on their account, or if the email address is not verified, null will be returned.",
}

// namedSubjects are providers that give nothing better than a name, which they do not let
// people change, or do not give to another.
var namedSubjects = map[string]string{
	"edx":        "Open edX lets nobody change their username, nor take that of an account that was there before.",
	"jupyterhub": "A hub has nothing but the names of its users, which only its administrators can change.",
}

func TestEntriesKeepToTheRules(t *testing.T) {
	t.Parallel()
	id := regexp.MustCompile(`^[a-z0-9]+$`)
	for _, e := range providers.All() {
		p, err := e.New(settings(e.ID))
		if err != nil {
			t.Errorf("%s: %v", e.ID, err)
			continue
		}
		if !id.MatchString(e.ID) {
			t.Errorf("%s: an ID has small letters and digits", e.ID)
		}
		if !strings.HasSuffix(e.About, ".") {
			t.Errorf("%s: About is no sentence: %q", e.ID, e.About)
		}
		if !slices.Contains(providers.Groups(), e.Group) {
			t.Errorf("%s: its group is %q", e.ID, e.Group)
		}
		var shared *oauth.OAuth2
		profile, endpoints := oauth.Mapping{}, oauth.Endpoints{}
		switch p := p.(type) {
		case *oauth.OAuth1:
			profile, endpoints = p.Profile, p.Endpoints
		case *oauth.OAuth2:
			shared, profile, endpoints = p, p.Profile, p.Endpoints
		case *oauth.OIDC:
			shared, profile, endpoints = &p.OAuth2, p.Profile, p.Endpoints
		}
		for _, address := range []string{
			endpoints.RequestToken, endpoints.Authorize, endpoints.Token, endpoints.Refresh, endpoints.UserInfo, endpoints.Emails,
			endpoints.Revoke, endpoints.Keys, endpoints.EndSession, endpoints.API,
		} {
			// A base address or host of its own, {token:…} or {callback:…}, is judged when it comes.
			start := strings.TrimPrefix(address, "https://")
			later := strings.HasPrefix(start, "{token:") || strings.HasPrefix(start, "{callback:")
			if u, err := url.Parse(address); address != "" && !later && (err != nil || u.Scheme != "https") {
				t.Errorf("%s: %s is no https address", e.ID, address)
			}
		}
		if api := strings.TrimSuffix(endpoints.API, "/") + "/"; endpoints.Emails != "" && !strings.HasPrefix(endpoints.Emails, api) {
			t.Errorf("%s: the addresses at %s are not below the API %s: moving it would not move them", e.ID, endpoints.Emails, endpoints.API)
		}
		last := profile.Subject[strings.LastIndexAny(profile.Subject, ".|{/")+1:]
		if named := slices.Contains([]string{"name", "username", "user_name", "login", "nickname", "screen_name", "email", "slug", "preferred_username", "handle"}, strings.Trim(last, "}")); named != (namedSubjects[e.ID] != "") {
			t.Errorf("%s: its subject is %s, and namedSubjects says %q", e.ID, profile.Subject, namedSubjects[e.ID])
		}
		if (profile.EmailVerified == "always") != (alwaysVerified[e.ID] != "") {
			t.Errorf("%s: its addresses are verified: %q, and alwaysVerified says %q", e.ID, profile.EmailVerified, alwaysVerified[e.ID])
		}
		if profile.Email != "" && profile.DisplayName == "" {
			t.Errorf("%s: it has no display name", e.ID)
		}
		if shared == nil {
			continue
		}
		for _, scope := range shared.Scopes {
			if strings.ContainsAny(scope, " ") || shared.ScopeSeparator == "," && strings.Contains(scope, ",") {
				t.Errorf("%s: the scope %q is several", e.ID, scope)
			}
		}
		if e.TrustEmail && profile.EmailVerified == "" && e.Protocol == oauth.ProtocolOAuth2 {
			t.Errorf("%s: it is on the trust list, and verifies nothing", e.ID)
		}
	}
}

// entryLines is the most lines that an entry takes; older ones with code or many words
// for scopes may have more.
const entryLines = 15

// rowsFunc is the name of a function that makes the entries of a letter, or a part of them.
var rowsFunc = regexp.MustCompile(`^rows[A-Z][a-z]?$`)

// An entry is data that one can read at a glance.
func TestEntriesAreShort(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("rows_*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !rowsFunc.MatchString(f.Name.Name) {
				continue
			}
			list, ok := f.Body.List[0].(*ast.ReturnStmt)
			if !ok || len(f.Body.List) != 1 {
				t.Errorf("%s: %s does more than return entries", path, f.Name.Name)
				continue
			}
			for _, one := range list.Results[0].(*ast.CompositeLit).Elts {
				lines := set.Position(one.End()).Line - set.Position(one.Pos()).Line + 1
				if lines > entryLines+2 { // the braces are no lines of it
					t.Errorf("%s:%d: an entry of %d lines", path, set.Position(one.Pos()).Line, lines)
				}
			}
		}
	}
}

// Entries are data: their files have no code, but for literals and assignments, and few
// others do.
func TestEntriesAreData(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		if !strings.HasPrefix(path, "rows_") {
			code = append(code, path)
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt:
				t.Errorf("%s: code among the entries", set.Position(n.Pos()))
				return false
			}
			return true
		})
	}
	if len(code) > 10 {
		t.Errorf("%d files of code: %s", len(code), strings.Join(code, " "))
	}
}
