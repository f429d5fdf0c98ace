package social

import (
	"errors"
	"net/http"

	"github.com/gosocial/social/vault"
)

// removeOne ends one connection of the user's. An address that names none, as a
// program makes it of an ID that it lacks, must not end all.
func (v *visit) removeOne() {
	subject := v.r.PathValue("subject")
	if subject == "" {
		v.refuse(http.StatusNotFound, "not_found", "There is nothing at this address.")
		return
	}
	v.remove(subject, "Connection to "+v.provider.Name+" removed")
}

// removeAll ends all of the user's connections to the provider.
func (v *visit) removeAll() { v.remove("", "All connections to "+v.provider.Name+" removed") }

func (v *visit) remove(subject, done string) {
	ctx := v.r.Context()
	userID := v.cfg.Users.CurrentUser(ctx)
	if userID == "" {
		v.anonymous()
		return
	}
	removal := vault.Removal{UserID: userID, ProviderID: v.provider.ID, ProviderUserID: subject}
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
		o.category, o.text = "info", done
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
