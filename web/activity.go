package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
)

const (
	activityPage = 25  // rows of a page
	mostActivity = 100 // rows of an answer in JSON
)

// An activityView is the view of templates/activity.html: what happened to the user's
// account, the latest first.
type activityView struct {
	layout
	Here    string // the page's own address
	Entries []activityEntry
	Older   string // the address of the next page, "" when there is none
	Later   bool   // this is not the first page
}

// An activityEntry is something that happened.
type activityEntry struct {
	Text    string // a sentence
	By      string // who did it, "" when that was the user
	At      time.Time
	Device  string // such as "Firefox on Linux", "" when it is not known
	Address string
}

// An activityJSON is an element of the answer of GET /security/activity.
type activityJSON struct {
	ID           string          `json:"id"`
	At           time.Time       `json:"at"`
	Event        string          `json:"event"`
	Text         string          `json:"text"`
	By           string          `json:"by"`
	Provider     string          `json:"provider"`
	ConnectionID string          `json:"connection_id"`
	Device       string          `json:"device"`
	Address      string          `json:"address"`
	Details      json.RawMessage `json:"details"`
}

// showActivity shows users what happened to their own account.
func (w *Web) showActivity(rw http.ResponseWriter, r *http.Request) {
	u, l := accounts.Current(r.Context()), w.languageOf(r)
	limit, asJSON := activityPage, social.WantsJSON(r)
	if n, err := strconv.Atoi(r.FormValue("limit")); err == nil && asJSON {
		limit = min(max(n, 1), mostActivity)
	}
	before := r.FormValue("before")
	// One more, which tells whether there is another page.
	list, err := w.opts.Audit.List(r.Context(), audit.Filter{UserID: u.ID, Before: before, Limit: limit + 1})
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	names, err := w.viaNames(r, l)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	var more *string // Filter.Before of the next page
	if len(list) > limit {
		list = list[:limit]
		more = &list[limit-1].ID
	}
	if asJSON {
		all := []activityJSON{}
		for _, e := range list {
			one := l.activity(e, names)
			all = append(all, activityJSON{e.ID, e.At.UTC(), e.Event, one.Text, actorOf(e), e.Provider, e.ConnectionID, one.Device, e.Address, e.Details})
		}
		social.WriteJSON(rw, http.StatusOK, struct {
			Activity []activityJSON `json:"activity"`
			Before   *string        `json:"before"`
		}{all, more})
		return
	}
	v := activityView{layout: w.layout(rw, r), Here: w.base + "/security/activity", Later: before != ""}
	for _, e := range list {
		v.Entries = append(v.Entries, l.activity(e, names))
	}
	if more != nil {
		v.Older = v.Here + "?" + url.Values{"before": {*more}}.Encode()
	}
	w.render(rw, r, http.StatusOK, "activity", v)
}

// viaNames returns how the ways to prove who one is are called, by the values of "via": those
// of this package's texts, and the providers.
func (w *Web) viaNames(r *http.Request, l *language) (map[string]string, error) {
	providers, err := w.soc.Vault().Providers(r.Context())
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, p := range providers {
		names[p.ID] = p.Name
	}
	for _, via := range []string{"password", "mail", "passkey", "totp", "recovery_code"} {
		names[via] = l.must("activity.via." + via)
	}
	return names, nil
}

// activity says a row of the audit log in words. The texts are found by the event's name.
func (l *language) activity(e audit.Entry, names map[string]string) activityEntry {
	one := activityEntry{At: e.At, Address: e.Address}
	if e.UserAgent != "" {
		one.Device = device(l, e.UserAgent)
	}
	named := func(name string) string {
		if known := names[name]; known != "" {
			return known
		}
		return name
	}
	args := map[string]string{"provider": named(e.Provider)}
	var details map[string]any
	d := json.NewDecoder(bytes.NewReader(e.Details))
	d.UseNumber()
	if d.Decode(&details) == nil {
		for key, value := range details {
			args[key] = fmt.Sprint(value)
		}
	}
	for _, key := range []string{"via", "kind"} {
		args[key] = named(args[key])
	}
	var ok bool
	if one.Text, ok = l.Text("activity."+e.Event, args); !ok {
		one.Text = l.must("activity.other", "event", e.Event)
	}
	// Of what users did themselves there is no text.
	one.By, _ = l.Text("activity.by."+actorOf(e), map[string]string{"provider": named(e.Actor.ID)})
	return one
}

// actorOf says to a user who did something, which is "you" for the user: not which
// administrator.
func actorOf(e audit.Entry) string {
	switch e.Actor.Kind {
	case audit.ActorUser:
		if e.Actor.ID == e.UserID {
			return "you"
		}
		return "administrator"
	case audit.ActorProgram:
		return "administrator"
	case audit.ActorVisitor, audit.ActorProvider, audit.ActorToken, audit.ActorClient:
		return e.Actor.Kind
	}
	return "system"
}
