package social

import (
	"cmp"
	"net/http"
)

// openGone sets the request's provider, which is unknown, to one that is not configured
// any more: its users can remove their connections still. For others it stays unknown.
func (q *request) openGone(id string, unknown error) error {
	ctx := q.r.Context()
	userID := q.CurrentUser(ctx)
	if userID == "" {
		return unknown
	}
	connections, err := q.vault.Connections(ctx, userID, id)
	switch {
	case err != nil:
		return err
	case len(connections) == 0:
		return unknown
	}
	q.provider = goneProvider(id)
	return nil
}

// removeOne ends one connection of the user's. An address that names none, as a
// program makes it of an ID that it lacks, must not end all.
func (q *request) removeOne() outcome {
	subject := q.r.PathValue("subject")
	if subject == "" {
		return notFound
	}
	return q.remove(subject, CodeConnectionRemoved)
}

// removeAll ends all of the user's connections to the provider.
func (q *request) removeAll() outcome { return q.remove("", CodeConnectionsRemoved) }

func (q *request) remove(subject, done string) outcome {
	ctx := q.r.Context()
	userID := q.CurrentUser(ctx)
	if userID == "" {
		return q.signInFirst()
	}
	d, err := q.decideRemove(ctx, userID, q.provider.ID, subject)
	if err != nil {
		return failure(err)
	}
	if d == removeNotFresh {
		return q.tell(q.verifyFirst())
	}
	o := outcome{to: cmp.Or(q.next(q.r.Context(), q.r.FormValue("next")), q.cameFrom(), q.cfg.PostLogin)}
	switch d {
	case removeDone:
		o.flash, o.status = q.say(FlashInfo, done), http.StatusNoContent
	case removeNone:
		o.flash, o.status, o.code = q.say(FlashError, CodeNoConnection), http.StatusNotFound, CodeNoConnection
		o.flash.Args[ArgFlow] = FlowRemove
	case removeLastWay:
		o.flash, o.status, o.code = q.say(FlashError, CodeLastWayIn), http.StatusConflict, CodeLastWayIn
	}
	return q.tell(o)
}
