package demo

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gosocial/social"
	"github.com/gosocial/social/api/twitter"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/vault"
)

// A timeline is the part of the profile page that posts to Twitter.
type timeline struct {
	Screen   string // the connection's display name
	Home     string // the pretend Twitter's address
	Posts    []twitter.Tweet
	Error    string
	Greeting string
}

// mount adds the handler of the form that posts to Twitter, and the outbox.
func (d *Demo) mount(a *app.App, mux *http.ServeMux) {
	origin := http.NewCrossOriginProtection()
	mux.Handle("POST /demo/post", origin.Handler(a.Accounts.RequireLogin(http.HandlerFunc(d.post))))
	d.mountOutbox(mux)
}

// post posts to Twitter for the user, as a Flask-Social application did with
// twitter_api.PostUpdate('hello…').
func (d *Demo) post(w http.ResponseWriter, r *http.Request) {
	category, message := social.FlashSuccess, "Posted to Twitter"
	if err := d.postText(r, strings.TrimSpace(r.FormValue("text"))); err != nil {
		category, message = social.FlashError, explain(err)
	}
	d.App.Social.Flash(w, r, category, social.Text(message))
	http.Redirect(w, r, "/profile", http.StatusSeeOther)
}

var errEmpty = errors.New("demo: the post is empty")

func (d *Demo) postText(r *http.Request, text string) error {
	if text == "" {
		return errEmpty
	}
	tw, err := twitter.API(r.Context(), d.App.Social)
	if err != nil {
		return err
	}
	_, err = tw.PostUpdate(r.Context(), text)
	return err
}

// more returns the timeline for the profile page, nil for others.
func (d *Demo) more(r *http.Request) any {
	if r.URL.Path != "/profile" || d.App == nil {
		return nil
	}
	c, err := d.App.Social.Connection(r.Context(), "twitter")
	if err != nil {
		return nil
	}
	t := &timeline{Screen: c.DisplayName, Home: d.Providers.Provider("twitter").URL(), Greeting: "hello from my Go app!"}
	tw, err := twitter.API(r.Context(), d.App.Social)
	if err == nil {
		t.Posts, err = tw.Timeline(r.Context(), twitter.Page{Count: 5})
	}
	if err != nil {
		t.Error = explain(err)
	}
	return t
}

// explain describes an error to the user.
func explain(err error) string {
	switch {
	case errors.Is(err, errEmpty):
		return "The post is empty."
	case errors.Is(err, vault.ErrNoConnection):
		return "Connect Twitter first."
	case errors.Is(err, vault.ErrNeedsReauthorization):
		return "Twitter no longer accepts the connection: please reconnect."
	default:
		return "Twitter did not accept the post: " + err.Error()
	}
}
