// Package x calls version 2 of X's API for a user, through connections of either
// protocol: to the provider "x" (OAuth 2.0) or "twitter" (OAuth 1.0a).
package x

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/internal/rest"
	"github.com/gosocial/social/vault"
)

// BaseURL is the address of the API.
const BaseURL = "https://api.x.com/2"

// A Client acts for one user. It is safe for concurrent use while BaseURL does not
// change.
type Client struct {
	BaseURL string
	http    *http.Client
}

// API returns a client for the signed-in user's default connection to the
// provider "x" or, without one, to "twitter". The client calls the host of that
// provider's API, whose version does not matter. The error is
// vault.ErrNoConnection when the user has neither connection.
func API(ctx context.Context, soc *social.Social) (*Client, error) {
	provider := "x"
	client, err := api.Client(ctx, soc, provider)
	if errors.Is(err, vault.ErrNoConnection) {
		provider = "twitter"
		client, err = api.Client(ctx, soc, provider)
	}
	if err != nil {
		return nil, err
	}
	c := New(client)
	base, err := api.Base(ctx, soc, provider)
	if err != nil {
		return nil, err
	}
	if base != "" {
		c.BaseURL = strings.TrimSuffix(strings.TrimSuffix(base, "/1.1"), "/2") + "/2"
	}
	return c, nil
}

// New returns a client on an HTTP client that signs requests or adds a token, such
// as a connection's.
func New(client *http.Client) *Client { return &Client{BaseURL: BaseURL, http: client} }

// A User is an account.
type User struct {
	ID          string    `json:"id"`
	Username    string    `json:"username"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	ImageURL    string    `json:"profile_image_url"`
	CreatedAt   time.Time `json:"created_at"`
	Protected   bool      `json:"protected"`
}

// A Post is a post, formerly a tweet. The methods that post return only its ID and
// Text.
type Post struct {
	ID             string    `json:"id"`
	Text           string    `json:"text"`
	AuthorID       string    `json:"author_id"`
	ConversationID string    `json:"conversation_id"`
	CreatedAt      time.Time `json:"created_at"`
}

// Me returns the user.
func (c *Client) Me(ctx context.Context) (*User, error) {
	var answer struct {
		Data User `json:"data"`
	}
	err := c.do(ctx, rest.Call{
		Method: http.MethodGet, Path: "/users/me",
		Query: url.Values{"user.fields": {"created_at,description,profile_image_url,protected"}},
	}, &answer)
	if err != nil {
		return nil, err
	}
	return &answer.Data, nil
}

// Post publishes a text.
func (c *Client) Post(ctx context.Context, text string) (*Post, error) {
	return c.post(ctx, map[string]any{"text": text})
}

// Reply publishes a text as a reply to another post, whose ID is to.
func (c *Client) Reply(ctx context.Context, to, text string) (*Post, error) {
	return c.post(ctx, map[string]any{"text": text, "reply": map[string]string{"in_reply_to_tweet_id": to}})
}

func (c *Client) post(ctx context.Context, body map[string]any) (*Post, error) {
	var answer struct {
		Data Post `json:"data"`
	}
	if err := c.do(ctx, rest.Call{Method: http.MethodPost, Path: "/tweets", JSON: body}, &answer); err != nil {
		return nil, err
	}
	return &answer.Data, nil
}

// Delete deletes one of the user's posts.
func (c *Client) Delete(ctx context.Context, id string) error {
	return c.do(ctx, rest.Call{Method: http.MethodDelete, Path: "/tweets/" + url.PathEscape(id)}, nil)
}

// Posts lists a page of a user's posts, newest first. max is 5 to 100, or 0 for the
// API's default. next is the token of the page, "" for the first; more is the token
// of the page after it, "" after the last.
func (c *Client) Posts(ctx context.Context, userID string, max int, next string) (posts []Post, more string, err error) {
	query := url.Values{"tweet.fields": {"author_id,conversation_id,created_at"}}
	if max > 0 {
		query.Set("max_results", strconv.Itoa(max))
	}
	if next != "" {
		query.Set("pagination_token", next)
	}
	var answer struct {
		Data []Post `json:"data"`
		Meta struct {
			Next string `json:"next_token"`
		} `json:"meta"`
	}
	err = c.do(ctx, rest.Call{Method: http.MethodGet, Path: "/users/" + url.PathEscape(userID) + "/tweets", Query: query}, &answer)
	return answer.Data, answer.Meta.Next, err
}

func (c *Client) do(ctx context.Context, call rest.Call, into any) error {
	caller := rest.Caller{Provider: "x", HTTP: c.http, Base: c.BaseURL, Refusal: refusal}
	return caller.Do(ctx, call, into)
}

// refusal reads a problem document. The code is the end of its type, as in
// https://api.x.com/2/problems/not-authorized-for-resource. An answer may have both
// errors and data; it is a refusal only without data.
func refusal(body []byte) (code, message string, refused bool) {
	type problem struct {
		Type    string `json:"type"`
		Title   string `json:"title"`
		Detail  string `json:"detail"`
		Message string `json:"message"`
	}
	var answer struct {
		problem
		Data   json.RawMessage `json:"data"`
		Errors []problem       `json:"errors"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", "", false
	}
	p := answer.problem
	if p.Type == "" && p.Title == "" && len(answer.Errors) > 0 {
		p = answer.Errors[0]
		refused = answer.Data == nil
	}
	code = p.Type[strings.LastIndexByte(p.Type, '/')+1:]
	if code == "about:blank" {
		code = ""
	}
	message = p.Detail
	if message == "" {
		message = p.Message
	}
	if message == "" {
		message = p.Title
	}
	return code, message, refused
}
