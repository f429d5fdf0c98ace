package social_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gosocial/social"

// The house's walls: which of our packages a package may reach, and which
// foreign code.
func TestImports(t *testing.T) {
	t.Parallel()
	goose := []string{"github.com/pressly/goose/v3", "github.com/mfridman/interpolate", "github.com/sethvargo/go-retry", "go.uber.org/multierr"}
	for _, tt := range []struct {
		name    string
		mayUse  []string // ours, besides internal
		foreign []string // modules
	}{
		{"/oauth", []string{"/secret"}, []string{"golang.org/x/oauth2", "github.com/go-jose/go-jose/v4"}},
		{"/providers", []string{"/secret", "/oauth"}, []string{"golang.org/x/oauth2", "github.com/go-jose/go-jose/v4"}},
		{"/vault", []string{"/secret", "/keyring", "/oauth"}, []string{"golang.org/x/oauth2", "github.com/go-jose/go-jose/v4"}},
		{"", []string{"/secret", "/keyring", "/oauth", "/vault"}, []string{"golang.org/x/oauth2", "github.com/go-jose/go-jose/v4"}},
		{"/accounts", []string{"/secret"}, []string{"golang.org/x/crypto", "golang.org/x/sync", "golang.org/x/sys"}},
		{"/sqlstore", []string{"/secret", "/keyring", "/oauth", "/vault", "/accounts"}, append(goose, "golang.org/x/oauth2", "github.com/go-jose/go-jose/v4", "golang.org/x/crypto", "golang.org/x/sync", "golang.org/x/sys")},
		{"/sqlstore/sqlite", []string{"/secret", "/keyring", "/oauth", "/vault", "/accounts", "/sqlstore"}, append(goose, "golang.org/x/oauth2", "github.com/go-jose/go-jose/v4", "golang.org/x/crypto", "golang.org/x/sync", "golang.org/x/sys",
			"modernc.org", "github.com/dustin/go-humanize", "github.com/google/uuid", "github.com/mattn/go-isatty", "github.com/ncruces/go-strftime", "github.com/remyoudompheng/bigfft")},
		{"/sqlstore/mysql", []string{"/secret", "/keyring", "/oauth", "/vault", "/accounts", "/sqlstore"}, append(goose, "golang.org/x/oauth2", "github.com/go-jose/go-jose/v4", "golang.org/x/crypto", "golang.org/x/sync", "golang.org/x/sys",
			"github.com/go-sql-driver/mysql", "filippo.io/edwards25519")},
		{"/mongostore", []string{"/secret", "/keyring", "/oauth", "/vault", "/accounts"}, []string{"golang.org/x/oauth2", "github.com/go-jose/go-jose/v4", "golang.org/x/crypto", "golang.org/x/sync", "golang.org/x/sys", "golang.org/x/text",
			"go.mongodb.org/mongo-driver/v2", "github.com/klauspost/compress", "github.com/xdg-go/scram", "github.com/xdg-go/stringprep", "github.com/youmark/pkcs8"}},
		{"/socialtest", []string{"/secret", "/oauth"}, []string{"golang.org/x/oauth2", "github.com/go-jose/go-jose/v4"}},
		{"/web", []string{"", "/secret", "/keyring", "/oauth", "/vault", "/accounts"}, []string{"golang.org/x/oauth2", "github.com/go-jose/go-jose/v4", "golang.org/x/crypto", "golang.org/x/sync", "golang.org/x/sys"}},
	} {
		t.Run("social"+tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", module+tt.name).Output()
			if err != nil {
				t.Fatal(err)
			}
			for path := range strings.FieldsSeq(string(out)) {
				ours, isOurs := strings.CutPrefix(path, module)
				switch {
				case path == module+tt.name, strings.HasPrefix(ours, "/internal/"):
				case isOurs && slices.Contains(tt.mayUse, ours):
				case slices.ContainsFunc(tt.foreign, func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") }):
				default:
					t.Errorf("%s reaches %s", module+tt.name, path)
				}
			}
		})
	}
}
