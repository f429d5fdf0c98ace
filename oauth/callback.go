package oauth

import (
	"cmp"
	"crypto/subtle"
	"net/url"
	"strings"
)

// callbackParams are the parameters of a callback that the protocol knows.
var callbackParams = [...]string{"state", "error", "iss"}

// onlyValue returns the value of a parameter that is given once, else "".
func onlyValue(answer url.Values, name string) string {
	if v := answer[name]; len(v) == 1 {
		return v[0]
	}
	return ""
}

// checkCallback compares the callback's parameters with the flow and returns the
// code. It sends no request.
func (c *oauth2Client) checkCallback(p *Pending, answer url.Values) (code string, err error) {
	codeName := cmp.Or(c.p.CodeName, "code")
	for _, names := range [...][]string{callbackParams[:], {codeName}, c.needed} {
		for _, name := range names {
			if name = strings.TrimPrefix(name, ofCallbackPrefix); len(answer[name]) > 1 { // RFC 6749 §3.1
				return "", &CallbackError{name + " is given more than once"}
			}
		}
	}
	state := answer.Get("state")
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(p.State)) != 1 {
		return "", &CallbackError{"state is not the one of this flow"}
	}
	if err := c.checkIssuer(answer); err != nil {
		return "", err
	}
	if err := c.checkProof(p, answer); err != nil {
		return "", err
	}
	if answer.Has("error") {
		if answer.Has(codeName) {
			return "", &CallbackError{"code and error are both given"}
		}
		return "", c.words.callbackFailed(c.p.ID, answer)
	}
	if code = answer.Get(codeName); code == "" {
		return "", &CallbackError{"code is missing"}
	}
	return code, nil
}

// checkProof lets the provider's own check judge the callback.
func (c *oauth2Client) checkProof(p *Pending, answer url.Values) error {
	if c.p.CheckCallback == nil {
		return nil
	}
	client, err := c.clients.of(p.ClientID, c.p.ID, opToken)
	if err != nil {
		return err
	}
	for i := range client.proofs {
		if err = c.p.CheckCallback(answer, client.proofs[i].Credentials); err == nil {
			return nil
		}
	}
	return &CallbackError{err.Error()}
}

// checkIssuer compares iss (RFC 9207 §2.4), on errors too.
func (c *oauth2Client) checkIssuer(answer url.Values) error {
	if !answer.Has("iss") {
		if c.p.RequireIssuer {
			return &CallbackError{"iss is missing"}
		}
		return nil
	}
	if c.p.Issuer != "" && !c.anyIssuer && answer.Get("iss") != c.p.Issuer {
		return &CallbackError{"iss is not the issuer of this provider"}
	}
	return nil
}
