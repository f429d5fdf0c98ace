// Package facebook calls Facebook's Graph API for a user and for the user's pages.
package facebook

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gosocial/social"
	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/internal/rest"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// BaseURL is the address of the API. It names no version, so that Facebook uses the
// application's default.
const BaseURL = "https://graph.facebook.com"

// A Client acts for one user. It is safe for concurrent use while BaseURL does not
// change.
type Client struct {
	BaseURL string
	http    *http.Client
}

// API returns a client for the signed-in user's default connection to the
// provider "facebook", at the address of the provider's API. The error
// is vault.ErrNoConnection when there is none.
func API(ctx context.Context, soc *social.Social) (*Client, error) {
	client, err := api.Client(ctx, soc, "facebook")
	if err != nil {
		return nil, err
	}
	c := New(client)
	base, err := api.Base(ctx, soc, "facebook")
	if err != nil {
		return nil, err
	}
	if base != "" {
		c.BaseURL = base
	}
	return c, nil
}

// New returns a client on an HTTP client that adds the user's token, such as a
// connection's.
func New(client *http.Client) *Client { return &Client{BaseURL: BaseURL, http: client} }

// A User is an account. Fields that were not requested, or not permitted by the
// user, are empty.
type User struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Link      string `json:"link"`
	Picture   struct {
		Data struct {
			URL string `json:"url"`
		} `json:"data"`
	} `json:"picture"`
}

// Me returns the user with the given fields. Without any it requests those that need
// no permission beyond public_profile and email.
func (c *Client) Me(ctx context.Context, fields ...string) (*User, error) {
	if len(fields) == 0 {
		fields = []string{"id", "name", "first_name", "last_name", "email", "picture"}
	}
	var u User
	if err := c.get(ctx, "/me", url.Values{"fields": {strings.Join(fields, ",")}}, &u); err != nil {
		return nil, err
	}
	return &u, nil
}

// An Account is a page that the user manages.
type Account struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Category string   `json:"category"`
	Tasks    []string `json:"tasks"` // the user's permissions: "CREATE_CONTENT", …

	// AccessToken is the page's own.
	AccessToken secret.Text `json:"-"`
}

// UnmarshalJSON implements json.Unmarshaler for the API's format.
func (a *Account) UnmarshalJSON(b []byte) error {
	type plain Account
	raw := struct {
		*plain
		Token string `json:"access_token"`
	}{plain: (*plain)(a)}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	a.AccessToken = secret.Text(raw.Token)
	return nil
}

// Accounts lists the pages that the user manages (permission pages_show_list). after
// is the cursor of the part of the list, "" for the first; more is the cursor of the
// next part, "" after the last.
func (c *Client) Accounts(ctx context.Context, after string) (list []Account, more string, err error) {
	query := url.Values{"fields": {"id,name,category,tasks,access_token"}}
	if after != "" {
		query.Set("after", after)
	}
	var answer struct {
		Data   []Account `json:"data"`
		Paging struct {
			Cursors struct {
				After string `json:"after"`
			} `json:"cursors"`
			Next string `json:"next"`
		} `json:"paging"`
	}
	if err := c.get(ctx, "/me/accounts", query, &answer); err != nil {
		return nil, "", err
	}
	if answer.Paging.Next != "" {
		more = answer.Paging.Cursors.After
	}
	return answer.Data, more, nil
}

func (c *Client) get(ctx context.Context, path string, query url.Values, into any) error {
	return call(ctx, c.http, c.BaseURL, rest.Call{Method: http.MethodGet, Path: path, Query: query}, into)
}

// A Page acts as a page, with the page's own token. It is safe for concurrent use
// while BaseURL does not change.
type Page struct {
	BaseURL string
	account Account
	http    *http.Client
}

// NewPage returns a client for a page. The HTTP client must not add a token, so it
// must not be a connection's. Nil means a client that follows no redirect and
// connects to no private address.
func NewPage(client *http.Client, a Account) *Page {
	if client == nil {
		client = oauth.NewHTTPClient(oauth.HTTPOptions{})
	}
	return &Page{BaseURL: BaseURL, account: a, http: client}
}

// A Post is a post in a page's feed: a message, a link, or both.
type Post struct {
	Message string
	Link    string
}

// Publish posts to the page's feed (permission pages_manage_posts) and returns
// the post's ID.
func (p *Page) Publish(ctx context.Context, post Post) (id string, err error) {
	form := url.Values{}
	if post.Message != "" {
		form.Set("message", post.Message)
	}
	if post.Link != "" {
		form.Set("link", post.Link)
	}
	var answer struct {
		ID string `json:"id"`
	}
	err = call(ctx, p.http, p.BaseURL, rest.Call{
		Method: http.MethodPost, Path: "/" + url.PathEscape(p.account.ID) + "/feed", Form: form,
		Header: http.Header{"Authorization": {"Bearer " + p.account.AccessToken.Reveal()}},
	}, &answer)
	return answer.ID, err
}

func call(ctx context.Context, client *http.Client, base string, c rest.Call, into any) error {
	caller := rest.Caller{Provider: "facebook", HTTP: client, Base: base, Refusal: refusal}
	return caller.Do(ctx, c, into)
}

func refusal(body []byte) (code, message string, refused bool) {
	var answer struct {
		Error *struct {
			Code    int    `json:"code"`
			Subcode int    `json:"error_subcode"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Error == nil {
		return "", "", false
	}
	e := answer.Error
	code = strconv.Itoa(e.Code)
	if e.Subcode != 0 {
		code += "/" + strconv.Itoa(e.Subcode)
	}
	return code, e.Message, true
}
