package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
	"github.com/spf13/cobra"
)

func showCommand(asJSON *bool, at *mounted) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show a provider: what to know, where to register, which redirect URI, and what to configure",
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
				return fmt.Errorf("the catalog has no provider %q%s: run social providers list to list them", args[0], app.Suggestion(args[0]))
			}
			l := list(e, at)
			if *asJSON {
				return writeJSON(cmd.OutOrStdout(), l)
			}
			return l.print(cmd.OutOrStdout(), requiredKeys(&e))
		},
	}
}

func (l *listing) print(out io.Writer, required []string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	rows := [][2]string{
		{"ID", l.ID}, {"Name", l.Name}, {"Kind", l.Kind}, {"Protocol", string(l.Protocol)},
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
		if row[1] == "" {
			continue // it has no scopes
		}
		fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n\nConfiguration:\n\nproviders:\n  %s:\n", wrapped(l.About, 88), l.ID)
	for _, key := range required {
		fmt.Fprintf(out, "    %s: %s\n", key, toEnter)
	}
	return nil
}

// requiredKeys are the keys that an entry does not work without. What proves the client is
// the first that the entry takes.
func requiredKeys(e *providers.Entry) []string {
	var keys []string
	parameters := map[string]string{}
	for _, p := range e.Parameters {
		if p.Default == "" {
			keys = append(keys, p.Name)
			parameters[p.Name] = p.Example
		}
	}
	keys = append(keys, "consumer_key")
	for _, k := range app.EntryKeys(e.ID) {
		if k.Default == "" {
			keys = append(keys, k.Name)
		}
	}
	if slices.Contains(keys, "private_key") {
		return keys
	}
	for _, proof := range []struct{ key, value string }{{"", ""}, {"consumer_secret", strings.Repeat("x", 64)}} {
		credentials := oauth.Credentials{ClientID: "x", ClientSecret: secret.Text(proof.value)}
		p, err := e.New(providers.Settings{Credentials: []oauth.Credentials{credentials}, Parameters: parameters})
		if err == nil {
			_, err = p.Open(oauth.Env{})
		}
		switch {
		case err == nil && proof.key == "":
			return keys
		case err == nil:
			return append(keys, proof.key)
		}
	}
	return append(keys, "private_key")
}

// wrapped breaks a paragraph into lines.
func wrapped(text string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+n > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// about says what to enter.
func (p parameter) about() string {
	text := p.Help
	switch {
	case len(p.OneOf) > 0:
		text += ": " + strings.Join(p.OneOf, ", ")
	case p.Example != p.Default:
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
