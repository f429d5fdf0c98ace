package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/spf13/cobra"
)

// A listing is the catalog's entry of a provider, as the command prints it.
type listing struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
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
		ID: e.ID, Name: e.Name, Protocol: e.Protocol, Scopes: scopes,
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
		Long: `Lists the catalog: what each provider speaks, gives and asks for. Say with --app-url and
--url-prefix where your application is, to read the redirect URI to register. Any other
provider is configured by its addresses, or found by its host.`,
		Example:           "  social providers show keycloak --app-url https://app.example.com",
		Args:              cobra.NoArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error { return at.check() },
		RunE: func(cmd *cobra.Command, _ []string) error {
			all := make([]listing, 0, len(providers.All()))
			for _, e := range providers.All() {
				all = append(all, list(e, &at))
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), all)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tNAME\tPROTOCOL\tGIVES\tSCOPES")
			for _, l := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.ID, l.Name, l.Protocol, l.gives(), strings.Join(l.Scopes, " "))
			}
			return w.Flush()
		},
	}
	cmd.PersistentFlags().BoolVar(&asJSON, "json", false, "print JSON")
	at.flags(cmd)
	cmd.AddCommand(discoverCommand(&asJSON, &at), &cobra.Command{
		Use:   "show ID",
		Short: "Show a provider: where to register, and which redirect URI",
		Args:  cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) (ids []string, _ cobra.ShellCompDirective) {
			for _, e := range providers.All() {
				ids = append(ids, e.ID)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			e, ok := providers.Find(args[0])
			if !ok {
				return fmt.Errorf("the catalog has no provider %q%s: run social providers to list them", args[0], app.Suggestion(args[0]))
			}
			l := list(e, &at)
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), l)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			rows := [][2]string{
				{"ID", l.ID}, {"Name", l.Name}, {"Protocol", string(l.Protocol)},
				{"Default scopes", strings.Join(l.Scopes, " ")}, {"Gives", l.gives()},
				{"Register at", l.RegisterURL}, {"Redirect URI", l.RedirectURI},
			}
			for _, p := range l.Parameters {
				rows = append(rows, [2]string{"Key " + p.Name, p.about()})
			}
			for _, k := range app.EntryKeys(l.ID) {
				rows = append(rows, [2]string{"Key " + k.Name, k.Help + whenMissing(k.Default)})
			}
			for _, row := range rows {
				fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
			}
			return w.Flush()
		},
	})
	return cmd
}

// about says what to enter.
func (p parameter) about() string {
	text := p.Help
	switch {
	case len(p.OneOf) > 0:
		text += ": " + strings.Join(p.OneOf, ", ")
	default:
		text += ", such as " + p.Example
	}
	return text + whenMissing(p.Default)
}

// whenMissing says what holds for a key that is not given.
func whenMissing(standard string) string {
	if standard == "" {
		return "; required"
	}
	return "; " + standard + " when it is not given"
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
