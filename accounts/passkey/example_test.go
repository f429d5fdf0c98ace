package passkey_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/passkey"
	"github.com/gosocial/social/keyring"
)

// Pages of one's own take two addresses to log in by a passkey: JavaScript gives what the
// first answers to navigator.credentials.get, by
// PublicKeyCredential.parseRequestOptionsFromJSON, and posts the result's toJSON to the
// second. To add a passkey, PasskeyOptions and AddPasskey do the same with
// navigator.credentials.create. Package web has all of it.
func Example() {
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		log.Fatal(err)
	}
	party, err := passkey.New(passkey.Config{AppURL: "https://app.example.com", Name: "The App"})
	if err != nil {
		log.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{
		Store: memstore.New(), AppURL: "https://app.example.com", Keys: keys, Passkeys: party,
	})
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /passkeys/options", func(w http.ResponseWriter, r *http.Request) {
		options, err := acc.PasskeyLoginOptions(w, r)
		if err != nil {
			http.Error(w, "try again", http.StatusInternalServerError)
			return
		}
		w.Write(options)
	})
	mux.HandleFunc("POST /passkeys", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.LogInByPasskey(w, r, []byte(r.FormValue("credential")), false); err != nil {
			http.Error(w, "that passkey is not known here", http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	fmt.Println(party.ID())
	// Output: app.example.com
}
