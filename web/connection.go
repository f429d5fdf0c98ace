package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// A connectionsView is the view of templates/connections.html.
type connectionsView struct {
	layout
	Buttons []social.Button // of the providers, with the user's connections
	Here    string          // the page's own address
}

func (w *Web) connections(rw http.ResponseWriter, r *http.Request) {
	buttons, err := w.soc.Buttons(r.Context())
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	w.render(rw, r, http.StatusOK, "connections", connectionsView{w.layout(rw, r), buttons, w.connectionsPage()})
}

func (w *Web) connectionsPage() string { return w.soc.Config().URLPrefix + "/connections" }

// removePage returns the address of the page that disconnects.
func (w *Web) removePage(connectionID string) string {
	return w.connectionsPage() + "/" + connectionID + "/remove"
}

// A connectView is the view of templates/connect.html.
type connectView struct {
	layout
	signUp        // what is to be connected
	Action string // where the answer goes
}

// askConnect asks whether to connect the account of an unfinished sign-up to that of
// the user who has signed in since.
func (w *Web) askConnect(rw http.ResponseWriter, r *http.Request) {
	p, err := w.soc.PendingConnection(r)
	switch {
	case errors.Is(err, social.ErrNoSignUp):
		w.refuse(rw, r, http.StatusNotFound, social.CodeNoSignUp)
	case err != nil:
		w.fail(rw, r, err)
	default:
		v := connectView{w.layout(rw, r), *newSignUp(&social.PendingSignUp{ID: p.ID, Provider: p.Provider, Profile: p.Profile}), w.connectionsPage() + "/pending"}
		v.Narrow = true
		w.render(rw, r, http.StatusOK, "connect", v)
	}
}

// A disconnectView is the view of templates/disconnect.html.
type disconnectView struct {
	layout
	Button     social.Button           // of the provider
	Connection social.ConnectionButton // to remove
	LastWayIn  bool                    // the user could not sign in without it
	Buttons    []social.Button         // of the providers, to connect another account
	Here, Back string                  // the page's own address, and that of the connections
}

// askDisconnect says what ends with a connection, and asks whether to remove it.
func (w *Web) askDisconnect(rw http.ResponseWriter, r *http.Request) {
	if social.WantsJSON(r) { // programs are not asked
		w.notFound(rw, r)
		return
	}
	v, found, err := w.disconnecting(r.Context(), r.PathValue("id"))
	switch {
	case err != nil:
		w.fail(rw, r, err)
	case !found:
		w.refuse(rw, r, http.StatusNotFound, social.CodeNoConnection)
	default:
		v.layout = w.layout(rw, r)
		v.Narrow = true
		w.render(rw, r, http.StatusOK, "disconnect", v)
	}
}

func (w *Web) disconnecting(ctx context.Context, id string) (v disconnectView, found bool, err error) {
	if v.Buttons, err = w.soc.Buttons(ctx); err != nil {
		return v, false, err
	}
	for _, b := range v.Buttons {
		for _, c := range b.Connections {
			if c.ID == id {
				v.Button, v.Connection, found = b, c, true
			}
		}
	}
	if !found {
		return v, false, nil
	}
	v.Here, v.Back = w.removePage(id), w.connectionsPage()
	v.LastWayIn, err = w.soc.LastWayIn(ctx, accounts.Current(ctx).ID, id)
	return v, true, err
}

// An accountView is an account at a provider, with what tells it from another one.
type accountView struct {
	Name                 string
	Details              []string
	ID                   string // at the provider; "" where the rest tells it from another one
	ProfileURL, ImageURL string
	Since                time.Time         // when it was connected; zero: not yet
	Trouble              *vault.Connection // nil: none
}

func connectedAccount(c vault.Connection) accountView {
	v := newAccountView(c.ProviderUserID, c.DisplayName, c.FullName, c.Email)
	v.ProfileURL, v.ImageURL, v.Since = c.ProfileURL, c.ImageURL, c.CreatedAt
	if c.Status != vault.Active {
		v.Trouble = &c
	}
	return v
}

func newAccountView(subject, displayName, fullName, email string) accountView {
	v := accountView{Name: cmp.Or(displayName, fullName, email, subject)}
	for _, more := range []string{fullName, email} {
		if more != "" && more != v.Name {
			v.Details = append(v.Details, more)
		}
	}
	if email == "" && v.Name != subject { // names need not be unique
		v.ID = subject
	}
	return v
}

// Initial is what is seen where the picture is missing.
func (v accountView) Initial() string { return initial(v.Name) }
