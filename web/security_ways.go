package web

import (
	"net/http"
	"slices"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// A waysSection is the view of templates/security_ways.html.
type waysSection struct {
	HasPassword bool
	Passkeys    bool            // are offered
	Own         int             // how many passkeys the user has
	ByMail      string          // the address that links to sign in go to, or ""
	Recovery    bool            // a forgotten password can be replaced by mail
	Buttons     []social.Button // of the providers, with the user's connections
}

// number returns how many ways in there are.
func (s waysSection) number() (n int) {
	if s.HasPassword {
		n++
	}
	if s.ByMail != "" {
		n++
	}
	n += s.Own
	for _, b := range s.Buttons {
		if !b.Gone {
			n += len(b.Connections)
		}
	}
	return n
}

func (w *Web) waysSection(r *http.Request, v *securityView, body *securityJSON) error {
	u := accounts.Current(r.Context())
	buttons, err := w.soc.Buttons(r.Context())
	if err != nil {
		return err
	}
	passkeys, err := w.acc.Passkeys(r.Context(), u.ID)
	if err != nil {
		return err
	}
	s := waysSection{HasPassword: u.PasswordHash != "", Passkeys: w.passkeysAt(r), Own: len(passkeys), Recovery: w.acc.CanReset() && u.Email != "", Buttons: buttons}
	if w.acc.CanMagicLink() {
		s.ByMail = u.Email
	}
	body.Password, body.Passkeys = s.HasPassword, s.Own
	for _, b := range buttons {
		if len(b.Connections) > 0 {
			body.Providers = append(body.Providers, b.Provider.ID)
		}
	}
	switch only := s.number() < 2; {
	case only && !s.HasPassword:
		v.Missing = append(v.Missing, missing{"security.missing.password", w.base + "/change-password"})
	case only && !s.Recovery && slices.ContainsFunc(buttons, func(b social.Button) bool { return !b.Gone }):
		v.Missing = append(v.Missing, missing{"security.missing.way", "#ways"})
	}
	v.Ways = s
	return nil
}
