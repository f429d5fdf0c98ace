package doctor

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"github.com/gosocial/social/oauth"
)

// maxHops bounds how many redirects of the provider are followed.
const maxHops = 5

// authorize opens the page to which a browser would be sent, and follows its redirects
// on the provider's own host. A provider shows an error in place of its log-in page when
// the redirect URI is not registered; some do so only after a redirect or two.
func (p *providerCheck) authorize(ctx context.Context, pending *oauth.Pending, uri string) {
	client := *p.http
	client.Jar, _ = cookiejar.New(nil) // as a browser has; it never fails
	address := pending.URL
	for hop := 0; ; hop++ {
		resp, _, err := p.requestBy(ctx, &client, address)
		switch {
		case err != nil:
			p.report(Wrong, "authorization endpoint: %v", err)
			return
		case resp.StatusCode == http.StatusUnauthorized && hop > 0:
			// A log-in page.
		case resp.StatusCode >= 400:
			p.report(Wrong, "authorization endpoint: it answers %d: are the consumer key and the redirect URI %s registered?", resp.StatusCode, uri)
			return
		}
		to, err := resp.Location()
		if err != nil {
			break // a page
		}
		if code := refusal(to, uri); code != "" {
			p.report(Wrong, "authorization endpoint: it refuses the request: %q: are the consumer key and the redirect URI %s registered?", code, uri)
			return
		}
		if to.Scheme != resp.Request.URL.Scheme || to.Host != resp.Request.URL.Host || strings.HasPrefix(to.String(), uri) || hop == maxHops {
			break
		}
		address = to.String()
	}
	p.report(OK, "authorization endpoint accepts %s", uri)
}

// refusal returns the error that a redirect carries (RFC 6749 §4.1.2.1), wherever it
// leads: to the redirect URI, or to a page of errors. A page that asks people to log in
// may say so.
func refusal(to *url.URL, uri string) string {
	q := to.Query()
	if q.Get("error") == "" {
		// Some put it behind the #.
		q, _ = url.ParseQuery(to.Fragment)
	}
	switch code := q.Get("error"); code {
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		if !strings.HasPrefix(to.String(), uri) {
			return ""
		}
		return code
	default:
		return code
	}
}
