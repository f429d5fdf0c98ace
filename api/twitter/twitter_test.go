package twitter_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/internal/script"
	"github.com/gosocial/social/api/twitter"
)

const tweet = `{"created_at":"Wed Oct 10 20:19:24 +0000 2018","id":1050118621198921728,"id_str":"1050118621198921728",
	"full_text":"To make room for more expression","truncated":false,"in_reply_to_status_id_str":null,
	"user":{"id":6253282,"id_str":"6253282","name":"X API","screen_name":"TwitterAPI","followers_count":6172353,"friends_count":46,"statuses_count":3602,"profile_image_url_https":"https://pbs.test/x.jpg"}}`

func TestCalls(t *testing.T) {
	t.Parallel()
	srv := script.Start(t)
	c := twitter.New(http.DefaultClient)
	c.BaseURL = srv.URL + "/1.1"
	requested := func(want string) {
		t.Helper()
		if got := srv.Last(); got != want {
			t.Errorf("request %s\nwant    %s", got, want)
		}
	}

	srv.Answer(200, tweet)
	got, err := c.PostUpdate(t.Context(), "a+b & c~")
	requested("POST /1.1/statuses/update.json status=a%2Bb+%26+c~&tweet_mode=extended")
	want := twitter.Tweet{
		ID: "1050118621198921728", Text: "To make room for more expression", CreatedAt: time.Date(2018, 10, 10, 20, 19, 24, 0, time.UTC),
		User: twitter.User{ID: "6253282", Name: "X API", ScreenName: "TwitterAPI", Followers: 6172353, Following: 46, Tweets: 3602, ImageURL: "https://pbs.test/x.jpg"},
	}
	if err != nil || !got.CreatedAt.Equal(want.CreatedAt) {
		t.Fatalf("%+v, %v", got, err)
	}
	got.CreatedAt = want.CreatedAt
	if *got != want {
		t.Errorf("got %+v\nwant %+v", *got, want)
	}
	if _, err := c.Reply(t.Context(), "5", "yes"); err != nil {
		t.Error(err)
	}
	requested("POST /1.1/statuses/update.json auto_populate_reply_metadata=true&in_reply_to_status_id=5&status=yes&tweet_mode=extended")

	srv.Answer(200, `[`+tweet+`,`+tweet+`]`)
	if list, err := c.Timeline(t.Context(), twitter.Page{ScreenName: "a", Count: 2, MaxID: "9", SinceID: "1"}); err != nil || len(list) != 2 || list[1].ID != want.ID {
		t.Errorf("%+v, %v", list, err)
	}
	requested("GET /1.1/statuses/user_timeline.json?count=2&max_id=9&screen_name=a&since_id=1&tweet_mode=extended")

	srv.Answer(403, `{"errors":[{"code":453,"message":"You currently have access to a subset of X API V2 endpoints"}]}`)
	_, err = c.Me(t.Context())
	requested("GET /1.1/account/verify_credentials.json?include_email=true&skip_status=true")
	var refused *api.Error
	if !errors.As(err, &refused) || refused.Status != 403 || refused.Code != "453" || err.Error() != "twitter: the API refused the request: status 403, code 453" {
		t.Errorf("%v", err)
	}
	srv.Answer(200, `{"created_at":"yesterday"}`)
	if _, err := c.PostUpdate(t.Context(), "x"); err == nil {
		t.Error("accepted a malformed time")
	}
}
