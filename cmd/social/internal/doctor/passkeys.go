package doctor

import (
	"strings"

	"github.com/gosocial/social/accounts/passkey"
	"github.com/gosocial/social/cmd/social/internal/app"
)

// passkeys says where browsers have none. Open has checked the rest.
func (d *check) passkeys() {
	if _, err := app.Passkeys(d.config); err != nil {
		d.report("passkeys", Note, "they are off: %s", strings.TrimPrefix(err.Error(), passkey.ErrAddress.Error()+": "))
	}
}
