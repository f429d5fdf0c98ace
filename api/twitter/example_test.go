package twitter_test

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/twitter"
	"github.com/gosocial/social/vault"
)

func ExampleAPI() {
	var soc *social.Social // made by social.New

	http.HandleFunc("POST /hello", func(w http.ResponseWriter, r *http.Request) {
		tw, err := twitter.API(r.Context(), soc)
		if errors.Is(err, vault.ErrNoConnection) {
			http.Error(w, "Connect your Twitter account first.", http.StatusConflict)
			return
		}
		if err != nil {
			http.Error(w, "Sorry.", http.StatusInternalServerError)
			return
		}
		post, err := tw.PostUpdate(r.Context(), "hello…")
		var refused *api.Error
		switch {
		case errors.As(err, &refused) && refused.Code == "187":
			http.Error(w, "You have posted that already.", http.StatusConflict)
		case errors.Is(err, vault.ErrNeedsReauthorization):
			http.Error(w, "Connect your Twitter account again.", http.StatusConflict)
		case err != nil:
			http.Error(w, "Twitter did not accept the post.", http.StatusBadGateway)
		default:
			fmt.Fprintln(w, "Posted", post.ID)
		}
	})
}
