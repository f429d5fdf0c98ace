package social_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
)

// A bent provider's grants are changed on their way.
type bent struct {
	*stub
	bend func(*oauth.Grant)
}

func (p *bent) Open(oauth.Env) (oauth.Client, error) { return bentClient{stubClient{p.stub}, p}, nil }

type bentClient struct {
	stubClient
	p *bent
}

func (c bentClient) Complete(ctx context.Context, pending *oauth.Pending, answer url.Values) (*oauth.Grant, error) {
	g, err := c.stubClient.Complete(ctx, pending, answer)
	if err == nil {
		c.p.bend(g)
	}
	return g, err
}

// A provider of the application's own may return a grant under another provider's
// ID, or a subject that is no identity. It is nobody's, whatever the flow is for.
func TestSecurity21_GrantsThatNameNobody(t *testing.T) {
	t.Parallel()
	for name, bend := range map[string]func(*oauth.Grant){
		"another provider":     func(g *oauth.Grant) { g.ProviderID = "acme" },
		"an unknown provider":  func(g *oauth.Grant) { g.ProviderID = "nobody" },
		"no provider":          func(g *oauth.Grant) { g.ProviderID = "" },
		"no subject":           func(g *oauth.Grant) { g.Profile.Subject = "" },
		"a blank subject":      func(g *oauth.Grant) { g.Profile.Subject = " " },
		"blanks around it":     func(g *oauth.Grant) { g.Profile.Subject = " 1" },
		"a control character":  func(g *oauth.Grant) { g.Profile.Subject = "1\x00" },
		"a line":               func(g *oauth.Grant) { g.Profile.Subject = "1\n2" },
		"a deleted character":  func(g *oauth.Grant) { g.Profile.Subject = "1\x7f2" },
		"a subject of no text": func(g *oauth.Grant) { g.Profile.Subject = "1\xff" },
		"a long subject":       func(g *oauth.Grant) { g.Profile.Subject = strings.Repeat("1", 256) },
	} {
		p := &bent{newStub("bent", "Bent", oauth.ProtocolOAuth2), bend}
		s := open(t, func(c *social.Config) { c.Providers = append(c.Providers, p) })
		// Somebody has the identity that the grant claims to be.
		owner, other := s.user("owner@lp.com"), s.user("other@lp.com")
		s.connected(owner, s.acme, "1")

		stranger := s.browser()
		a := stranger.flow("/login/bent", "1")
		if id := stranger.whoami(); id != "" || a.status != http.StatusBadGateway {
			t.Errorf("%s: %d, a stranger is signed in as %q", name, a.status, id)
		}
		if a := s.signedIn(other).flow("/connect/bent", "1"); a.status != http.StatusBadGateway || len(s.rows(other)) != 0 {
			t.Errorf("%s: %d, %d connections", name, a.status, len(s.rows(other)))
		}
		if rows := s.rows(owner); len(rows) != 1 || rows[0].Version != 1 {
			t.Errorf("%s: the owner's are %+v", name, rows)
		}
	}
	// The longest subject is one, with a blank inside.
	p := &bent{newStub("bent", "Bent", oauth.ProtocolOAuth2), func(g *oauth.Grant) { g.Profile.Subject = strings.Repeat("1", 253) + " 1" }}
	s := open(t, func(c *social.Config) { c.Providers = append(c.Providers, p) })
	user := s.user("long@lp.com")
	if s.signedIn(user).flow("/connect/bent", "1"); len(s.rows(user)) != 1 {
		t.Error("a subject of 255 bytes is nobody")
	}
}
