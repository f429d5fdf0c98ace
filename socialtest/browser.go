package socialtest

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Consent plays a person at the provider: it opens the authorization URL, picks
// the account (a subject or a username) on the consent page, allows or denies,
// and returns the application's answer to the callback. The client's cookie jar
// and redirect policy apply; the caller closes the answer's body.
//
// The error names the provider's complaint when it shows one instead of its
// consent page.
func Consent(ctx context.Context, client *http.Client, authorizeURL, account string, allow bool) (*http.Response, error) {
	req, err := Decide(ctx, client, authorizeURL, account, allow)
	if err != nil {
		return nil, err
	}
	return client.Do(req)
}

// Decide is Consent up to, and without, the request to the application's
// callback, which it returns: a GET, or a POST for response_mode=form_post. Its
// Form field holds the callback's parameters.
func Decide(ctx context.Context, client *http.Client, authorizeURL, account string, allow bool) (*http.Request, error) {
	_, callback, err := decideAt(ctx, client, authorizeURL, account, allow)
	if err == nil && callback == nil {
		err = errors.New("socialtest: the provider shows another page after the decision")
	}
	return callback, err
}

// ConsentDevice plays a person who opens a device's verification_uri_complete (RFC 8628
// §3.3.1), picks the account and allows or denies. The device learns it from the provider.
func ConsentDevice(ctx context.Context, client *http.Client, verificationURL, account string, allow bool) error {
	_, callback, err := decideAt(ctx, client, verificationURL, account, allow)
	if err == nil && callback != nil {
		err = errors.New("socialtest: the provider leads to a callback, as for no device")
	}
	return err
}

// decideAt answers the consent page at the address. It returns the page that follows, or the
// callback.
func decideAt(ctx context.Context, client *http.Client, address, account string, allow bool) (after *shown, callback *http.Request, err error) {
	still := *client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("socialtest: %w", err)
	}
	page, callback, err := turn(&still, req)
	if err != nil || callback != nil {
		return nil, callback, err
	}
	form, err := page.form()
	if err != nil {
		return nil, nil, err
	}
	subject, ok := page.account(account)
	if !ok {
		return nil, nil, fmt.Errorf("socialtest: the consent page offers no account %q", account)
	}
	form.Set("account", subject)
	form.Set("decision", "deny")
	if allow {
		form.Set("decision", "allow")
	}
	if req, err = page.submit(ctx, form); err != nil {
		return nil, nil, err
	}
	return turn(&still, req)
}

// shown is a page of a provider.
type shown struct {
	at   *url.URL
	text string
}

var (
	complaintPattern = regexp.MustCompile(`<p id="complaint">([^<]*)</p>`)
	actionPattern    = regexp.MustCompile(`<form [^>]*action="([^"]*)"`)
	hiddenPattern    = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	accountPattern   = regexp.MustCompile(`name="account" value="([^"]*)" data-username="([^"]*)"`)
)

// turn sends a request to a provider. It returns the page shown, or the callback
// that the browser would request.
func turn(client *http.Client, req *http.Request) (*shown, *http.Request, error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("socialtest: the provider did not answer: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return nil, nil, fmt.Errorf("socialtest: the provider broke off: %w", err)
	}
	ctx := req.Context()
	if location, err := resp.Location(); err == nil {
		next, err := http.NewRequestWithContext(ctx, http.MethodGet, location.String(), nil)
		if err != nil {
			return nil, nil, fmt.Errorf("socialtest: %w", err)
		}
		next.Form = location.Query()
		return nil, next, nil
	}
	page := &shown{at: req.URL, text: string(body)}
	if m := complaintPattern.FindStringSubmatch(page.text); m != nil {
		return nil, nil, fmt.Errorf("socialtest: the provider refuses (status %d): %s", resp.StatusCode, html.UnescapeString(m[1]))
	}
	if resp.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("socialtest: the provider answered status %d", resp.StatusCode)
	}
	if strings.Contains(page.text, `id="form-post"`) {
		form, err := page.form()
		if err != nil {
			return nil, nil, err
		}
		next, err := page.submit(ctx, form)
		if err != nil {
			return nil, nil, err
		}
		next.Form = form
		return nil, next, nil
	}
	return page, nil, nil
}

func (s *shown) form() (url.Values, error) {
	form := make(url.Values)
	for _, m := range hiddenPattern.FindAllStringSubmatch(s.text, -1) {
		form.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	if len(form) == 0 {
		return nil, errors.New("socialtest: the provider's page has no form")
	}
	return form, nil
}

func (s *shown) account(account string) (subject string, ok bool) {
	for _, m := range accountPattern.FindAllStringSubmatch(s.text, -1) {
		subject := html.UnescapeString(m[1])
		if subject == account || html.UnescapeString(m[2]) == account {
			return subject, true
		}
	}
	return "", false
}

func (s *shown) submit(ctx context.Context, form url.Values) (*http.Request, error) {
	m := actionPattern.FindStringSubmatch(s.text)
	if m == nil {
		return nil, errors.New("socialtest: the provider's page has no form")
	}
	action, err := s.at.Parse(html.UnescapeString(m[1]))
	if err != nil {
		return nil, fmt.Errorf("socialtest: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, action.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("socialtest: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", s.at.Scheme+"://"+s.at.Host)
	return req, nil
}
