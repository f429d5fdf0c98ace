package web

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/reply"
)

// A tokensView is the view of templates/tokens.html: the user's API tokens, and a form that
// makes one.
type tokensView struct {
	formPage
	Tokens []apitoken.Token
	Name   string // as it was entered
	Scopes []tokenScope
	Lasts  []tokenTime // to choose from
	Here   string      // the page's own address
}

// A tokenScope is something that a token may be allowed to do.
type tokenScope struct {
	Name, Text string
	Chosen     bool
}

// A tokenTime is how long a token may be good.
type tokenTime struct {
	Seconds int64
	Days    int
	Chosen  bool
}

// A tokenView is the view of templates/token.html, which shows a token this once.
type tokenView struct {
	layout
	Token     string
	Name      string
	ExpiresAt time.Time
	Next      string // where to go on
}

// A tokenJSON is an element of the answer of GET /security/tokens.
type tokenJSON struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Scopes     []string   `json:"scopes"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  time.Time  `json:"expires_at"`
	LastUsedAt *time.Time `json:"last_used_at"` // null: never
}

func describeToken(t *apitoken.Token) tokenJSON {
	d := tokenJSON{t.ID, t.Name, append([]string{}, t.Scopes...), t.CreatedAt.UTC(), t.ExpiresAt.UTC(), nil}
	if !t.LastUsedAt.IsZero() {
		used := t.LastUsedAt.UTC()
		d.LastUsedAt = &used
	}
	return d
}

func (w *Web) showTokens(rw http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	w.renderTokens(rw, r, q.Get(accounts.FieldTokenName), strings.Fields(q.Get(accounts.FieldTokenScopes)), q.Get(accounts.FieldTokenExpiry), form{})
}

// renderTokens shows the page with what was entered into its form.
func (w *Web) renderTokens(rw http.ResponseWriter, r *http.Request, name string, scopes []string, expiry string, f form) {
	list, err := w.acc.Tokens(r.Context(), accounts.Current(r.Context()).ID)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	if social.WantsJSON(r) {
		all := []tokenJSON{}
		for i := range list {
			all = append(all, describeToken(&list[i]))
		}
		social.WriteJSON(rw, http.StatusOK, all)
		return
	}
	v := tokensView{formPage: w.formPage(rw, r, "", f), Tokens: list, Name: name, Lasts: w.tokenTimes(expiry), Here: w.base + "/security/tokens"}
	v.Narrow = false
	for _, scope := range w.acc.TokenScopes() {
		text := w.acc.TokenScopeText(scope)
		v.Scopes = append(v.Scopes, tokenScope{scope, text, slices.Contains(scopes, scope)})
	}
	w.render(rw, r, http.StatusOK, "tokens", v)
}

// tokenTimes returns how long a token may be good, with the time chosen that was entered,
// or the usual one.
func (w *Web) tokenTimes(entered string) (times []tokenTime) {
	const day = 24 * time.Hour
	usual, most := w.acc.TokenTimes()
	chosen := usual
	if d := expiresIn(entered); d > 0 && (most == 0 || d <= most) {
		chosen = d
	}
	all := []time.Duration{usual, chosen}
	for _, d := range []time.Duration{7 * day, 30 * day, 90 * day, 365 * day} {
		if most == 0 || d <= most {
			all = append(all, d)
		}
	}
	slices.Sort(all)
	for _, d := range slices.Compact(all) {
		times = append(times, tokenTime{int64((d + time.Second - 1) / time.Second), int((d + day - 1) / day), d == chosen})
	}
	return times
}

// expiresIn reads how long a token is to be good: seconds, or a duration as text, such as
// "720h". It is 0 where nothing was entered, and negative for what is no such time.
func expiresIn(entered string) time.Duration {
	const longest = math.MaxInt64 - 24*time.Hour // which can be rounded up
	entered = strings.TrimSpace(entered)
	if entered == "" {
		return 0
	}
	d, _ := time.ParseDuration(entered) // 0 for what is none
	if seconds, err := strconv.ParseInt(entered, 10, 64); err == nil {
		d = time.Duration(max(0, min(seconds, int64(longest/time.Second)))) * time.Second
	}
	if d <= 0 {
		return -1
	}
	return min(d, longest)
}

// chosenScopes returns the scopes of a form, which has one field for each, or of a
// program, which has them in a list or with blanks between them.
func chosenScopes(in input.Fields) (scopes []string) {
	for _, value := range in.Values[accounts.FieldTokenScopes] {
		scopes = append(scopes, strings.Fields(value)...)
	}
	return scopes
}

// createToken makes an API token, and tells it this once.
func (w *Web) createToken(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	name, scopes, expiry := in.Get(accounts.FieldTokenName), chosenScopes(in), in.Get(accounts.FieldTokenExpiry)
	text, token, err := w.acc.CreateToken(r, accounts.NewToken{Name: name, Scopes: scopes, Lasts: expiresIn(expiry)})
	p, wrong := social.FormProblem(err)
	switch {
	case wrong && social.WantsJSON(r):
		social.WriteProblem(rw, p)
	case wrong:
		w.renderTokens(rw, r, name, scopes, expiry, wrongForm("", p.Fields))
	case err != nil:
		w.tokenFailed(rw, r, err)
	case social.WantsJSON(r):
		social.WriteJSON(rw, http.StatusCreated, struct {
			tokenJSON
			Token string `json:"token"`
		}{describeToken(&token), text.Reveal()})
	default:
		v := tokenView{layout: w.layout(rw, r), Token: text.Reveal(), Name: token.Name, ExpiresAt: token.ExpiresAt, Next: w.base + "/security/tokens"}
		v.Narrow = true
		w.render(rw, r, http.StatusOK, "token", v)
	}
}

// deleteToken ends an API token of the user's.
func (w *Web) deleteToken(rw http.ResponseWriter, r *http.Request) {
	if err := w.acc.DeleteToken(r, r.PathValue("id")); err != nil {
		w.tokenFailed(rw, r, err)
		return
	}
	if social.WantsJSON(r) {
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeTokenEnded})
	reply.Redirect(rw, w.base+"/security/tokens")
}

// tokenFailed answers what kept a user from making or ending an API token.
func (w *Web) tokenFailed(rw http.ResponseWriter, r *http.Request, err error) {
	refuse := func(status int, code string) {
		if social.WantsJSON(r) {
			w.refuse(rw, r, status, code)
			return
		}
		w.soc.Flash(rw, r, social.FlashError, social.Message{Code: code})
		reply.Redirect(rw, w.base+"/security/tokens")
	}
	switch {
	case errors.Is(err, accounts.ErrNotSignedIn):
		w.signInFirst(rw, r, w.base+"/security/tokens")
	case errors.Is(err, accounts.ErrNotFresh):
		w.verifyFirst(rw, r, accounts.FieldTokenName, accounts.FieldTokenScopes, accounts.FieldTokenExpiry)
	case errors.Is(err, accounts.ErrNoToken):
		refuse(http.StatusNotFound, social.CodeNoToken)
	case errors.Is(err, accounts.ErrTooManyTokens):
		refuse(http.StatusConflict, social.CodeTooManyTokens)
	case errors.Is(err, accounts.ErrFactorRequired):
		refuse(http.StatusForbidden, social.CodeFactorRequired)
	default:
		w.fail(rw, r, err)
	}
}
