package social

import (
	"errors"
	"net/url"
	"time"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/input"
)

const (
	answerCookie = "social_answer_"
	answerTTL    = time.Minute
	// postedParam names the query parameter that stands for a posted answer.
	postedParam = "posted"
)

// once are the parameters of a callback that may come once at most.
var once = [...]string{"state", "code", "error", "iss", "oauth_token", "oauth_verifier", "denied", postedParam}

// answer returns what the provider sent with the callback: its query, or what
// it posted a moment ago.
func (v *visit) answer() (url.Values, error) {
	query, err := parseAnswer(v.r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	name := query.Get(postedParam)
	if name == "" || !v.provider.FormPost {
		return query, nil
	}
	if len(query) > 1 {
		return nil, callbackRefusal("there are two answers")
	}
	name = answerCookie + name
	value, err := v.jar.Get(v.r, name)
	switch {
	case errors.Is(err, cookie.ErrNone), errors.Is(err, cookie.ErrExpired):
		return nil, callbackRefusal("the provider's answer is gone")
	case err != nil:
		return nil, callbackRefusal("the provider's answer was changed")
	}
	v.jar.Clear(v.w, name)
	posted, err := parseAnswer(string(value))
	if err != nil {
		return nil, err
	}
	if v.answerName(posted) != name {
		return nil, callbackRefusal("the provider's answer was changed")
	}
	return posted, nil
}

func parseAnswer(raw string) (url.Values, error) {
	answer, err := url.ParseQuery(raw)
	if err != nil {
		return nil, callbackRefusal("the provider's answer is malformed")
	}
	for _, name := range once {
		if len(answer[name]) > 1 {
			return nil, callbackRefusal("a parameter came twice")
		}
	}
	if answer.Has("error") && answer.Has("code") || answer.Has("denied") && answer.Has("oauth_verifier") {
		return nil, callbackRefusal("it says both yes and no")
	}
	return answer, nil
}

// posted takes an answer that the provider posts (OAuth 2.0 Form Post Response
// Mode). No Lax cookie comes with a cross-site POST, so the answer waits in a
// sealed cookie while the browser goes on with a GET of the same callback.
func (v *visit) posted() {
	form, err := input.Form(v.w, v.r)
	if err != nil {
		v.refuseCallback("the provider's answer is malformed")
		return
	}
	raw := form.Encode()
	answer, err := parseAnswer(raw)
	if err != nil {
		v.refuseCallback(err.Error())
		return
	}
	name := v.answerName(answer)
	if name == "" {
		v.refuseCallback("the state is missing")
		return
	}
	if err := v.jar.Set(v.w, name, []byte(raw), answerTTL); errors.Is(err, cookie.ErrTooLong) {
		v.refuseCallback("the provider's answer is too long")
		return
	} else if err != nil {
		v.fail(err)
		return
	}
	v.redirect(v.provider.callbackPath + "?" + postedParam + "=" + name[len(answerCookie):])
}

// answerName names the cookie of a posted answer, or is empty for an answer
// that belongs to no flow.
func (v *visit) answerName(answer url.Values) string {
	key := v.provider.client.CallbackKey(answer)
	if key == "" {
		return ""
	}
	return answerCookie + flowName(flowHash(v.provider.ID, key))[len(flowCookie):]
}
