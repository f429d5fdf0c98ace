package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/mail"
	"github.com/spf13/cobra"
)

func mailCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "mail", Short: "Look at the mails that the application sends"})
	cmd.AddCommand(previewCommand())
	return cmd
}

func previewCommand() *cobra.Command {
	var html, text bool
	var folder, language string
	cmd := &cobra.Command{
		Use:   "preview [KIND]",
		Short: "Show a mail of each kind, with made-up content",
		Long: `Prints a mail of each kind, or of one, as a person would get it; nothing is sent. The
mails are of the site of the configuration, if there is one. The kinds are ` + strings.Join(mail.Kinds(), ", ") + `.

With --dir it writes the files KIND.html and KIND.txt instead, to be opened in a browser.`,
		Args: cobra.MaximumNArgs(1),
	}
	file := configFlag(cmd)
	cmd.Flags().BoolVar(&html, "html", false, "the HTML of the mails alone")
	cmd.Flags().BoolVar(&text, "text", false, "the text of the mails alone (the default on standard output)")
	cmd.Flags().StringVar(&language, "language", "", "the language, one of the configuration's languages")
	cmd.Flags().StringVar(&folder, "dir", "", "write files into this directory, which is made if it does not exist")
	cmd.MarkFlagsMutuallyExclusive("html", "text")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c := &config.Config{AppURL: "https://app.example.com"}
		if *file != "" {
			var err error
			if c, err = readConfig(*file); err != nil {
				return err
			}
		}
		letters := mail.Samples(strings.TrimSuffix(c.AppURL, "/"))
		if len(args) == 1 {
			letters = slices.DeleteFunc(letters, func(l mail.Letter) bool { return l.Kind != args[0] })
			if len(letters) == 0 {
				return fmt.Errorf("no mail is of kind %q%s", args[0], nearKind(args[0]))
			}
		}
		texts, err := app.Texts(c)
		if err != nil {
			return err
		}
		templates, err := app.MailTemplates(c, texts, "")
		if err != nil {
			return err
		}
		if language != "" {
			if _, ok := texts.Find(language); !ok {
				return fmt.Errorf("no mail is in the language %q: see languages", language)
			}
		}
		for i, l := range letters {
			l.Language = language
			m, err := templates.Render(l)
			if err != nil {
				return err
			}
			m.From = app.MailFrom(c)
			if folder != "" {
				err = writePreview(folder, l.Kind, m, !text, !html)
			} else {
				err = printPreview(cmd.OutOrStdout(), m, html, i > 0)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

// nearKind returns a question after the kind that is nearest to an unknown one.
func nearKind(kind string) string {
	if near := config.Nearest(kind, mail.Kinds(), len(kind)/2+1); near != "" {
		return ": did you mean " + near + "?"
	}
	return ": there are " + strings.Join(mail.Kinds(), ", ")
}

// printPreview prints a mail, after an empty line when another one was before it.
func printPreview(w io.Writer, m mail.Message, html, further bool) error {
	if html {
		_, err := io.WriteString(w, m.HTML)
		return err
	}
	separator := ""
	if further {
		separator = "\n" + strings.Repeat("=", 72) + "\n\n"
	}
	_, err := fmt.Fprintf(w, "%sFrom: %s\nTo: %s\nSubject: %s\n\n%s", separator, m.From, m.To, m.Subject, m.Text)
	return err
}

// writePreview writes the files of a mail.
func writePreview(folder, kind string, m mail.Message, html, text bool) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var errs []error
	if html {
		errs = append(errs, os.WriteFile(filepath.Join(folder, kind+".html"), []byte(m.HTML), 0o644))
	}
	if text {
		errs = append(errs, os.WriteFile(filepath.Join(folder, kind+".txt"), []byte("Subject: "+m.Subject+"\n\n"+m.Text), 0o644))
	}
	return errors.Join(errs...)
}
