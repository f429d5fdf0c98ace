package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/spf13/cobra"
)

// A listing is the catalog's entry of a provider, as the command prints it.
type listing struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	Kind          string         `json:"kind"`
	About         string         `json:"about"`
	Protocol      oauth.Protocol `json:"protocol"`
	Scopes        []string       `json:"scopes"`
	Email         bool           `json:"email"`
	VerifiedEmail bool           `json:"verified_email"`
	Refresh       bool           `json:"refresh"`
	Revoke        bool           `json:"revoke"`
	RegisterURL   string         `json:"register_url"`
	RedirectURI   string         `json:"redirect_uri"`
	Parameters    []parameter    `json:"parameters"`
}

// A parameter is a part of an entry's addresses that the configuration gives.
type parameter struct {
	Name    string   `json:"name"`
	Default string   `json:"default"`
	Example string   `json:"example"`
	OneOf   []string `json:"one_of,omitempty"`
	Help    string   `json:"help"`
}

func list(e providers.Entry, at *mounted) listing {
	scopes := e.Scopes
	if scopes == nil {
		scopes = []string{}
	}
	parameters := make([]parameter, len(e.Parameters))
	for i, p := range e.Parameters {
		parameters[i] = parameter{p.Name, p.Default, p.Example, p.OneOf, p.Help}
	}
	return listing{
		ID: e.ID, Name: e.Name, Kind: string(e.Group), About: e.About, Protocol: e.Protocol, Scopes: scopes,
		Email: e.Email, VerifiedEmail: e.VerifiedEmail, Refresh: e.Refresh, Revoke: e.Revoke,
		RegisterURL: e.RegisterURL,
		RedirectURI: at.redirectURI(e.ID),
		Parameters:  parameters,
	}
}

func providersCommand() *cobra.Command {
	var asJSON bool
	var at mounted
	cmd := &cobra.Command{
		Use:   "providers",
		Short: "List the catalog of providers",
		Long: `Lists the catalog: what each provider speaks and gives. Say with --app-url and
--url-prefix where your application is, to read the redirect URI to register. A provider
that the catalog does not have is configured by its addresses, or found by its host.`,
		Example: "  social providers list git\n" +
			"  social providers show keycloak --app-url https://app.example.com",
		Args:              cobra.NoArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error { return at.check() },
		RunE:              func(cmd *cobra.Command, _ []string) error { return writeList(cmd.OutOrStdout(), &at, asJSON, nil) },
	}
	cmd.PersistentFlags().BoolVar(&asJSON, "json", false, "print JSON")
	at.flags(cmd)
	cmd.AddCommand(discoverCommand(&asJSON, &at), showCommand(&asJSON, &at), &cobra.Command{
		Use:   "list [WORD…]",
		Short: "List the providers whose ID, name or kind has all of the words",
		RunE: func(cmd *cobra.Command, words []string) error {
			return writeList(cmd.OutOrStdout(), &at, asJSON, words)
		},
	})
	return cmd
}

// writeList writes the entries that have all of the words.
func writeList(out io.Writer, at *mounted, asJSON bool, words []string) error {
	found := []listing{}
	for _, e := range providers.All() {
		if text := strings.ToLower(e.ID + " " + e.Name + " " + string(e.Group)); hasAll(text, words) {
			found = append(found, list(e, at))
		}
	}
	if asJSON {
		return writeJSON(out, found)
	}
	if len(found) == 0 {
		return fmt.Errorf("no provider of the catalog is found by %q: social providers discover HOST looks at a host", strings.Join(words, " "))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tPROTOCOL\tGIVES")
	for _, l := range found {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.ID, l.Name, l.Protocol, l.gives())
	}
	return w.Flush()
}

func hasAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, strings.ToLower(word)) {
			return false
		}
	}
	return true
}

func (l listing) gives() string {
	var gives []string
	switch {
	case l.VerifiedEmail:
		gives = append(gives, "verified e-mail")
	case l.Email:
		gives = append(gives, "e-mail")
	}
	if l.Refresh {
		gives = append(gives, "refresh")
	}
	if l.Revoke {
		gives = append(gives, "revoke")
	}
	if gives == nil {
		return "-"
	}
	return strings.Join(gives, ", ")
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// writeJSONLine writes one of several objects, each on a line.
func writeJSONLine(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }
