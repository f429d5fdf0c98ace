package foursquare_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/foursquare"
	"github.com/gosocial/social/api/internal/script"
)

func TestCalls(t *testing.T) {
	t.Parallel()
	srv := script.Start(t)
	c := foursquare.New(http.DefaultClient)
	c.BaseURL, c.Version = srv.URL+"/v2", "20250102"
	answer := func(response string) {
		srv.Answer(200, `{"meta":{"code":200,"errorType":"deprecated"},"notifications":[],"response":`+response+`}`)
	}
	requested := func(want string) {
		t.Helper()
		if got := srv.Last(); got != want {
			t.Errorf("request %s\nwant    %s", got, want)
		}
	}
	const venue = `{"id":"4b","name":"Café","location":{"lat":40.7,"lng":-74.5,"city":"New York","distance":12},"categories":[{"id":"c1","name":"Coffee"}]}`

	answer(`{"user":{"id":"32","firstName":"Matt","photo":{"prefix":"https://fs.test/","suffix":"/1.jpg"},"contact":{"email":"m@a.test"}}}`)
	u, err := c.Self(t.Context())
	requested("GET /v2/users/self?v=20250102")
	if err != nil || u.ID != "32" || u.Contact.Email != "m@a.test" || u.Photo.URL("100x100") != "https://fs.test/100x100/1.jpg" || (foursquare.Photo{}).URL("x") != "" {
		t.Errorf("%+v, %v", u, err)
	}

	answer(`{"checkins":{"count":81,"items":[{"id":"k1","createdAt":1700000000,"shout":"hi","venue":` + venue + `},{"id":"k2"}]}}`)
	list, total, err := c.Checkins(t.Context(), 2, 4)
	requested("GET /v2/users/self/checkins?limit=2&offset=4&v=20250102")
	if err != nil || total != 81 || len(list) != 2 || !list[0].Created.Equal(time.Unix(1700000000, 0)) || list[0].Venue.Name != "Café" || !list[1].Created.IsZero() {
		t.Errorf("%+v, %d, %v", list, total, err)
	}

	answer(`{"checkin":{"id":"k3","createdAt":1700000001}}`)
	if k, err := c.Checkin(t.Context(), "4b", "hi"); err != nil || k.ID != "k3" {
		t.Errorf("%+v, %v", k, err)
	}
	requested("POST /v2/checkins/add?v=20250102 shout=hi&venueId=4b")

	answer(`{"venue":` + venue + `}`)
	if v, err := c.Venue(t.Context(), "4b/.."); err != nil || v.Location.Longitude != -74.5 || v.Categories[0].Name != "Coffee" {
		t.Errorf("%+v, %v", v, err)
	}
	requested("GET /v2/venues/4b%2F..?v=20250102")

	answer(`{"venues":[` + venue + `]}`)
	if list, err := c.Venues(t.Context(), foursquare.Search{Latitude: 40.7, Longitude: -74, Query: "coffee", Limit: 3}); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	requested("GET /v2/venues/search?limit=3&ll=40.7%2C-74&query=coffee&v=20250102")
	if _, err := c.Venues(t.Context(), foursquare.Search{Near: "Chicago, IL"}); err != nil {
		t.Error(err)
	}
	requested("GET /v2/venues/search?near=Chicago%2C+IL&v=20250102")

	for _, status := range []int{400, 200} { // the envelope's code decides, whatever the status
		srv.Answer(status, `{"meta":{"code":400,"errorType":"param_error","errorDetail":"Value is invalid for venue id"},"response":{}}`)
		_, err := c.Venue(t.Context(), "x")
		var refused *api.Error
		if !errors.As(err, &refused) || *refused != (api.Error{Provider: "foursquare", Status: status, Code: "param_error", Message: "Value is invalid for venue id"}) {
			t.Errorf("%d: %#v", status, err)
		}
	}
}
