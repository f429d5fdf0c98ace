package app

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/oauth/discover"
)

const clientDocumentPath = "/client-metadata/"

// ClientDocumentURL returns the address of the program's client-ID metadata document, which
// is its client ID at the provider.
func ClientDocumentURL(appURL, id string) string {
	return strings.TrimSuffix(appURL, "/") + clientDocumentPath + id
}

// clientDocument serves the metadata document of a provider's client whose configured ID is
// the document's address.
func (a *App) clientDocument(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	address := ClientDocumentURL(a.Config.AppURL, id)
	configured := a.Config.Providers[id]
	if !slices.ContainsFunc(configured.AllCredentials(), func(c config.Credentials) bool { return c.ClientID == address }) {
		http.NotFound(w, r)
		return
	}
	of, err := a.Social.Provider(r.Context(), id)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	app, _ := url.Parse(a.Config.AppURL) // New has checked it
	client := discover.Client{Name: app.Hostname(), URI: a.Config.AppURL, RedirectURIs: a.Social.RedirectURIs(of)}
	text, err := client.Document(address)
	if err != nil { // app_url is no https address
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "max-age=3600")
	w.Write(text)
}
