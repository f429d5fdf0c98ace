// Package foursquare calls version 2 of foursquare's API for a user.
package foursquare

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/internal/rest"
)

// BaseURL is the address of the API, and Version the date of the behaviour that a
// Client expects of it.
const (
	BaseURL = "https://api.foursquare.com/v2"
	Version = "20240101"
)

// A Client acts for one user. It is safe for concurrent use while its fields do not
// change.
type Client struct {
	BaseURL string
	Version string // YYYYMMDD
	http    *http.Client
}

// API returns a client for the signed-in user's default connection to the
// provider "foursquare", at the address of the provider's API, with or
// without its /v2. The error is vault.ErrNoConnection when there is none.
func API(ctx context.Context, soc *social.Social) (*Client, error) {
	client, err := api.Client(ctx, soc, "foursquare")
	if err != nil {
		return nil, err
	}
	c := New(client)
	base, err := api.Base(ctx, soc, "foursquare")
	if err != nil {
		return nil, err
	}
	if base != "" {
		c.BaseURL = strings.TrimSuffix(base, "/v2") + "/v2"
	}
	return c, nil
}

// New returns a client on an HTTP client that adds oauth_token to requests, such as
// a connection's.
func New(client *http.Client) *Client {
	return &Client{BaseURL: BaseURL, Version: Version, http: client}
}

// A User is an account.
type User struct {
	ID        string `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	HomeCity  string `json:"homeCity"`
	Photo     Photo  `json:"photo"`
	Contact   struct {
		Email   string `json:"email"`
		Twitter string `json:"twitter"`
	} `json:"contact"`
}

// A Photo is a picture in several sizes.
type Photo struct {
	Prefix string `json:"prefix"`
	Suffix string `json:"suffix"`
}

// URL returns the picture's address in a size such as "original" or "100x100",
// "" when there is no picture.
func (p Photo) URL(size string) string {
	if p.Prefix == "" {
		return ""
	}
	return p.Prefix + size + p.Suffix
}

// A Venue is a place.
type Venue struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	URL      string `json:"url"`
	Location struct {
		Address   string  `json:"address"`
		City      string  `json:"city"`
		Country   string  `json:"country"`
		Latitude  float64 `json:"lat"`
		Longitude float64 `json:"lng"`
		Distance  int     `json:"distance"` // metres from the point of the search
	} `json:"location"`
	Categories []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"categories"`
}

// A Checkin is a visit of the user to a venue.
type Checkin struct {
	ID      string
	Shout   string
	Created time.Time
	Venue   Venue
}

// UnmarshalJSON implements json.Unmarshaler for the API's format.
func (c *Checkin) UnmarshalJSON(b []byte) error {
	var raw struct {
		ID      string `json:"id"`
		Shout   string `json:"shout"`
		Created int64  `json:"createdAt"`
		Venue   Venue  `json:"venue"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*c = Checkin{ID: raw.ID, Shout: raw.Shout, Venue: raw.Venue}
	if raw.Created > 0 {
		c.Created = time.Unix(raw.Created, 0)
	}
	return nil
}

// Self returns the user.
func (c *Client) Self(ctx context.Context) (*User, error) {
	var answer struct {
		User User `json:"user"`
	}
	if err := c.get(ctx, "/users/self", nil, &answer); err != nil {
		return nil, err
	}
	return &answer.User, nil
}

// Checkins lists the user's check-ins, newest first. limit is at most 250, or 0 for
// the API's default. total counts all of the user's check-ins.
func (c *Client) Checkins(ctx context.Context, limit, offset int) (list []Checkin, total int, err error) {
	query := url.Values{}
	if limit > 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	if offset > 0 {
		query.Set("offset", strconv.Itoa(offset))
	}
	var answer struct {
		Checkins struct {
			Count int       `json:"count"`
			Items []Checkin `json:"items"`
		} `json:"checkins"`
	}
	err = c.get(ctx, "/users/self/checkins", query, &answer)
	return answer.Checkins.Items, answer.Checkins.Count, err
}

// Checkin checks the user in at a venue.
func (c *Client) Checkin(ctx context.Context, venueID, shout string) (*Checkin, error) {
	form := url.Values{"venueId": {venueID}}
	if shout != "" {
		form.Set("shout", shout)
	}
	var answer struct {
		Checkin Checkin `json:"checkin"`
	}
	if err := c.do(ctx, rest.Call{Method: http.MethodPost, Path: "/checkins/add", Form: form}, &answer); err != nil {
		return nil, err
	}
	return &answer.Checkin, nil
}

// Venue returns a venue.
func (c *Client) Venue(ctx context.Context, id string) (*Venue, error) {
	var answer struct {
		Venue Venue `json:"venue"`
	}
	if err := c.get(ctx, "/venues/"+url.PathEscape(id), nil, &answer); err != nil {
		return nil, err
	}
	return &answer.Venue, nil
}

// A Search selects venues near a point or a named place, whose name matches the
// query.
type Search struct {
	Latitude, Longitude float64
	Near                string // "Chicago, IL"; used instead of the point
	Query               string
	Limit               int // at most 50
}

// Venues returns the venues that a search finds.
func (c *Client) Venues(ctx context.Context, s Search) ([]Venue, error) {
	query := url.Values{}
	if s.Near != "" {
		query.Set("near", s.Near)
	} else {
		query.Set("ll", strconv.FormatFloat(s.Latitude, 'f', -1, 64)+","+strconv.FormatFloat(s.Longitude, 'f', -1, 64))
	}
	if s.Query != "" {
		query.Set("query", s.Query)
	}
	if s.Limit > 0 {
		query.Set("limit", strconv.Itoa(s.Limit))
	}
	var answer struct {
		Venues []Venue `json:"venues"`
	}
	err := c.get(ctx, "/venues/search", query, &answer)
	return answer.Venues, err
}

func (c *Client) get(ctx context.Context, path string, query url.Values, into any) error {
	return c.do(ctx, rest.Call{Method: http.MethodGet, Path: path, Query: query}, into)
}

func (c *Client) do(ctx context.Context, call rest.Call, into any) error {
	if call.Query == nil {
		call.Query = url.Values{}
	}
	call.Query.Set("v", c.Version)
	caller := rest.Caller{Provider: "foursquare", HTTP: c.http, Base: c.BaseURL, Refusal: refusal}
	answer := struct {
		Response any `json:"response"`
	}{into}
	return caller.Do(ctx, call, &answer)
}

// refusal reads the envelope that every answer has.
func refusal(body []byte) (code, message string, refused bool) {
	var answer struct {
		Meta struct {
			Code   int    `json:"code"`
			Type   string `json:"errorType"`
			Detail string `json:"errorDetail"`
		} `json:"meta"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", "", false
	}
	m := answer.Meta
	// An answer may succeed and have the type "deprecated".
	return m.Type, m.Detail, m.Code != 0 && (m.Code < 200 || m.Code > 299)
}
