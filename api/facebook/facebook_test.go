package facebook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/facebook"
	"github.com/gosocial/social/api/internal/script"
)

func TestCalls(t *testing.T) {
	t.Parallel()
	srv := script.Start(t)
	c := facebook.New(http.DefaultClient)
	c.BaseURL = srv.URL + "/v24.0"
	requested := func(want string) {
		t.Helper()
		if got := srv.Last(); got != want {
			t.Errorf("request %s\nwant    %s", got, want)
		}
	}

	srv.Answer(200, `{"id":"10158","name":"Matt Cooper","picture":{"data":{"url":"https://fb.test/p.jpg"}}}`)
	u, err := c.Me(t.Context(), "id", "name", "picture")
	requested("GET /v24.0/me?fields=id%2Cname%2Cpicture")
	if err != nil || u.ID != "10158" || u.Name != "Matt Cooper" || u.Picture.Data.URL != "https://fb.test/p.jpg" {
		t.Errorf("%+v, %v", u, err)
	}

	srv.Answer(200, `{"data":[{"access_token":"page-canary","category":"Café","name":"Corner","id":"20531316728","tasks":["CREATE_CONTENT"]}],"paging":{"cursors":{"before":"b","after":"MTA"},"next":"https://graph.facebook.com/next"}}`)
	list, more, err := c.Accounts(t.Context(), "QVFI")
	requested("GET /v24.0/me/accounts?after=QVFI&fields=id%2Cname%2Ccategory%2Ctasks%2Caccess_token")
	if err != nil || len(list) != 1 || list[0].ID != "20531316728" || list[0].Tasks[0] != "CREATE_CONTENT" || more != "MTA" {
		t.Fatalf("%+v, %q, %v", list, more, err)
	}
	shown, _ := json.Marshal(list)
	if text := fmt.Sprintf("%s %v %+v %#v", shown, list, list, list); strings.Contains(text, "page-canary") {
		t.Errorf("the page's token shows: %s", text)
	}

	page := facebook.NewPage(http.DefaultClient, list[0])
	page.BaseURL = srv.URL
	srv.Answer(200, `{"id":"20531316728_1"}`)
	id, err := page.Publish(t.Context(), facebook.Post{Message: "Open & hungry", Link: "https://a.test/?x=1"})
	requested("POST /20531316728/feed link=https%3A%2F%2Fa.test%2F%3Fx%3D1&message=Open+%26+hungry")
	if err != nil || id != "20531316728_1" || srv.Header("Authorization") != "Bearer page-canary" {
		t.Errorf("%q, %v, %s", id, err, srv.Header("Authorization"))
	}

	for _, status := range []int{400, 200} {
		srv.Answer(status, `{"error":{"message":"Malformed access token EAAcanary","type":"OAuthException","code":190,"error_subcode":463,"fbtrace_id":"A"}}`)
		_, err := page.Publish(t.Context(), facebook.Post{Message: "x"})
		var refused *api.Error
		if !errors.As(err, &refused) || refused.Status != status || refused.Code != "190/463" || strings.Contains(err.Error(), "canary") {
			t.Errorf("%d: %v", status, err)
		}
	}
	// The default client connects to no private address.
	safe := facebook.NewPage(nil, list[0])
	safe.BaseURL = srv.URL
	if _, err := safe.Publish(t.Context(), facebook.Post{Message: "x"}); err == nil {
		t.Error("connected to a private address")
	}
}
