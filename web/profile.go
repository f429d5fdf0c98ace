package web

import (
	"net/http"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/text"
)

// A profileView is the view of templates/profile.html.
type profileView struct {
	layout
	Account account
	Buttons []social.Button // of the providers, with the user's connections
	Here    string          // the page's own address

	ChangeEmail    bool // the user can change the e-mail address
	ChangeUsername bool // and the username

	Language  string           // that the user has chosen, or ""
	Languages []*text.Language // to choose from; none where there is one alone
	Form      form
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
	w.renderProfile(rw, r, form{})
}

func (w *Web) renderProfile(rw http.ResponseWriter, r *http.Request, f form) {
	buttons, err := w.soc.Buttons(r.Context())
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	u := accounts.Current(r.Context())
	usernames, _ := w.acc.AsksUsername()
	v := profileView{layout: w.layout(rw, r), Buttons: buttons, Here: w.base + "/profile", ChangeEmail: w.acc.CanChangeEmail(), ChangeUsername: usernames, Language: u.Language, Form: f, Account: account{
		Name: name(u), Email: u.Email, Username: u.Username, Roles: u.Roles,
		LoginCount:   u.Login.Count,
		HasPassword:  u.PasswordHash != "",
		CurrentLogin: occasion{u.Login.CurrentAt, u.Login.CurrentAddress},
		LastLogin:    occasion{u.Login.LastAt, u.Login.LastAddress},
	}}
	if list := w.texts.Languages(); len(list) > 1 {
		v.Languages = list
	}
	w.render(rw, r, http.StatusOK, "profile", v)
}

// changeProfile changes what a user may change without a proof: the language.
func (w *Web) changeProfile(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	u := *accounts.Current(r.Context())
	if in.Has(accounts.FieldLanguage) {
		u.Language = in.Get(accounts.FieldLanguage)
		if _, known := w.texts.Find(u.Language); !known && u.Language != "" {
			wrong := social.Message{Code: accounts.CodeLanguageInvalid, Args: map[string]string{social.ArgText: "There is no such language here"}}
			p, _ := social.FormProblem(nil, social.FieldProblem{Field: accounts.FieldLanguage, Message: wrong})
			if social.WantsJSON(r) {
				social.WriteProblem(rw, p)
				return
			}
			w.renderProfile(rw, r, wrongForm("", p.Fields))
			return
		}
		if err := w.acc.SetLanguage(r.Context(), u.ID, u.Language); err != nil {
			w.fail(rw, r, err)
			return
		}
	}
	if social.WantsJSON(r) {
		social.WriteJSON(rw, http.StatusOK, map[string]any{"user": u.Public()})
		return
	}
	w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeProfileChanged})
	reply.Redirect(rw, w.base+"/profile")
}
