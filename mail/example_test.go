package mail_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"testing/fstest"

	"github.com/gosocial/social/jobs"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/vault/memstore"
)

// A queue on the application's store, with a job that sends. The Mailer here keeps mails
// in memory; smtp.New makes one for a mail server.
func ExampleNewQueue() {
	ctx := context.Background()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		log.Fatal(err)
	}
	box := &mailtest.Box{}
	queue, err := mail.NewQueue(mail.QueueConfig{
		Store: memstore.New(), Keys: keys, Mailer: box, From: "Acme <no-reply@app.example.com>",
	})
	if err != nil {
		log.Fatal(err)
	}
	var sender []jobs.Job = queue.Jobs() // for vault.Run or jobs.Run, in every process
	_ = sender

	err = queue.Put(ctx, mail.Letter{Kind: mail.KindReset, To: "jane@example.com", Link: "https://app.example.com/reset/abc"})
	if err != nil {
		log.Fatal(err)
	}
	queue.SendDue(ctx) // what the job does every second
	for _, m := range box.Messages() {
		fmt.Println(m.To+":", m.Subject)
	}
	// Output: jane@example.com: Reset your password for Social
}

// A template of one kind of mail, and a text, of the application's own.
func ExampleNewTemplates() {
	templates, err := mail.NewTemplates(mail.TemplateConfig{
		Site: "Acme",
		Files: fstest.MapFS{"templates/magic_link.txt": {Data: []byte(
			`{{define "content"}}{{.Text}}: {{.Link}}{{end}}`)}},
		Text: func(language, key string) string {
			if key == "magic_link.text" {
				return "Welcome back to {site}"
			}
			return "" // the text of this package
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	m, err := templates.Render(mail.Letter{Kind: mail.KindMagicLink, Link: "https://app.example.com/magic-link/abc"})
	if err != nil {
		log.Fatal(err)
	}
	text, _, _ := strings.Cut(m.Text, "\n-- \n")
	fmt.Println(text)
	// Output:
	// Sign in
	//
	// Welcome back to Acme: https://app.example.com/magic-link/abc
}

// printing is a Mailer of an application's own: here one that prints.
type printing struct{}

func (printing) Send(_ context.Context, m mail.Message) error {
	if m.To == "" {
		return fmt.Errorf("%w: no recipient", mail.ErrRejected) // not tried again
	}
	fmt.Println("to", m.To+":", m.Subject)
	return nil // the mail is taken: an error here would have it sent again
}

func ExampleMailer() {
	var mailer mail.Mailer = printing{}
	mailer.Send(context.Background(), mail.Message{To: "jane@example.com", Subject: "Sign in to Acme"})
	// Output: to jane@example.com: Sign in to Acme
}
