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
	// postedParam is the query parameter that names a posted answer.
	postedParam = "posted"
)

// A callbackRefusal is why a callback does not hold. Its text is ours alone.
type callbackRefusal string

func (e callbackRefusal) Error() string { return string(e) }

// once are the parameters of a callback that may come once at most.
var once = [...]string{"state", "code", "error", "iss", "oauth_token", "oauth_verifier", "denied", postedParam}

// answer returns what the provider sent with the callback: its query, or what
// it posted a moment ago.
func (q *request) answer() (url.Values, error) {
	query, err := parseAnswer(q.r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	name := query.Get(postedParam)
	if name == "" || !q.provider.FormPost {
		return query, nil
	}
	if len(query) > 1 {
		return nil, callbackRefusal("there are two answers")
	}
	name = answerCookie + name
	value, err := q.jar.Get(q.r, name)
	switch {
	case errors.Is(err, cookie.ErrNone), errors.Is(err, cookie.ErrExpired):
		return nil, callbackRefusal("the provider's answer is gone")
	case err != nil:
		return nil, callbackRefusal("the provider's answer was changed")
	}
	q.jar.Clear(q.w, name)
	posted, err := parseAnswer(string(value))
	if err != nil {
		return nil, err
	}
	if answerName(&q.provider, posted) != name {
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
func (q *request) posted() outcome {
	form, err := input.Form(q.w, q.r)
	if err != nil {
		return q.callbackRefused(callbackRefusal("the provider's answer is malformed"))
	}
	raw := form.Encode()
	answer, err := parseAnswer(raw)
	if err != nil {
		return q.callbackRefused(err)
	}
	name := answerName(&q.provider, answer)
	if name == "" {
		return q.callbackRefused(callbackRefusal("the state is missing"))
	}
	if err := q.jar.Set(q.w, name, []byte(raw), answerTTL); errors.Is(err, cookie.ErrTooLong) {
		return q.callbackRefused(callbackRefusal("the provider's answer is too long"))
	} else if err != nil {
		return failure(err)
	}
	to := q.cfg.URLPrefix + "/callback/" + q.provider.ID + "?" + postedParam + "=" + name[len(answerCookie):]
	return outcome{to: to}
}

// answerName names the cookie of a posted answer, or is empty for an answer
// that belongs to no flow.
func answerName(p *provider, answer url.Values) string {
	key := p.client.CallbackKey(answer)
	if key == "" {
		return ""
	}
	return answerCookie + flowName(flowHash(p.ID, key))[len(flowCookie):]
}
