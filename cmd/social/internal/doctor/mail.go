package doctor

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/mail"
)

// mail asks the mail server whether it can be used. Nothing is sent.
func (d *check) mail(ctx context.Context, a *app.App) {
	goes, doubtful := a.MailGoes()
	ctx, cancel := context.WithTimeout(ctx, max(d.config.Timeout, time.Second))
	defer cancel()
	switch err := a.CheckMail(ctx); {
	case errors.Is(err, errors.ErrUnsupported) && !doubtful:
		d.report("smtp", OK, "%s", goes)
	case errors.Is(err, errors.ErrUnsupported):
		d.report("smtp", Note, "%s", goes)
	case err != nil:
		text := strings.TrimPrefix(err.Error(), mail.ErrUnavailable.Error()+": ")
		d.report("smtp", Wrong, "the mail server cannot be used: %s", text)
	case doubtful:
		d.report("smtp", Note, "%s", goes)
	default:
		d.report("smtp", OK, "the mail server answers; %s", goes)
	}
}
