package social_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gosocial/social"

// rooms says what the packages of this module may import: which others of ours, besides
// internal ones, and which modules. A package in the folder of another shares its room.
var rooms = map[string]struct{ ours, modules []string }{
	"secret":    {},
	"escape":    {},
	"schema":    {},
	"keyring":   {ours: []string{"secret"}},
	"identity":  {ours: []string{"secret"}},
	"oauth":     {ours: []string{"secret"}, modules: []string{"golang.org/x/oauth2", "github.com/go-jose/go-jose/v4"}},
	"providers": {ours: []string{"oauth", "secret"}},
	// what a host speaks is said in terms of the catalog
	"oauth/discover": {ours: []string{"oauth", "providers", "secret"}},
	"jobs":           {},
	"onetime":        {ours: []string{"keyring"}},
	"document":       {},
	"audit":          {ours: []string{"jobs"}},
	"vault":          {ours: []string{"oauth", "secret", "keyring", "onetime", "jobs"}, modules: []string{"golang.org/x/oauth2"}},
	"mail":           {ours: []string{"keyring", "onetime", "jobs"}},
	"text":           {modules: []string{"golang.org/x/text"}},
	"":               {ours: []string{"oauth", "vault", "onetime", "keyring", "secret", "identity", "audit"}},
	"accounts":       {ours: []string{"secret", "keyring", "identity", "jobs", "mail", "audit"}, modules: []string{"golang.org/x/crypto", "golang.org/x/sync", "golang.org/x/text"}},
	"tenants":        {ours: []string{"audit", "document", "keyring", "oauth", "providers", "secret", "vault"}},
	"web":            {ours: []string{"", "audit", "text", "accounts", "vault", "secret", "identity"}},
	"gateway":        {ours: []string{"", "vault", "tenants", "webhook", "oauth", "audit", "document", "keyring", "secret"}, modules: []string{"github.com/go-jose/go-jose/v4"}},
	"webhook":        {ours: []string{"audit", "document", "jobs", "keyring", "secret", "vault"}},
	"sqlstore":       {ours: []string{"vault", "onetime", "document", "accounts", "audit", "escape", "schema", "jobs"}, modules: []string{"github.com/pressly/goose/v3"}},
	"storetest":      {ours: []string{"vault", "onetime", "document", "accounts", "audit", "identity"}},
	"socialtest":     {ours: []string{"oauth", "secret"}},
	"internal":       {},
}

// room finds the room of a package: the longest one that its path begins with. No
// package shares the root's.
func room(pkg string) (name string, found bool) {
	for name = pkg; name != ""; name = name[:max(strings.LastIndexByte(name, '/'), 0)] {
		if _, found = rooms[name]; found {
			return name, true
		}
	}
	return "", pkg == ""
}

// own returns the path of a package within this module.
func own(path string) (pkg string, ok bool) {
	if path == module {
		return "", true
	}
	return strings.CutPrefix(path, module+"/")
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, line := range goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...") {
		path, imports, _ := strings.Cut(line, " ")
		pkg, _ := own(path)
		here, found := room(pkg)
		if !found {
			t.Errorf("%s has no room", path)
		}
		may := rooms[here]
		for path := range strings.FieldsSeq(imports) {
			imported, ours := own(path)
			there, _ := room(imported)
			switch {
			case !strings.Contains(path, "."): // the standard library
			case ours && (there == here || strings.HasPrefix(there, "internal") || slices.Contains(may.ours, there)):
			case !ours && slices.ContainsFunc(may.modules, func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") }):
			default:
				t.Errorf("%s imports %s", module+"/"+pkg, path)
			}
		}
	}
}

// No database driver and no other heavy module is compiled into an application that uses
// this module alone.
func TestModules(t *testing.T) {
	t.Parallel()
	may := []string{
		module, "golang.org/x/oauth2", "github.com/go-jose/go-jose/v4", "golang.org/x/crypto", "golang.org/x/sync", "golang.org/x/sys", "golang.org/x/text",
		"github.com/pressly/goose/v3", "github.com/mfridman/interpolate", "github.com/sethvargo/go-retry", "go.uber.org/multierr",
	}
	for _, m := range goList(t, "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./...") {
		if m != "" && !slices.Contains(may, m) {
			t.Errorf("the module %s is reached", m)
		}
	}
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

var providerNames = regexp.MustCompile(`(?i)apple|deviantart|facebook|foursquare|github|google|hubspot|linkedin|microsoft|salesforce|slack|strava|twitch|twitter|\bvk\b|zoho`)

// What is true of one provider is data in its entry: oauth, oauth/discover and vault know none by name.
func TestNoProviderByName(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"oauth/*.go", "oauth/discover/*.go", "vault/*.go"} {
		files, err := filepath.Glob(pattern)
		must(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for n, line := range strings.Split(read(t, file), "\n") {
				if name := providerNames.FindString(strings.ReplaceAll(line, "github.com/", "")); name != "" {
					t.Errorf("%s:%d has %q", file, n+1, name)
				}
			}
		}
	}
}
