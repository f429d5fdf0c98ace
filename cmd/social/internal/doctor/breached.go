package doctor

import (
	"context"

	"github.com/gosocial/social/cmd/social/internal/app"
)

// breached asks the service that knows breached passwords about one that all know.
func (d *check) breached(ctx context.Context) {
	checker, err := app.Breached(d.config)
	if err != nil || checker == nil {
		return // app.Open says what is wrong
	}
	switch known, err := checker.Breached(ctx, "password"); {
	case err != nil:
		d.report("breached_passwords", Wrong, "%v: new passwords are taken unchecked", err)
	case !known:
		d.report("breached_passwords", Wrong, "%s does not know the password \"password\": it has another list", d.config.BreachedPasswordsAddress)
	default:
		d.report("breached_passwords", OK, "%s answers", d.config.BreachedPasswordsAddress)
	}
}
