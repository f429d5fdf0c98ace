package gateway

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/gosocial/social/keyring"
)

// Tokens of machine clients are sealed values, so that nothing is stored of them: the client
// and what it may do are read again at each use.
const (
	tokenPrefix  = "gat_"
	tokenVersion = 1
)

// errBadToken: a token is malformed, has expired, or its client is gone.
var errBadToken = errors.New("gateway: the token is not valid")

func (g *Gateway) tokenBinding() []byte { return keyring.Bind("social/gateway-token", g.cfg.URL) }

// issue returns a token of a client for some of its scopes.
func (g *Gateway) issue(c *Client, scopes Scopes) (string, error) {
	var e keyring.Encoder
	e.Byte(tokenVersion)
	e.Text(c.ID)
	e.Texts(scopes)
	e.Time(g.now().Add(TokenLifetime))
	sealed, err := g.keys.Seal(e, g.tokenBinding())
	if err != nil {
		return "", err
	}
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// A caller is a machine client that calls, with what its token allows.
type caller struct {
	*Client
	scopes Scopes
}

// caller returns whose token a text is, or errBadToken. A token ends with the client, and
// does not do what the client may not do any more.
func (g *Gateway) caller(ctx context.Context, text string) (*caller, error) {
	body, ok := strings.CutPrefix(text, tokenPrefix)
	if !ok || len(text) > 16<<10 {
		return nil, errBadToken
	}
	sealed, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return nil, errBadToken
	}
	plain, err := g.keys.Open(sealed, g.tokenBinding())
	if err != nil {
		return nil, errBadToken
	}
	d := keyring.NewDecoder(plain)
	version, id, scopes, until := d.Byte(), d.Text(), Scopes(d.Texts()), d.Time()
	if version != tokenVersion || !d.Whole() || !g.now().Before(until) {
		return nil, errBadToken
	}
	client, err := g.clients.get(ctx, id)
	switch {
	case errors.Is(err, ErrNoClient):
		return nil, errBadToken
	case err != nil:
		return nil, err
	}
	may := Scopes{}
	for _, scope := range scopes {
		if client.Scopes.covers(scope) {
			may = append(may, scope)
		}
	}
	return &caller{client, may}, nil
}

// expiresIn is for how many whole seconds a token is good yet, 0 when it is not known.
func expiresIn(until, now time.Time) int64 {
	if until.IsZero() {
		return 0
	}
	return max(int64(until.Sub(now)/time.Second), 0)
}
