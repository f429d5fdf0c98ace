package oauth_test

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/gosocial/social/oauth"
)

func TestOAuth2RefreshWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	c := s.open(t, s.provider())
	d := s.provider()
	d.NoRefresh = true
	for _, try := range []struct {
		client oauth.Client
		token  oauth.Token
	}{{c, oauth.Token{Access: "a"}}, {s.open(t, d), oauth.Token{Access: "a", Refresh: "r"}}} {
		_, err := try.client.(oauth.Refresher).Refresh(t.Context(), try.token)
		var f *oauth.ProviderError
		if !errors.As(err, &f) || f.Kind != oauth.Rejected || !errors.Is(err, errors.ErrUnsupported) || s.tokens != 0 {
			t.Errorf("got %v", err)
		}
	}
	if c.Description().Refresh != true || d.Description().Refresh {
		t.Error("Description.Refresh is wrong")
	}
}

func TestOAuth2RefreshRotates(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	c := s.open(t, s.provider())
	g := logIn(t, s, c)
	r := c.(oauth.Refresher)
	fresh, err := r.Refresh(t.Context(), g.Token)
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Access == g.Token.Access || fresh.Refresh == g.Token.Refresh {
		t.Error("nothing is new")
	}
	if _, err := c.Profile(t.Context(), *fresh); err != nil {
		t.Error(err)
	}
	var f *oauth.ProviderError
	if _, err := r.Refresh(t.Context(), g.Token); !errors.As(err, &f) || f.Kind != oauth.Rejected {
		t.Errorf("the spent token: %v", err)
	}
}

func TestVault05_RefreshKeepsWhatTheAnswerLeavesOut(t *testing.T) {
	t.Parallel()
	got, err := ask(t, write(`{"access_token":"new"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := oauth.Token{ClientID: clientID, Access: "new", Refresh: "old-refresh", Scopes: []string{"read", "write"}}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got %+v", *got)
	}
}

// What means a dead refresh token means nothing of a code.
func TestVault09_DeadRefreshIsAboutRefreshing(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	c := s.open(t, s.provider())
	p, answer := flow(t, s, c, oauth.Request{})
	s.answer = func(w http.ResponseWriter) {
		w.WriteHeader(400)
		io.WriteString(w, `{"error":"invalid_request","error_description":"Value passed for the token was invalid."}`)
	}
	_, err := c.Complete(t.Context(), p, answer)
	if f := failure(t, err); f.Kind != oauth.Operator || f.Code != "invalid_request" {
		t.Errorf("got %v", f)
	}
}
