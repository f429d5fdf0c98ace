package web

import (
	"net/http"
	"time"
)

// accounts lists every configured provider with the user's connections to it.
func (w *Web) accountsOf(r *http.Request) ([]account, error) {
	conns, err := w.soc.Vault().Connections(r.Context(), w.acc.CurrentUser(r.Context()), "")
	if err != nil {
		return nil, err
	}
	var list []account
	for _, d := range w.soc.Vault().Providers() {
		a := account{Provider: d}
		for _, c := range conns {
			if c.ProviderID == d.ID {
				a.Connections = append(a.Connections, c)
			}
		}
		list = append(list, a)
	}
	return list, nil
}

func (w *Web) showAccounts(rw http.ResponseWriter, r *http.Request, view, title string) {
	list, err := w.accountsOf(r)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	p := w.page(rw, r, title)
	p.Accounts = list
	w.render(rw, http.StatusOK, view, p)
}

func (w *Web) profile(rw http.ResponseWriter, r *http.Request) {
	w.showAccounts(rw, r, "profile", "Profile")
}

func (w *Web) connections(rw http.ResponseWriter, r *http.Request) {
	w.showAccounts(rw, r, "connections", "Connections")
}

// occasion tells when and from where somebody logged in.
func occasion(at time.Time, address string) string {
	if at.IsZero() {
		return ""
	}
	text := at.UTC().Format("2 January 2006, 15:04 MST")
	if address != "" {
		text += " from " + address
	}
	return text
}
