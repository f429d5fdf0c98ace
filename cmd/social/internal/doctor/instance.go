package doctor

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/oauth/discover"
	"github.com/gosocial/social/providers"
)

// entry returns the provider's entry of the catalog, the zero one for others, and its
// configuration.
func (p *providerCheck) entry() (providers.Entry, config.Provider) {
	configured := p.config.Providers[p.ID]
	entry, _ := providers.Find(cmp.Or(configured.Type, p.ID))
	return entry, configured
}

// instance asks the server that the configuration names what software it runs. It returns
// false when the server does not answer, so that nothing else can be checked. A malformed
// or missing address is an error of the configuration.
func (p *providerCheck) instance(ctx context.Context) bool {
	entry, configured := p.entry()
	for _, parameter := range entry.Parameters {
		address := configured.Parameters[parameter.Name]
		if parameter.Kind != providers.BaseAddress || address == "" {
			continue
		}
		finder := discover.Finder{HTTP: p.http}
		found, err := finder.Host(ctx, address)
		switch {
		case errors.Is(err, discover.ErrUnreachable):
			p.report(Wrong, "%s: %s", parameter.Name, strings.TrimPrefix(describe(err), "discover: "))
			return false
		case err == nil && found.Type == entry.ID:
			p.report(OK, "%s: %s is %s", parameter.Name, address, found.Software)
		case err == nil && found.Type == "forgejo" && entry.ID == "gitea":
			p.report(Note, "%s: %s is %s, which type: forgejo has an entry of its own for", parameter.Name, address, found.Software)
		case err == nil && found.Software != "":
			p.report(Wrong, "%s: %s is %s, not %s: set type to %s", parameter.Name, address, found.Software, entry.Name, found.Type)
		case discover.Recognises(entry.ID):
			p.report(Note, "%s: %s does not say that it is %s: is the address right?", parameter.Name, address, entry.Name)
		}
	}
	return true
}
