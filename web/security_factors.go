package web

import (
	"net/http"
	"slices"

	"github.com/gosocial/social/accounts"
)

// A factorsSection is the view of templates/security_factors.html.
type factorsSection struct {
	HasFactor     bool
	HasTOTP       bool          // the factor, or one of them, is an authenticator application
	Required      bool          // the user has to have a second factor
	RecoveryCodes int           // how many are left
	Devices       []sessionView // that are trusted
}

// fewCodes is how many recovery codes are so few that new ones are advised.
const fewCodes = 3

func (w *Web) factorsSection(r *http.Request, v *securityView, body *securityJSON) error {
	if !w.acc.UsesFactors() {
		return nil
	}
	ctx, u, l := r.Context(), accounts.Current(r.Context()), w.languageOf(r)
	devices, err := w.acc.TrustedDevices(ctx, u.ID)
	if err != nil {
		return err
	}
	factors, err := w.acc.Factors(ctx, u.ID)
	if err != nil {
		return err
	}
	kinds, err := w.acc.FactorKinds(ctx, u.ID)
	if err != nil {
		return err
	}
	s := &factorsSection{HasFactor: len(kinds) > 0, HasTOTP: slices.Contains(kinds, accounts.FactorTOTP), Required: w.acc.RequiresFactor(ctx)}
	for _, f := range factors {
		if f.Kind == accounts.FactorRecoveryCode {
			s.RecoveryCodes++
		}
	}
	current := ""
	if s := accounts.CurrentSession(ctx); s != nil {
		current = s.DeviceID
	}
	for _, d := range devices {
		name := device(l, d.UserAgent)
		s.Devices = append(s.Devices, sessionView{ID: d.ID(), Current: d.ID() == current, Device: name, Address: d.Address, CreatedAt: d.CreatedAt, LastSeen: d.LastSeenAt})
		body.TrustedDevices = append(body.TrustedDevices, deviceJSON{d.ID(), name, d.Address, d.CreatedAt.UTC(), d.LastSeenAt.UTC(), d.ExpiresAt.UTC()})
	}
	body.TwoFactor, body.RecoveryCodes = append(body.TwoFactor, kinds...), s.RecoveryCodes
	switch {
	case !s.HasFactor && s.Required:
		v.Missing = append(v.Missing, missing{"security.missing.factor_required", w.base + "/security/totp"})
	case !s.HasFactor:
		v.Missing = append(v.Missing, missing{"security.missing.factor", w.base + "/security/totp"})
	case s.RecoveryCodes < fewCodes:
		v.Missing = append(v.Missing, missing{"security.missing.codes" + forFactors(kinds), "#factors"})
	}
	v.Factors = s
	return nil
}
