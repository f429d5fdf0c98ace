package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gosocial/social/oauth"
)

func (d *discovery) print(out io.Writer, register bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	rows := [][2]string{{"Host", d.Host}, {"Speaks", d.speaks()}}
	if len(d.Scopes) > 0 {
		rows = append(rows, [2]string{"Scopes", strings.Join(d.Scopes, " ")})
	}
	for _, address := range d.Documents {
		rows = append(rows, [2]string{"Read", address})
	}
	if d.Registration != "" {
		rows = append(rows, [2]string{"Registers at", d.Registration})
	}
	rows = append(rows, [2]string{"Redirect URI", d.RedirectURI})
	if d.ManageURL != "" {
		rows = append(rows, [2]string{"Change or remove it at", d.ManageURL}, [2]string{"with the token", d.ManageToken})
	}
	if d.SecretExpiry != nil {
		rows = append(rows, [2]string{"The secret ends", d.SecretExpiry.Format(time.RFC3339)})
	}
	for _, row := range rows {
		fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nConfiguration:\n\nproviders:\n  %s:\n", d.ID)
	group := ""
	for _, key := range d.order {
		indent, name := "    ", key
		if within, rest, ok := strings.Cut(key, "."); ok {
			if within != group {
				fmt.Fprintf(out, "    %s:\n", within)
			}
			group, indent, name = within, "      ", rest
		} else {
			group = ""
		}
		fmt.Fprintf(out, "%s%s: %s\n", indent, name, quoted(d.Configuration[key]))
	}
	if next := d.next(register); next != "" {
		fmt.Fprintf(out, "\n%s\n", next)
	}
	return nil
}

func (d *discovery) speaks() string {
	protocol := map[string]string{"oidc": "OpenID Connect", "oauth2": "OAuth 2.0"}[d.Type]
	switch {
	case d.Software == "":
		return protocol
	case protocol == "":
		return d.Software + " (in the catalog as " + d.Type + ")"
	}
	return d.Software + ", " + protocol
}

// next says what is left to do.
func (d *discovery) next(registered bool) string {
	var steps []string
	if len(d.Missing) > 0 {
		steps = append(steps, "The server does not say who the user is: add "+strings.Join(d.Missing, ", ")+" and the path profile.id by its documentation.")
	}
	switch {
	case registered:
		steps = append(steps, "The application is registered. Keep these credentials: they are not shown again.")
	case d.Configuration["token_auth"] == string(oauth.AuthNone):
		steps = append(steps, "Nothing to register: the program serves the document that the client ID names.")
	case d.Registration != "":
		steps = append(steps, "Applications register themselves there: run the command again with --register.")
	default:
		steps = append(steps, "Register the application"+atAddress(d.RegisterURL)+" with the redirect URI "+d.RedirectURI+".")
	}
	return strings.Join(steps, "\n")
}

func atAddress(address string) string {
	if address == "" {
		return " at the server"
	}
	return " at " + address
}

var plainScalar = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9./:_~-]*[A-Za-z0-9/]$`)

// quoted writes a text in YAML so that it is read as that text, whatever it has.
func quoted(text string) string {
	if text == toEnter || plainScalar.MatchString(text) && !slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off"}, strings.ToLower(text)) {
		return text
	}
	return strconv.QuoteToASCII(text) // YAML has all of its escapes
}
