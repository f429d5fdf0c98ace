package smtp_test

import (
	"fmt"
	"log"

	"github.com/gosocial/social/mail/smtp"
)

func ExampleNew() {
	mailer, err := smtp.New("smtp://user:password@mail.example.com:587", smtp.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer mailer.Close()
	fmt.Println(mailer.Server(), mailer.Encrypted()) // and into mail.QueueConfig.Mailer
	// Output: mail.example.com:587 true
}
