package counterparty

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A Browser goes through a provider's pages as a user does: it keeps cookies, follows
// redirects and submits forms.
type Browser struct {
	client *http.Client
	fields map[string]string
}

// NewBrowser makes a browser that fills in the fields of these names, in any form.
func NewBrowser(t testing.TB, fields map[string]string) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{
		client: &http.Client{
			Jar:           jar,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		fields: maps.Clone(fields),
	}
}

// Authorize opens the address of an authorization or a log-out, and goes on until the
// provider sends the browser to redirectURI, by a redirect or a form. It returns the
// parameters for redirectURI, and does not request that.
func (b *Browser) Authorize(t testing.TB, address, redirectURI string) url.Values {
	t.Helper()
	answer, err := b.authorize(address, redirectURI)
	if err != nil {
		t.Fatalf("the browser did not come back from the provider: %v", err)
	}
	return answer
}

// A Refusal is a page with which a provider ends an authorization.
type Refusal struct {
	Address *url.URL
	Status  int
	Text    []byte
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s answered %d: %.500s", r.Address.Path, r.Status, r.Text)
}

// Refused is Authorize where the provider refuses on a page of its own, which it returns.
func (b *Browser) Refused(t testing.TB, address string) *Refusal {
	t.Helper()
	answer, err := b.authorize(address, "")
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("the provider did not refuse: %v, %v", answer, err)
	}
	return refusal
}

// AuthorizeDevice opens the address at which a device is authorized, and goes on until the
// provider shows a page without a form, or asks for another device's code.
func (b *Browser) AuthorizeDevice(t testing.TB, address string) {
	t.Helper()
	if answer, err := b.authorize(address, ""); !errors.Is(err, errNoForm) {
		t.Fatalf("the provider does not end with a page: %v, %v", answer, err)
	}
}

var errNoForm = errors.New("the page has no form that can be filled in")

func (b *Browser) authorize(address, redirectURI string) (url.Values, error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	for range 20 {
		resp, err := b.client.Do(req)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		if resp.StatusCode >= 300 && resp.StatusCode < 400 {
			next, err := resp.Location()
			if err != nil {
				return nil, err
			}
			if isAt(next, redirectURI) {
				return next.Query(), nil
			}
			if req, err = http.NewRequest(http.MethodGet, next.String(), nil); err != nil {
				return nil, err
			}
			continue
		}
		if resp.StatusCode != http.StatusOK {
			return nil, &Refusal{req.URL, resp.StatusCode, body}
		}
		action, values, err := b.fill(string(body))
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %.500s", req.URL.Path, err, body)
		}
		next, err := req.URL.Parse(action)
		if err != nil {
			return nil, err
		}
		if isAt(next, redirectURI) {
			return values, nil
		}
		if req, err = http.NewRequest(http.MethodPost, next.String(), strings.NewReader(values.Encode())); err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", next.Scheme+"://"+next.Host)
	}
	return nil, errors.New("no end after 20 pages")
}

// isAt reports whether u is the redirect URI, its query aside.
func isAt(u *url.URL, redirectURI string) bool {
	v := *u
	v.RawQuery, v.Fragment = "", ""
	return v.String() == redirectURI
}

// fill reads the page's first form and fills it in.
func (b *Browser) fill(page string) (action string, values url.Values, err error) {
	tokens := html.NewTokenizer(strings.NewReader(page))
	inside, pressed := false, false
	values = url.Values{}
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if !inside {
				return "", nil, errNoForm
			}
			return action, values, nil
		case html.EndTagToken:
			if inside && tokens.Token().Data == "form" {
				return action, values, nil
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			attr := map[string]string{}
			for _, a := range token.Attr {
				attr[a.Key] = a.Val
			}
			name := attr["name"]
			switch {
			case token.Data == "form":
				inside, action = true, attr["action"]
			case !inside || name == "":
			case token.Data == "button" || attr["type"] == "submit":
				wanted, chosen := b.fields[name]
				if !pressed && (!chosen || wanted == attr["value"]) {
					values.Set(name, attr["value"])
					pressed = true
				} else if chosen {
					values.Set(name, wanted)
				}
			case token.Data == "input":
				if v, ok := b.fields[name]; ok {
					values.Set(name, v)
				} else if name == "user_code" && attr["value"] == "" {
					return "", nil, errNoForm
				} else {
					values.Set(name, attr["value"])
				}
			}
		}
	}
}
