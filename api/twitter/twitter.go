// Package twitter calls Twitter's API 1.1 for a user. X gives most applications
// little of it today; package x calls its successor, through the same connections.
package twitter

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/internal/rest"
)

// BaseURL is the address of the API.
const BaseURL = "https://api.x.com/1.1"

// A Client acts for one user. It is safe for concurrent use while BaseURL does not
// change.
type Client struct {
	BaseURL string
	http    *http.Client
}

// API returns a client for the signed-in user's default connection to the
// provider "twitter", at the address of the provider's API. The error
// is vault.ErrNoConnection when there is none.
func API(ctx context.Context, soc *social.Social) (*Client, error) {
	client, err := api.Client(ctx, soc, "twitter")
	if err != nil {
		return nil, err
	}
	c := New(client)
	base, err := api.Base(ctx, soc, "twitter")
	if err != nil {
		return nil, err
	}
	if base != "" {
		c.BaseURL = base
	}
	return c, nil
}

// New returns a client on an HTTP client that signs requests, such as a
// connection's.
func New(client *http.Client) *Client { return &Client{BaseURL: BaseURL, http: client} }

// A User is an account.
type User struct {
	ID         string `json:"id_str"`
	ScreenName string `json:"screen_name"`
	Name       string `json:"name"`
	Email      string `json:"email"` // only from Me, when the application may request it
	ImageURL   string `json:"profile_image_url_https"`
	Followers  int    `json:"followers_count"`
	Following  int    `json:"friends_count"`
	Tweets     int    `json:"statuses_count"`
	Protected  bool   `json:"protected"`
}

// A Tweet is a post.
type Tweet struct {
	ID        string
	Text      string // in full
	CreatedAt time.Time
	InReplyTo string // ID of a tweet, or ""
	User      User
}

// UnmarshalJSON implements json.Unmarshaler for the API's format.
func (t *Tweet) UnmarshalJSON(b []byte) error {
	var raw struct {
		ID        string `json:"id_str"`
		Text      string `json:"text"`
		FullText  string `json:"full_text"`
		CreatedAt string `json:"created_at"`
		InReplyTo string `json:"in_reply_to_status_id_str"`
		User      User   `json:"user"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*t = Tweet{ID: raw.ID, Text: raw.FullText, InReplyTo: raw.InReplyTo, User: raw.User}
	if t.Text == "" {
		t.Text = raw.Text
	}
	if raw.CreatedAt == "" {
		return nil
	}
	var err error
	t.CreatedAt, err = time.Parse(time.RubyDate, raw.CreatedAt)
	return err
}

// Me returns the user (account/verify_credentials).
func (c *Client) Me(ctx context.Context) (*User, error) {
	var u User
	err := c.do(ctx, rest.Call{
		Method: http.MethodGet, Path: "/account/verify_credentials.json",
		Query: url.Values{"include_email": {"true"}, "skip_status": {"true"}},
	}, &u)
	if err != nil {
		return nil, err
	}
	return &u, nil
}

// PostUpdate posts a tweet (statuses/update).
func (c *Client) PostUpdate(ctx context.Context, text string) (*Tweet, error) {
	return c.post(ctx, url.Values{"status": {text}})
}

// Reply posts a tweet as a reply to another, whose ID is to.
func (c *Client) Reply(ctx context.Context, to, text string) (*Tweet, error) {
	return c.post(ctx, url.Values{"status": {text}, "in_reply_to_status_id": {to}, "auto_populate_reply_metadata": {"true"}})
}

func (c *Client) post(ctx context.Context, form url.Values) (*Tweet, error) {
	form.Set("tweet_mode", "extended")
	var t Tweet
	if err := c.do(ctx, rest.Call{Method: http.MethodPost, Path: "/statuses/update.json", Form: form}, &t); err != nil {
		return nil, err
	}
	return &t, nil
}

// A Page selects a part of a timeline. The zero Page selects the newest tweets, as
// many as the API gives.
type Page struct {
	ScreenName string // "" means the user
	Count      int    // at most 200
	MaxID      string // no newer tweets than this one
	SinceID    string // only tweets newer than this one
}

// Timeline lists tweets of a user, newest first (statuses/user_timeline).
func (c *Client) Timeline(ctx context.Context, p Page) ([]Tweet, error) {
	query := url.Values{"tweet_mode": {"extended"}}
	for name, value := range map[string]string{"screen_name": p.ScreenName, "max_id": p.MaxID, "since_id": p.SinceID} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if p.Count > 0 {
		query.Set("count", strconv.Itoa(p.Count))
	}
	var list []Tweet
	err := c.do(ctx, rest.Call{Method: http.MethodGet, Path: "/statuses/user_timeline.json", Query: query}, &list)
	return list, err
}

func (c *Client) do(ctx context.Context, call rest.Call, into any) error {
	caller := rest.Caller{Provider: "twitter", HTTP: c.http, Base: c.BaseURL, Refusal: refusal}
	return caller.Do(ctx, call, into)
}

func refusal(body []byte) (code, message string, refused bool) {
	var answer struct {
		Errors []struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Errors) == 0 {
		return "", "", false
	}
	return strconv.Itoa(answer.Errors[0].Code), answer.Errors[0].Message, true
}
