package social

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/oauth"
)

func (q *request) canVerify() bool { return q.prover != nil }

// beginVerify begins a flow in which the signed-in user proves once more who they are, by
// the account at the provider that is connected.
func (q *request) beginVerify() outcome {
	ctx := q.r.Context()
	userID := q.CurrentUser(ctx)
	if userID == "" {
		return q.signInFirst()
	}
	connections, err := q.vault.Connections(ctx, userID, q.provider.ID)
	switch {
	case err != nil:
		return failure(err)
	case len(connections) == 0:
		return noConnection
	}
	return q.begin(&flow{intent: intentVerify, userID: userID}, oauth.Request{Reauthenticate: true})
}

// afterVerify answers what was decided about a proof.
func (q *request) afterVerify(f *flow) func(proved bool, err error) outcome {
	return func(proved bool, err error) outcome {
		switch {
		case errors.Is(err, errSignedOut):
			return q.callbackRefused(callbackRefusal("the session has ended meanwhile"))
		case err != nil:
			return failure(err)
		case !proved:
			return q.notVerified(f, CodeConnectionDifferent)
		}
		f.doneBy = f.userID
		return outcome{to: cmp.Or(f.next, q.cfg.PostLogin), status: http.StatusOK, body: struct{}{}}
	}
}

// notVerified leads back to the page that asks for a proof, with the message of the code.
func (q *request) notVerified(f *flow, code string) outcome {
	o := outcome{flash: q.say(FlashError, code), status: http.StatusUnauthorized, code: CodeBadCredentials}
	o.flash.Args[ArgFlow] = FlowVerify
	o.to = nexturl.WithNext(q.cfg.VerifyPage, f.next)
	return o
}

// verifyFirst sends people to the page that asks for a proof, which leads back to the one
// that they came from, with the fields of the form that keep names in its query; or, when
// that page is not known, to the form's "next".
func (q *request) verifyFirst(keep ...string) outcome {
	from := nexturl.Wanted(q.r, q.host)
	if from == "" {
		return q.verifyBefore(q.next(q.r.Context(), q.r.FormValue("next")))
	}
	back := from
	for _, name := range keep {
		if value := q.fields.Get(name); value != "" && value != from {
			back = nexturl.With(back, name, value)
		}
	}
	return q.verifyBefore(cmp.Or(nexturl.Path(back), from)) // what was kept may be too long
}

// verifyBefore sends people to the page that asks for a proof, and from there to the
// address.
func (q *request) verifyBefore(address string) outcome {
	to := nexturl.WithNext(q.cfg.VerifyPage, address)
	return outcome{to: to, status: http.StatusUnauthorized, code: CodeReauthenticationRequired}
}
