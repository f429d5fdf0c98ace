package accounts_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
)

// OnEvent is told what happens to users: here a new one gets a greeting.
func ExampleConfig_onEvent() {
	acc, err := accounts.New(accounts.Config{
		Store: memstore.New(), AppURL: "http://localhost:8080",
		OnEvent: func(_ context.Context, e accounts.Event) {
			switch e := e.(type) {
			case accounts.Created:
				fmt.Println("welcome", e.UserID != "")
			case accounts.ActivityChanged:
				fmt.Println(e.Event(), e.Active)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	u, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com"})
	if err != nil {
		log.Fatal(err)
	}
	if err := acc.SetActive(context.Background(), u.ID, false); err != nil {
		log.Fatal(err)
	}
	// Output:
	// welcome true
	// user_activity_changed false
}
