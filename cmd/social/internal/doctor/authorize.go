package doctor

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"github.com/gosocial/social/oauth"
)

// maxHops bounds how many redirects of the provider are followed.
const maxHops = 5

// unregistered is a redirect URI at a host that cannot exist (RFC 2606 §2).
const unregistered = "https://social-doctor.invalid/callback"

// authorize reports what a browser is shown that begins a log-in. Some providers ask the
// user to log in before they look at the redirect URI: they show the same for any other.
func (p *providerCheck) authorize(ctx context.Context, provider oauth.Client, pending *oauth.Pending, uri string) {
	refused, err := p.refused(ctx, provider, pending, uri)
	if err != nil || refused != "" {
		p.report(Wrong, "authorization endpoint: %s", cmp.Or(refused, fmt.Sprint(err)))
		return
	}
	other, err := provider.Begin(ctx, oauth.Request{RedirectURI: unregistered, State: rand.Text()})
	if err == nil {
		refused, err = p.refused(ctx, provider, other, unregistered)
	}
	switch {
	case err != nil:
		p.report(Note, "authorization endpoint answers; whether %s is registered could not be checked, since a request with another one failed: %s", uri, describe(err))
	case refused == "":
		p.report(Note, "authorization endpoint answers, but not whether %s is registered: only a log-in shows that", uri)
	default:
		p.report(OK, "authorization endpoint accepts %s", uri)
	}
}

// refused opens the page to which a browser would be sent, and follows its redirects on the
// provider's own host. It returns how the provider refuses the redirect URI, "" if it does
// not. A provider shows an error in place of its log-in page when the redirect URI is not
// registered; some do so only after a redirect or two. The error says that the provider
// gave no answer to judge by.
func (p *providerCheck) refused(ctx context.Context, provider oauth.Client, pending *oauth.Pending, uri string) (how string, err error) {
	client := *p.http
	client.Jar, _ = cookiejar.New(nil) // as a browser has; it never fails
	address := pending.URL
	for hop := 0; ; hop++ {
		resp, body, err := p.requestBy(ctx, &client, address)
		if err != nil {
			return "", err
		}
		if m := p.mistakes.OfPage(resp.Request.URL, resp.StatusCode, body); m != "" {
			return p.remedy(m, uri), nil
		}
		switch {
		case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
			return "", fmt.Errorf("it answers %d", resp.StatusCode)
		case resp.StatusCode == http.StatusUnauthorized && hop > 0:
			// A log-in page.
		case resp.StatusCode >= 400:
			return fmt.Sprintf("it answers %d: are the consumer key and the redirect URI %s registered?", resp.StatusCode, uri), nil
		}
		to, err := resp.Location()
		if err != nil {
			return "", nil // a page
		}
		if code, m := refusal(to, uri), p.refusedBy(ctx, provider, pending, to); code != "" && m != "" {
			return p.remedy(m, uri), nil
		} else if code != "" {
			return fmt.Sprintf("it refuses the request: %q: are the consumer key and the redirect URI %s registered?", code, uri), nil
		}
		if to.Scheme != resp.Request.URL.Scheme || to.Host != resp.Request.URL.Host || strings.HasPrefix(to.String(), uri) || hop == maxHops {
			return "", nil
		}
		address = to.String()
	}
}

// refusedBy returns the mistake that a redirect shows, "" for none.
func (p *providerCheck) refusedBy(ctx context.Context, provider oauth.Client, pending *oauth.Pending, to *url.URL) oauth.Mistake {
	answer := parametersOf(to)
	if answer.Get("error") == "" {
		return ""
	}
	answer.Set("state", pending.State)
	answer.Del("code")
	answer.Del("iss")
	_, err := provider.Complete(ctx, pending, answer) // sends no request, for a callback with an error
	return mistakeIn(err)
}

// parametersOf returns the parameters of an address that has an error. Some put them behind
// the #.
func parametersOf(to *url.URL) url.Values {
	q := to.Query()
	if q.Get("error") == "" {
		q, _ = url.ParseQuery(to.Fragment)
	}
	return q
}

// mistake reports a mistake, and what to do about it.
func (p *providerCheck) mistake(at string, m oauth.Mistake, uri string) {
	p.report(Wrong, "%s: %s", at, p.remedy(m, uri))
}

// remedy is a mistake and what to do about it.
func (p *providerCheck) remedy(m oauth.Mistake, uri string) string {
	return fmt.Sprintf("%s: %s", m, m.Remedy(p.Description, uri))
}

// refusal returns the error that a redirect carries (RFC 6749 §4.1.2.1), wherever it
// leads: to the redirect URI, or to a page of errors. A page that asks people to log in
// may say so.
func refusal(to *url.URL, uri string) string {
	switch code := parametersOf(to).Get("error"); code {
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		if !strings.HasPrefix(to.String(), uri) {
			return ""
		}
		return code
	default:
		return code
	}
}
