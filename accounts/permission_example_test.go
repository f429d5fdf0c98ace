package accounts_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
)

// Roles carry permissions; a page asks for one, or for one of several roles.
func ExampleAccounts_Require() {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080"})
	if err != nil {
		log.Fatal(err)
	}
	if err := acc.CreateRole(context.Background(), accounts.Role{Name: "clerk", Permissions: []string{"reports.read"}}); err != nil {
		log.Fatal(err)
	}
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "the reports") })
	mux := http.NewServeMux()
	mux.Handle("GET /reports", acc.RequirePermission("reports.read", page))
	mux.Handle("GET /office", acc.Require(accounts.Rights{AnyRole: []string{"clerk", "manager"}}, page))

	w := httptest.NewRecorder() // no user is signed in
	acc.Middleware(mux).ServeHTTP(w, httptest.NewRequest("GET", "/reports", nil))
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output: 303 /login?next=%2Freports
}
