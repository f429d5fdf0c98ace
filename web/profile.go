package web

import (
	"net/http"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// A profileView is the view of templates/profile.html.
type profileView struct {
	layout
	Account account
	Buttons []social.Button // of the providers, with the user's connections
	Here    string          // the page's own address

	ChangeEmail bool // the user can change the e-mail address
}

// An account is the signed-in user's.
type account struct {
	Name, Email, Username string
	Roles                 []string
	LoginCount            int64
	HasPassword           bool
	CurrentLogin          occasion
	LastLogin             occasion
}

// An occasion is when and from where a user logged in.
type occasion struct {
	At      time.Time // zero when it is not known
	Address string
}

func (w *Web) profile(rw http.ResponseWriter, r *http.Request) {
	if social.WantsJSON(r) {
		w.writeUser(rw, r, http.StatusOK)
		return
	}
	buttons, err := w.soc.Buttons(r.Context())
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	u := accounts.Current(r.Context())
	w.render(rw, r, http.StatusOK, "profile", profileView{layout: w.layout(rw, r), Buttons: buttons, Here: w.base + "/profile", ChangeEmail: w.acc.CanChangeEmail(), Account: account{
		Name: name(u), Email: u.Email, Username: u.Username, Roles: u.Roles,
		LoginCount:   u.Login.Count,
		HasPassword:  u.PasswordHash != "",
		CurrentLogin: occasion{u.Login.CurrentAt, u.Login.CurrentAddress},
		LastLogin:    occasion{u.Login.LastAt, u.Login.LastAddress},
	}})
}
