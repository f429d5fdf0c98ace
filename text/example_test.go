package text_test

import (
	"fmt"
	"log"
	"testing/fstest"

	"github.com/gosocial/social/text"
)

// An application says single things in its own words, and brings a language.
func Example() {
	texts, err := text.New(text.Options{
		Languages: []string{"en", "de", "nl"},
		Files: fstest.MapFS{
			"en.json": {Data: []byte(`{"login.title": "Welcome back"}`)},
			"nl.json": {Data: []byte(`{"language": "Nederlands", "login.title": "Inloggen"}`)},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, wanted := range []string{"en-GB", "de-CH, fr;q=0.5", "nl", "ja"} {
		l := texts.Match(wanted)
		title, _ := l.Text("login.title", nil)
		fmt.Println(wanted, "gets", l.Tag(), title)
	}
	// Output:
	// en-GB gets en Welcome back
	// de-CH, fr;q=0.5 gets de Anmelden
	// nl gets nl Inloggen
	// ja gets en Welcome back
}
