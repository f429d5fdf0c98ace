package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/reply"
)

// A sessionsView is the view of templates/sessions.html.
type sessionsView struct {
	layout
	Sessions []sessionView // the current one first, then the latest first
	Here     string        // the page's own address
}

// A sessionView is a browser in which the user is signed in.
type sessionView struct {
	ID        string
	Current   bool
	Device    string // such as "Firefox on Linux"
	Address   string // of the log-in
	Via       string // how: "password", or the provider's name
	CreatedAt time.Time
	LastSeen  time.Time
}

// A sessionJSON is an element of the answer of GET /sessions.
type sessionJSON struct {
	ID         string    `json:"id"`
	Current    bool      `json:"current"`
	Device     string    `json:"device"`
	Address    string    `json:"address"`
	Via        string    `json:"via"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	Trusted    bool      `json:"trusted"` // no second factor is asked for in the browser
}

func (w *Web) sessions(rw http.ResponseWriter, r *http.Request) {
	list, err := w.acc.Sessions(r.Context(), accounts.Current(r.Context()).ID)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	current, l := currentSession(r), w.languageOf(r)
	if social.WantsJSON(r) {
		trusted, err := w.trusted(r)
		if err != nil {
			w.fail(rw, r, err)
			return
		}
		all := []sessionJSON{}
		for _, s := range list {
			all = append(all, sessionJSON{s.ID(), s.ID() == current, device(l, s.UserAgent), s.Address, s.Via,
				s.CreatedAt.UTC(), s.LastSeenAt.UTC(), s.ExpiresAt.UTC(), trusted[s.DeviceID]})
		}
		social.WriteJSON(rw, http.StatusOK, all)
		return
	}
	providers, err := w.soc.Vault().Providers(r.Context())
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	names := map[string]string{identity.ViaPassword: l.must("sessions.via.password"), identity.ViaMail: l.must("sessions.via.mail"), identity.ViaPasskey: l.must("sessions.via.passkey")}
	for _, p := range providers {
		names[p.ID] = p.Name
	}
	v := sessionsView{layout: w.layout(rw, r), Here: w.base + "/sessions"}
	for _, s := range list {
		one := sessionView{s.ID(), s.ID() == current, device(l, s.UserAgent), s.Address, cmp.Or(names[s.Via], s.Via), s.CreatedAt, s.LastSeenAt}
		if v.Sessions = append(v.Sessions, one); one.Current {
			copy(v.Sessions[1:], v.Sessions)
			v.Sessions[0] = one
		}
	}
	w.render(rw, r, http.StatusOK, "sessions", v)
}

// currentSession returns the ID of the request's session, "" for a user without one.
func currentSession(r *http.Request) string {
	if s := accounts.CurrentSession(r.Context()); s != nil {
		return s.ID()
	}
	return ""
}

// trusted returns the IDs of the user's trusted devices.
func (w *Web) trusted(r *http.Request) (map[string]bool, error) {
	devices, err := w.acc.TrustedDevices(r.Context(), accounts.Current(r.Context()).ID)
	ids := map[string]bool{}
	for _, d := range devices {
		ids[d.ID()] = true
	}
	return ids, err
}

// endSession ends one of the user's sessions; the current one is a log-out.
func (w *Web) endSession(rw http.ResponseWriter, r *http.Request) {
	if r.PathValue("id") == currentSession(r) {
		w.logout(rw, r)
		return
	}
	ctx, userID, id := r.Context(), accounts.Current(r.Context()).ID, r.PathValue("id")
	devices, err := w.acc.TrustedDevices(ctx, userID)
	if err == nil {
		err = w.acc.EndSession(ctx, userID, id)
	}
	switch {
	case errors.Is(err, accounts.ErrNoSession):
		w.refuse(rw, r, http.StatusNotFound, social.CodeNoSession)
	case err != nil:
		w.fail(rw, r, err)
	case slices.ContainsFunc(devices, func(d accounts.Session) bool { return d.ID() == id }):
		w.sessionsEnded(rw, r, social.CodeTrustEnded, w.base+"/security")
	default:
		w.sessionsEnded(rw, r, social.CodeSessionEnded, w.base+"/sessions")
	}
}

// endOtherSessions ends all sessions of the user but this one.
func (w *Web) endOtherSessions(rw http.ResponseWriter, r *http.Request) {
	_, err := w.acc.EndSessions(r.Context(), identity.SessionFilter{UserID: accounts.Current(r.Context()).ID, KeepCurrent: true})
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	w.sessionsEnded(rw, r, social.CodeSessionsEnded, w.base+"/sessions")
}

// sessionsEnded answers that sessions have ended, and sends people on to the page.
func (w *Web) sessionsEnded(rw http.ResponseWriter, r *http.Request, code, page string) {
	if social.WantsJSON(r) {
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: code})
	reply.Redirect(rw, page)
}
