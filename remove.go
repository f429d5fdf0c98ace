package social

import "net/http"

// removeOne ends one connection of the user's. An address that names none, as a
// program makes it of an ID that it lacks, must not end all.
func (q *request) removeOne() outcome {
	subject := q.r.PathValue("subject")
	if subject == "" {
		return notFound
	}
	return q.remove(subject, "connection_removed")
}

// removeAll ends all of the user's connections to the provider.
func (q *request) removeAll() outcome { return q.remove("", "connections_removed") }

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
	o := outcome{to: first(q.cameFrom(), q.cfg.PostLogin)}
	switch d {
	case removeDone:
		o.message, o.status = q.say("info", done), http.StatusNoContent
	case removeNone:
		o.message, o.status, o.code = q.say("error", "connection_missing"), http.StatusNotFound, "no_connection"
	case removeLastWay:
		o.message, o.status, o.code = Message{Category: "error", Code: "last_login"}, http.StatusConflict, "last_login"
	}
	return o
}
