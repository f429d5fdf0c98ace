package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gosocial/social/cmd/social/internal/doctor"
	"github.com/spf13/cobra"
)

func doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor [PROVIDER…]",
		Short: "Check a configuration: keys, database, address, providers",
		Long: `Checks a configuration and changes nothing: whether the keys open the stored
tokens, whether the database answers and its schema is the program's, whether app_url
agrees with listen, and for each provider its discovery document, endpoints and clock,
and whether it accepts the credentials and the redirect URI. To learn that, it sends
each provider a made-up code, which the provider refuses. Servers of your own are asked
what they are. It prints what to register at each provider: redirect URI, scopes, and
the parts of its addresses. Of providers it checks those that are named, or all. The
exit status is 1 when something is wrong.`,
	}
	file := configFlag(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print a JSON object: ok, findings and register")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := readConfig(*file)
		if err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		report := doctorReport{Findings: []doctor.Finding{}, Register: []doctor.Registration{}}
		list, err := doctor.Run(cmd.Context(), c, args, func(f doctor.Finding) {
			report.Findings = append(report.Findings, f)
			if !*asJSON {
				fmt.Fprintf(out, "%-5s  %s: %s\n", f.Level, f.Of, f.Text)
			}
		})
		if err != nil {
			return err
		}
		report.Register = append(report.Register, list...)
		report.OK = report.wrong() == 0
		if *asJSON {
			if err := writeJSON(out, report); err != nil {
				return err
			}
		} else {
			printRegistrations(out, list)
		}
		switch wrong := report.wrong(); wrong {
		case 0:
			return nil
		case 1:
			return errors.New("one thing is wrong")
		default:
			return fmt.Errorf("%d things are wrong", wrong)
		}
	}
	return cmd
}

// A doctorReport is the output of doctor --json.
type doctorReport struct {
	OK       bool                  `json:"ok"` // nothing is wrong
	Findings []doctor.Finding      `json:"findings"`
	Register []doctor.Registration `json:"register"`
}

func (r *doctorReport) wrong() (n int) {
	for _, f := range r.Findings {
		if f.Level == doctor.Wrong {
			n++
		}
	}
	return n
}

func printRegistrations(out io.Writer, list []doctor.Registration) {
	if len(list) > 0 {
		fmt.Fprintln(out, "\nTo register:")
	}
	for _, r := range list {
		fmt.Fprintf(out, "\n  %s\n", strings.TrimSpace(r.Name+"  "+r.At))
		for _, uri := range r.RedirectURIs {
			fmt.Fprintf(out, "    redirect URI              %s\n", uri)
		}
		if len(r.Scopes) > 0 {
			fmt.Fprintf(out, "    scopes to allow           %s\n", strings.Join(r.Scopes, " "))
		}
		for _, p := range r.Parameters {
			if p.Value == "" {
				continue // the configuration replaces the address that it is in
			}
			fmt.Fprintf(out, "    %-24s  %s (%s)\n", "with "+p.Name, p.Value, p.Help)
		}
		if r.PostLogoutURI != "" {
			fmt.Fprintf(out, "    post-logout redirect URI  %s\n", r.PostLogoutURI)
		}
		if r.BackchannelLogout != "" {
			fmt.Fprintf(out, "    back-channel logout URI   %s\n", r.BackchannelLogout)
		}
		if r.About != "" {
			fmt.Fprintf(out, "    %s\n", strings.ReplaceAll(wrapped(r.About, 88), "\n", "\n    "))
		}
	}
}
