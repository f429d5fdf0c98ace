package web

import (
	"net/http"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// A securityView is the view of templates/security.html: how the user signs in, what is
// missing, and the next step.
type securityView struct {
	layout
	HasPassword   bool
	Factors       bool // there are second factors here
	HasFactor     bool
	Required      bool // the user has to have a second factor
	RecoveryCodes int  // how many are left
	Sessions      int
	Devices       []sessionView   // that are trusted
	Connected     []social.Button // the providers that the user signs in with
	Others        int             // providers that are not connected
}

// A securityJSON is the answer of GET /security.
type securityJSON struct {
	Password       bool         `json:"password"`
	TwoFactor      []string     `json:"two_factor"`
	RecoveryCodes  int          `json:"recovery_codes"`
	Sessions       int          `json:"sessions"`
	TrustedDevices []deviceJSON `json:"trusted_devices"`
	Providers      []string     `json:"providers"`
}

// A deviceJSON is a trusted device. DELETE /sessions/ID ends it.
type deviceJSON struct {
	ID         string    `json:"id"`
	Device     string    `json:"device"`
	Address    string    `json:"address"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	ExpiresAt  time.Time `json:"expires_at"`
}

func (w *Web) security(rw http.ResponseWriter, r *http.Request) {
	ctx, u := r.Context(), accounts.Current(r.Context())
	sessions, err := w.acc.Sessions(ctx, u.ID)
	var devices []accounts.Session
	var factors []accounts.StoredFactor
	var kinds []string
	if err == nil && w.acc.UsesFactors() {
		if devices, err = w.acc.TrustedDevices(ctx, u.ID); err == nil {
			factors, err = w.acc.Factors(ctx, u.ID)
		}
		if err == nil {
			kinds, err = w.acc.FactorKinds(ctx, u.ID)
		}
	}
	var buttons []social.Button
	if err == nil {
		buttons, err = w.soc.Buttons(ctx)
	}
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	l := w.languageOf(r)
	v := securityView{
		HasPassword: u.PasswordHash != "", Factors: w.acc.UsesFactors(), HasFactor: len(kinds) > 0,
		Required: w.acc.RequiresFactor(ctx), Sessions: len(sessions),
	}
	for _, f := range factors {
		if f.Kind == accounts.FactorRecoveryCode {
			v.RecoveryCodes++
		}
	}
	body := securityJSON{Password: v.HasPassword, TwoFactor: append([]string{}, kinds...), RecoveryCodes: v.RecoveryCodes, Sessions: v.Sessions,
		TrustedDevices: []deviceJSON{}, Providers: []string{}}
	current := accounts.CurrentSession(ctx).DeviceID
	for _, s := range devices {
		name := device(l, s.UserAgent)
		v.Devices = append(v.Devices, sessionView{ID: s.ID(), Current: s.ID() == current, Device: name, Address: s.Address, CreatedAt: s.CreatedAt, LastSeen: s.LastSeenAt})
		body.TrustedDevices = append(body.TrustedDevices, deviceJSON{s.ID(), name, s.Address, s.CreatedAt.UTC(), s.LastSeenAt.UTC(), s.ExpiresAt.UTC()})
	}
	for _, b := range buttons {
		if len(b.Connections) > 0 {
			v.Connected = append(v.Connected, b)
			body.Providers = append(body.Providers, b.Provider.ID)
		} else {
			v.Others++
		}
	}
	if social.WantsJSON(r) {
		social.WriteJSON(rw, http.StatusOK, body)
		return
	}
	v.layout = w.layout(rw, r)
	w.render(rw, r, http.StatusOK, "security", v)
}
