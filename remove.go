package social

import (
	"errors"
	"net/http"

	"github.com/gosocial/social/vault"
)

// remove ends one connection of the user's, or all to the provider.
func (v *visit) remove() {
	ctx := v.r.Context()
	userID := v.cfg.Users.CurrentUser(ctx)
	if userID == "" {
		v.anonymous()
		return
	}
	removal := vault.Removal{UserID: userID, ProviderID: v.provider.ID, ProviderUserID: v.r.PathValue("subject")}
	all := removal.ProviderUserID == ""
	keep, err := v.keepLogin(v.r, userID)
	if err != nil {
		v.fail(err)
		return
	}
	removal.KeepLogin = keep

	o := outcome{to: first(v.cameFrom(), v.cfg.PostLogin)}
	_, err = v.vault.Disconnect(ctx, removal)
	switch {
	case errors.Is(err, vault.ErrNoConnection):
		o.category, o.text = "error", "Unable to remove connection to "+v.provider.Name
		o.status, o.code = http.StatusNotFound, "no_connection"
	case errors.Is(err, vault.ErrLastLogin):
		o.category, o.text = "error", "This is your last way to log in: set a password or connect another account first"
		o.status, o.code = http.StatusConflict, "last_login"
	case err != nil:
		v.fail(err)
		return
	default:
		o.category, o.text = "info", "Connection to "+v.provider.Name+" removed"
		if all {
			o.text = "All connections to " + v.provider.Name + " removed"
		}
		o.status = http.StatusNoContent
		v.emit(ctx, ConnectionRemoved{UserID: userID, ProviderID: v.provider.ID})
	}
	v.end(o)
}

// keepLogin returns the providers of which the user has to keep one; nil when
// they can log in without.
func (s *Social) keepLogin(r *http.Request, userID string) ([]string, error) {
	if s.passwords != nil {
		has, err := s.passwords.HasPassword(r.Context(), userID)
		if err != nil || has {
			return nil, err
		}
	}
	return s.ids, nil
}
