package main

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/oauth/discover"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
	"github.com/spf13/cobra"
)

// A discovery is what was found at a host, as the command prints it.
type discovery struct {
	Host             string            `json:"host"`
	Software         string            `json:"software,omitempty"`
	Type             string            `json:"type"`
	Scopes           []string          `json:"scopes"`
	Documents        []string          `json:"documents"`
	Registration     string            `json:"registration,omitempty"`
	ClientIDMetadata bool              `json:"client_id_metadata"`
	RegisterURL      string            `json:"register_url,omitempty"`
	RedirectURI      string            `json:"redirect_uri"`
	Missing          []string          `json:"missing"`
	ID               string            `json:"id"`
	Configuration    map[string]string `json:"configuration"` // dotted keys of the provider
	ManageURL        string            `json:"manage_url,omitempty"`
	ManageToken      string            `json:"manage_token,omitempty"`
	SecretExpiry     *time.Time        `json:"secret_expires_at,omitempty"`

	order []string // of Configuration
	asks  []string // scopes, by default

	required []string // keys of an entry of the catalog
}

func (d *discovery) set(key, value string) {
	if value != "" {
		d.Configuration[key] = value
		d.order = append(d.order, key)
	}
}

func discoverCommand(asJSON *bool, at *mounted) *cobra.Command {
	var register, private bool
	var id, name, tokenFile string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "discover HOST",
		Short: "Find out from a host name what speaks there, and how to configure it",
		Long: "Find out what speaks at a host: an OpenID provider, an OAuth 2.0 server that\n" +
			"publishes its metadata (RFC 8414), a Mastodon, GitLab, Gitea, Forgejo or Nextcloud,\n" +
			"or a resource such as an MCP server (RFC 9728). It prints what was found and the\n" +
			"configuration for it, and changes nothing.\n\n" +
			"With --register the application is registered there, where the server takes that\n" +
			"(RFC 7591; Mastodon), and the configuration has its credentials: keep it, because each\n" +
			"registration makes another client.",
		Example: "  social providers discover social.example.org\n" +
			"  social providers discover https://mcp.example.com/mcp --app-url https://app.example.com --register",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			finder := &discover.Finder{HTTP: oauth.NewHTTPClient(oauth.HTTPOptions{Timeout: timeout, AllowPrivateAddresses: private})}
			found, err := finder.Host(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			d, err := describe(found, args[0], id, at)
			if err != nil {
				return err
			}
			if register {
				client := discover.Client{Name: name, URI: at.appURL, RedirectURIs: []string{d.RedirectURI}, Scopes: d.asks}
				if client.Name == "" {
					client.Name = hostOf(at.appURL)
				}
				if client.InitialToken, err = readToken(cmd.InOrStdin(), tokenFile); err != nil {
					return err
				}
				r, err := finder.Register(cmd.Context(), found, client)
				if err != nil {
					return fmt.Errorf("%w; register by hand%s", err, atAddress(d.RegisterURL))
				}
				if err := d.registered(r); err != nil {
					return err
				}
			} else {
				d.unregistered(found, at.appURL)
			}
			if *asJSON {
				return writeJSON(cmd.OutOrStdout(), d)
			}
			return d.print(cmd.OutOrStdout(), register)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&register, "register", false, "register the application there")
	flags.StringVar(&id, "id", "", "the provider's ID in the configuration (default: made of the host's name)")
	flags.StringVar(&name, "client-name", "", "with --register, the application's name for people (default: the host of --app-url)")
	flags.StringVar(&tokenFile, "initial-token-file", "", "with --register, a file with the server's initial access token, - for standard input")
	flags.BoolVar(&private, "allow-private-addresses", false, "ask hosts on this machine and in private networks too, and by http")
	flags.DurationVar(&timeout, "timeout", 15*time.Second, "for each request")
	return cmd
}

// toEnter is in the place of what the host does not say.
const toEnter = "…"

// describe makes what is printed of what was found.
func describe(f *discover.Found, host, id string, at *mounted) (*discovery, error) {
	entry, known := providers.Find(f.Type)
	switch {
	case id != "" && !config.IsProviderID(id):
		return nil, fmt.Errorf("--id %q: an ID has small letters, digits, - and _", id)
	case id == "" && known && len(f.Settings.Parameters) == 0:
		id = f.Type
	case id == "":
		id = idOf(host)
	}
	d := &discovery{
		Host: host, Software: f.Software, Type: f.Type, Scopes: f.Scopes, Documents: f.Documents, Registration: f.Registration, ClientIDMetadata: f.ClientIDMetadata,
		RedirectURI: at.redirectURI(id), Missing: f.Missing(), ID: id, Configuration: map[string]string{},
	}
	for _, list := range []*[]string{&d.Scopes, &d.Documents, &d.Missing} {
		if *list == nil {
			*list = []string{}
		}
	}
	if id != f.Type || !known {
		d.set("type", f.Type)
	}
	if known {
		for _, p := range entry.Parameters {
			d.set(p.Name, f.Settings.Parameters[p.Name])
		}
		d.required = requiredKeys(&entry)
	}
	if made, err := f.Provider(id, oauth.Credentials{ClientID: "x", ClientSecret: "x"}); err == nil {
		d.RegisterURL, d.asks = made.Description().RegisterURL, made.Description().Scopes
	} else {
		d.RegisterURL = entry.RegisterURL // a parameter is missing, which is not in its host
	}
	d.set("issuer", f.Settings.Issuer)
	d.set("resource", f.Settings.Resource)
	d.set("endpoints.authorize", f.Settings.Endpoints.Authorize)
	d.set("endpoints.token", f.Settings.Endpoints.Token)
	d.set("endpoints.userinfo", f.Settings.Endpoints.UserInfo)
	d.set("endpoints.revoke", f.Settings.Endpoints.Revoke)
	return d, nil
}

func (d *discovery) registered(r *discover.Registered) error {
	d.set("consumer_key", r.Credentials.ClientID)
	d.set("consumer_secret", r.Credentials.ClientSecret.Reveal())
	for _, key := range d.order {
		if config.IsReference(d.Configuration[key]) {
			return fmt.Errorf("the server gave a %s that a configuration reads from a file or the environment of yours, and would send there: it is not used", key)
		}
	}
	if r.TokenAuth != oauth.AuthBasic {
		d.set("token_auth", string(r.TokenAuth))
	}
	d.ManageURL, d.ManageToken = r.ManageURL, r.ManageToken.Reveal()
	if !r.SecretExpiry.IsZero() {
		d.SecretExpiry = &r.SecretExpiry
	}
	return nil
}

// unregistered adds the credentials to enter: the address of the program's document where
// the server takes that, or else placeholders for those of a registration by hand.
func (d *discovery) unregistered(f *discover.Found, appURL string) {
	if f.ClientIDMetadata && strings.HasPrefix(appURL, "https://") {
		d.set("consumer_key", app.ClientDocumentURL(appURL, d.ID))
		d.set("token_auth", string(oauth.AuthNone))
		return
	}
	required := d.required
	if required == nil {
		required = []string{"consumer_key", "consumer_secret"}
	}
	for _, key := range required {
		if d.Configuration[key] == "" {
			d.set(key, toEnter)
		}
	}
}

// idOf makes an ID of the letters and digits of a host. It is not an ID of the catalog:
// connections of that provider would be taken for this one's.
func idOf(host string) string {
	id := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(hostOf(host)))
	if _, known := providers.Find(id); known {
		return id + "host"
	}
	return cmp.Or(id, "work")
}

// hostOf returns the host of an address or name.
func hostOf(address string) string {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func readToken(in io.Reader, file string) (secret.Text, error) {
	var text []byte
	var err error
	switch file {
	case "":
		return "", nil
	case "-":
		text, err = io.ReadAll(io.LimitReader(in, 64<<10))
	default:
		text, err = os.ReadFile(file)
	}
	return secret.Text(strings.TrimSpace(string(text))), err
}
