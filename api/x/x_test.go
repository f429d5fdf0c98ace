package x_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/internal/script"
	"github.com/gosocial/social/api/x"
)

func TestCalls(t *testing.T) {
	t.Parallel()
	srv := script.Start(t)
	c := x.New(http.DefaultClient)
	c.BaseURL = srv.URL + "/2"
	requested := func(want string) {
		t.Helper()
		if got := srv.Last(); got != want {
			t.Errorf("request %s\nwant    %s", got, want)
		}
	}

	srv.Answer(200, `{"data":{"id":"2244994945","username":"XDevelopers","name":"Developers","created_at":"2013-12-14T04:35:55.000Z","protected":false},"errors":[{"title":"partial"}]}`)
	me, err := c.Me(t.Context())
	requested("GET /2/users/me?user.fields=created_at%2Cdescription%2Cprofile_image_url%2Cprotected")
	if err != nil || me.ID != "2244994945" || me.Username != "XDevelopers" || !me.CreatedAt.Equal(time.Date(2013, 12, 14, 4, 35, 55, 0, time.UTC)) {
		t.Errorf("%+v, %v", me, err)
	}

	srv.Answer(201, `{"data":{"id":"1445880548472328192","text":"Hello world!"}}`)
	if post, err := c.Post(t.Context(), "Hello \"world\"!"); err != nil || post.ID != "1445880548472328192" {
		t.Errorf("%+v, %v", post, err)
	}
	requested(`POST /2/tweets {"text":"Hello \"world\"!"}`)
	if ct := srv.Header("Content-Type"); ct != "application/json" {
		t.Errorf("sent as %s", ct)
	}
	if _, err := c.Reply(t.Context(), "5", "yes"); err != nil {
		t.Error(err)
	}
	requested(`POST /2/tweets {"reply":{"in_reply_to_tweet_id":"5"},"text":"yes"}`)

	srv.Answer(200, `{"data":[{"id":"1","text":"a","author_id":"7","created_at":"2024-01-02T03:04:05.000Z"},{"id":"2","text":"b"}],"meta":{"result_count":2,"next_token":"n2"}}`)
	posts, more, err := c.Posts(t.Context(), "7", 5, "n1")
	requested("GET /2/users/7/tweets?max_results=5&pagination_token=n1&tweet.fields=author_id%2Cconversation_id%2Ccreated_at")
	if err != nil || len(posts) != 2 || posts[0].AuthorID != "7" || more != "n2" {
		t.Errorf("%+v, %q, %v", posts, more, err)
	}

	srv.Answer(200, `{"data":{"deleted":true}}`)
	if err := c.Delete(t.Context(), "1/../2"); err != nil {
		t.Error(err)
	}
	requested("DELETE /2/tweets/1%2F..%2F2")

	for body, want := range map[string]api.Error{
		`{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}`: {
			Provider: "x", Status: 403, Message: "Unauthorized"},
		`{"detail":"You are not permitted to perform this action.","type":"https://api.twitter.com/2/problems/not-authorized-for-resource","title":"Forbidden","status":403}`: {
			Provider: "x", Status: 403, Code: "not-authorized-for-resource", Message: "You are not permitted to perform this action."},
		`{"errors":[{"parameters":{},"message":"The text is too long"}],"title":"Invalid Request","detail":"One or more parameters was invalid.","type":"https://api.twitter.com/2/problems/invalid-request"}`: {
			Provider: "x", Status: 403, Code: "invalid-request", Message: "One or more parameters was invalid."},
		`<html>`: {Provider: "x", Status: 403},
	} {
		srv.Answer(403, body)
		_, err := c.Post(t.Context(), "x")
		var refused *api.Error
		if !errors.As(err, &refused) || *refused != want {
			t.Errorf("%s: %#v", body, err)
		}
	}
	// Errors and no data are a refusal, whatever the status.
	srv.Answer(200, `{"errors":[{"title":"Not Found Error","detail":"Could not find user","type":"https://api.twitter.com/2/problems/resource-not-found"}]}`)
	var refused *api.Error
	if _, _, err := c.Posts(t.Context(), "9", 0, ""); !errors.As(err, &refused) || refused.Code != "resource-not-found" {
		t.Errorf("%v", err)
	}
}
