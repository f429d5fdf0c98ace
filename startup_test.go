package social_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/vault/memstore"
)

// What is wrong with a provider is said when the application starts, and not at the
// first log-in as if it were the provider's fault.
func TestNewSaysWhatIsWrongWithAProvider(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	acc, err := accounts.New(accounts.Config{Store: accountstore.New(), AppURL: "https://app.test"})
	must(t, err)
	good := oauth.Credentials{ClientID: "id", ClientSecret: "secret"}
	reserved := providers.OIDC("op", "OP", "https://op.test", good)
	reserved.AuthParams = url.Values{"max_age": {"0"}}
	short := providers.OIDC("op", "OP", "https://op.test", good)
	short.Algorithms = []string{"HS256"}
	for want, p := range map[string]oauth.Provider{
		"AuthParams may not set max_age": reserved,
		"HS256":                          short,
		"apple: PrivateKey is not PEM":   providers.Apple("TEAM123456", oauth.Credentials{ClientID: "id", KeyID: "k", PrivateKey: "hello"}),
		"PrivateKey is not PEM":          providers.OIDC("op", "OP", "https://op.test", oauth.Credentials{ClientID: "id", PrivateKey: "hello"}),
	} {
		_, err := social.New(social.Config{
			AppURL: "https://app.test", Keys: keys, Users: acc, Connections: memstore.New(), Providers: []oauth.Provider{p},
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
