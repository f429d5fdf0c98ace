package social

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

const (
	answerCookie = "social_answer"
	answerTTL    = time.Minute
	// postedParam is the query parameter that names a posted answer.
	postedParam = "posted"
	// maxAnswer bounds a posted answer, in bytes. Codes of 3,000 characters exist.
	maxAnswer = 16 << 10
	// longAnswer is the length from which an answer is compressed: what is shorter is
	// not worth the compressor's memory.
	longAnswer = 512
	// maxAnswerInCookie bounds an answer in a cookie, in bytes before it is sealed, so
	// that with the flow cookies there may be it leaves room for others in 8 KB.
	maxAnswerInCookie = 2200
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
	if err != nil || !q.provider.FormPost {
		return query, err
	}
	name := query.Get(postedParam)
	switch {
	case name == "" && query.Has("error"):
		return query, nil // it ends the flow, and gives nothing
	case name == "":
		return nil, callbackRefusal("the provider posts its answers")
	case len(query) > 1:
		return nil, callbackRefusal("there are two answers")
	}
	raw, err := q.takePosted(name)
	if err != nil {
		return nil, err
	}
	posted, err := parseAnswer(raw)
	if err == nil && answerName(&q.provider, posted) != name {
		err = callbackRefusal("the provider's answer was changed")
	}
	return posted, err
}

// parseAnswer reads an answer as browsers write it: a stray character in a parameter
// that nobody needs does no harm.
func parseAnswer(raw string) (url.Values, error) {
	answer := input.Urlencoded(raw)
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
//
// Any site can post such a form. So there is one cookie for all answers, the newest,
// whatever they are.
func (q *request) posted() outcome {
	raw, err := input.Text(q.w, q.r)
	if err != nil || len(raw) > maxAnswer {
		return q.callbackRefused(callbackRefusal("the provider's answer is too long"))
	}
	answer, err := parseAnswer(raw)
	if err != nil {
		return q.callbackRefused(err)
	}
	name := answerName(&q.provider, answer)
	if name == "" {
		return q.callbackRefused(callbackRefusal("the state is missing"))
	}
	if err := q.keepPosted(name, raw); err != nil {
		return limited(err)
	}
	return outcome{to: q.cfg.URLPrefix + "/callback/" + q.provider.ID + "?" + postedParam + "=" + name}
}

// purposeAnswer is the purpose of an answer that is too long for a cookie.
const purposeAnswer = "answer"

// How an answer is kept, which is the version of the cookie's layout too.
const (
	answerPlain byte = iota + 1
	answerDeflated
	answerHeld // a row, which the cookie names
)

func (q *request) keepPosted(name, raw string) error {
	set := func(form byte, text string) error {
		e := make(keyring.Encoder, 0, len(text)+32)
		e.Byte(form)
		e.Text(name)
		e.Text(text)
		return q.jar.Set(q.w, answerCookie, e, answerTTL)
	}
	if len(raw) < longAnswer {
		return set(answerPlain, raw)
	}
	if deflated := deflate(raw); len(deflated) <= maxAnswerInCookie {
		return set(answerDeflated, deflated)
	}
	// Rows of other sites' posts must not fill the database.
	if err := q.beginFlow(q.r, identity.LongAnswer); err != nil {
		return err
	}
	token, err := q.vault.Hold(q.r.Context(), vault.Held{Purpose: purposeAnswer, Data: []byte(raw)}, answerTTL)
	if err != nil {
		return err
	}
	return set(answerHeld, token)
}

// takePosted returns the answer of the name and removes it.
func (q *request) takePosted(name string) (raw string, err error) {
	const gone = callbackRefusal("the provider's answer is gone")
	value, err := q.jar.Get(q.r, answerCookie)
	switch {
	case errors.Is(err, cookie.ErrNone), errors.Is(err, cookie.ErrExpired):
		return "", q.doneUnder(flowCookie+name, gone)
	case err != nil:
		return "", callbackRefusal("the provider's answer was changed")
	}
	d := keyring.NewDecoder(value)
	form, is, text := d.Byte(), d.Text(), d.Text()
	if !d.Whole() || is != name { // another one has replaced it
		return "", q.doneUnder(flowCookie+name, gone)
	}
	q.jar.Clear(q.w, answerCookie)
	switch form {
	case answerPlain:
		return text, nil
	case answerDeflated:
		return inflate(text)
	case answerHeld:
		held, err := q.vault.TakeHeld(context.WithoutCancel(q.r.Context()), purposeAnswer, text)
		if errors.Is(err, onetime.ErrNone) {
			err = gone
		}
		if err == nil && q.limiter != nil {
			q.limiter.EndFlow(q.r, identity.LongAnswer)
		}
		return string(held.Data), err
	}
	return "", gone
}

// deflate compresses a text. There is no error: the level is one, and a Buffer takes
// everything.
func deflate(text string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// inflate undoes deflate, for a text of at most maxAnswer bytes.
func inflate(deflated string) (string, error) {
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader([]byte(deflated))), maxAnswer+1))
	if err != nil || len(text) > maxAnswer {
		return "", callbackRefusal("the provider's answer was changed")
	}
	return string(text), nil
}

// answerName names a posted answer by its flow, or is empty for an answer that belongs
// to none.
func answerName(p *provider, answer url.Values) string {
	key := p.client.CallbackKey(answer)
	if key == "" {
		return ""
	}
	hash := flowHash(p.ID, key)
	return hex.EncodeToString(hash[:flowNameBytes])
}
