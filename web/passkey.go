package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
)

// fieldCredential has what the browser answered about a passkey, in forms that the script
// fills in.
const fieldCredential = "credential"

// A passkeyForm is the view of templates/passkey_form.html.
type passkeyForm struct {
	Does            string // "get", "fill" to offer passkeys beside passwords, or "create"
	Action, Options string
	Label           string // the key of a text
	Primary, Named  bool
	Like            string // the name of a box of the page that counts for this form, too
	OrBefore        bool   // there is another way above
	OrAfter         bool   // and below
	Next, SignUpID  string
	Wrong           *social.Message
}

// A passkeysView is the view of templates/passkeys.html.
type passkeysView struct {
	formPage
	Here     string
	Passkeys []accounts.Passkey
	Required bool // the user has to have a second factor, and has none
	Add      passkeyForm
}

// A passkeyView is the view of templates/passkey.html.
type passkeyView struct {
	layout
	Here    string
	Passkey accounts.Passkey
}

// A passkeyJSON is a passkey in answers.
type passkeyJSON struct {
	ID             string     `json:"id"`
	Name           string     `json:"name"`
	CreatedAt      time.Time  `json:"created_at"`
	LastUsedAt     *time.Time `json:"last_used_at"`
	BackupEligible bool       `json:"backup_eligible"`
	BackedUp       bool       `json:"backed_up"`
	Transports     []string   `json:"transports"`
	RecoveryCodes  []string   `json:"recovery_codes,omitempty"` // with the first factor
}

func newPasskeyJSON(p accounts.Passkey) passkeyJSON {
	j := passkeyJSON{ID: p.ID, Name: p.Name, CreatedAt: p.CreatedAt.UTC(), BackupEligible: p.BackupEligible, BackedUp: p.BackedUp,
		Transports: append([]string{}, p.Transports...)}
	if !p.LastUsedAt.IsZero() {
		used := p.LastUsedAt.UTC()
		j.LastUsedAt = &used
	}
	return j
}

// passkeysOnly answers 404 where passkeys are off.
func (w *Web) passkeysOnly(m methods) methods { return w.onlyIf(w.acc.UsesPasskeys(), m) }

// passkeysAt reports whether browsers have passkeys on the page of a request: they are bound to
// the application's domain, so not at a tenant's own host.
func (w *Web) passkeysAt(r *http.Request) bool {
	app := w.soc.Config().AppURL
	base := tenant.Base(r.Context(), app)
	return w.acc.UsesPasskeys() && (base == app || strings.HasPrefix(base, app+"/"))
}

// asksPasskeys lets a page load the script of passkeys, which it needs for a form of theirs.
func (w *Web) asksPasskeys(rw http.ResponseWriter, l *layout) { w.script(rw, l, passkeyScript) }

// passkeyForm returns the form with which a page asks for a passkey.
func (w *Web) passkeyForm(does, action, to string, f *formPage) *passkeyForm {
	return &passkeyForm{Does: does, Action: w.base + action, Options: w.base + "/passkeys/options?for=" + to, Label: "passkeys.use",
		Next: f.Next, SignUpID: f.SignUpID, Wrong: f.Form.Is(fieldCredential)}
}

// showPasskeys lists the user's passkeys, and asks for another one. Also a session that is
// limited to setting up a second factor adds one.
func (w *Web) showPasskeys(rw http.ResponseWriter, r *http.Request) {
	userID := w.factorUser(rw, r, "/security/passkeys")
	if userID == "" {
		return
	}
	list, err := w.acc.Passkeys(r.Context(), userID)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	if social.WantsJSON(r) {
		all := []passkeyJSON{}
		for _, p := range list {
			all = append(all, newPasskeyJSON(p))
		}
		social.WriteJSON(rw, http.StatusOK, all)
		return
	}
	here := w.base + "/security/passkeys"
	v := passkeysView{formPage: w.formPage(rw, r, w.next(r.Context(), r.URL.Query().Get("next")), form{}), Here: here, Passkeys: list,
		Required: accounts.Current(r.Context()) == nil}
	v.SignUpID = r.URL.Query().Get(fieldSignUp)
	v.Add = passkeyForm{Does: "create", Action: here, Options: here + "/options", Label: "passkeys.add", Primary: true, Named: true, Next: v.Next, SignUpID: v.SignUpID}
	w.asksPasskeys(rw, &v.layout)
	w.render(rw, r, http.StatusOK, "passkeys", v)
}

// addPasskey adds the passkey that the browser has made.
func (w *Web) addPasskey(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	began := accounts.LimitedSession(r.Context())
	p, codes, err := w.acc.AddPasskey(rw, r, []byte(credential(in)), in.Get("name"))
	if err != nil {
		w.passkeyFailed(rw, r, err)
		return
	}
	next := w.afterSetup(rw, r, began, in)
	if social.WantsJSON(r) {
		j := newPasskeyJSON(p)
		j.RecoveryCodes = codes
		social.WriteJSON(rw, http.StatusCreated, j)
		return
	}
	w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodePasskeyAdded})
	if len(codes) > 0 {
		w.writeRecoveryCodes(rw, r, http.StatusOK, codes, next)
		return
	}
	to := w.next(r.Context(), next)
	if to == "" {
		to = w.base + "/security/passkeys"
	}
	reply.Redirect(rw, to)
}

// showPasskey asks for another name for a passkey.
func (w *Web) showPasskey(rw http.ResponseWriter, r *http.Request) {
	p, err := w.passkey(r)
	switch {
	case err != nil:
		w.passkeyFailed(rw, r, err)
	case social.WantsJSON(r):
		social.WriteJSON(rw, http.StatusOK, newPasskeyJSON(p))
	default:
		v := passkeyView{layout: w.layout(rw, r), Here: w.base + "/security/passkeys/" + p.ID, Passkey: p}
		v.Narrow = true
		w.render(rw, r, http.StatusOK, "passkey", v)
	}
}

// passkey returns the user's passkey that the address names.
func (w *Web) passkey(r *http.Request) (accounts.Passkey, error) {
	list, err := w.acc.Passkeys(r.Context(), accounts.Current(r.Context()).ID)
	if err != nil {
		return accounts.Passkey{}, err
	}
	i := slices.IndexFunc(list, func(p accounts.Passkey) bool { return p.ID == r.PathValue("id") })
	if i < 0 {
		return accounts.Passkey{}, accounts.ErrNoFactor
	}
	return list[i], nil
}

func (w *Web) renamePasskey(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	err := w.acc.RenamePasskey(r, r.PathValue("id"), in.Get("name"))
	if err == nil && social.WantsJSON(r) {
		w.showPasskey(rw, r)
		return
	}
	w.passkeyChanged(rw, r, err, social.CodePasskeyRenamed)
}

func (w *Web) removePasskey(rw http.ResponseWriter, r *http.Request) {
	err := w.acc.RemovePasskey(r, r.PathValue("id"))
	if err == nil && social.WantsJSON(r) {
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	w.passkeyChanged(rw, r, err, social.CodePasskeyRemoved)
}

// passkeyChanged answers a change with the list and a message.
func (w *Web) passkeyChanged(rw http.ResponseWriter, r *http.Request, err error, code string) {
	if err != nil {
		w.passkeyFailed(rw, r, err)
		return
	}
	w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: code})
	reply.Redirect(rw, w.base+"/security/passkeys")
}

// passkeyFailed answers what kept a passkey from being used or changed.
func (w *Web) passkeyFailed(rw http.ResponseWriter, r *http.Request, err error) {
	var status int
	var code string
	switch {
	case errors.Is(err, accounts.ErrNoFactor):
		status, code = http.StatusNotFound, social.CodeNoPasskey
	case errors.Is(err, accounts.ErrPasskeyKnown):
		status, code = http.StatusConflict, social.CodePasskeyKnown
	case errors.Is(err, accounts.ErrPasskey):
		status, code = http.StatusBadRequest, social.CodeBadPasskey
	case errors.Is(err, accounts.ErrLastWayIn):
		status, code = http.StatusConflict, social.CodeLastWayIn
	default:
		w.factorFailed(rw, r, err)
		return
	}
	if social.WantsJSON(r) {
		w.refuse(rw, r, status, code)
		return
	}
	w.soc.Flash(rw, r, social.FlashError, social.Message{Code: code})
	reply.Redirect(rw, nexturl.WithNext(w.base+"/security/passkeys", w.next(r.Context(), r.FormValue("next"))))
}
