package nexturl

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gosocial/social/internal/fold"
)

// Valid reports whether the application may be configured to redirect to an
// address: to a path on this site, or to any http or https address.
func Valid(s string) bool {
	if s != "" && Path(s) == s {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// WithNext returns a page's address with next, if any, as a parameter.
func WithNext(page, next string) string {
	if next == "" {
		return page
	}
	return With(page, "next", next)
}

// With returns a page's address with a parameter, in place of those of its name. The
// rest of the query stays as it is written.
func With(page, name, value string) string {
	page, fragment, found := strings.Cut(page, "#")
	page, query, _ := strings.Cut(page, "?")
	var kept []string
	for parameter := range strings.SplitSeq(query, "&") {
		written, _, _ := strings.Cut(parameter, "=")
		// What does not decode is no name that we use.
		if got, _ := url.QueryUnescape(written); parameter != "" && got != name {
			kept = append(kept, parameter)
		}
	}
	page += "?" + strings.Join(append(kept, name+"="+url.QueryEscape(value)), "&")
	if found {
		page += "#" + fragment
	}
	return page
}

// Wanted returns the page of this site to come back to after a log-in that the
// request has to wait for, or "". That is the page of a GET itself, and the page
// that another request came from. host is the application's, with its port.
func Wanted(r *http.Request, host string) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return Path(r.URL.RequestURI())
	}
	return Referring(r, host)
}

// Referring returns the page of this site that a request came from, or "". host is
// the application's, with its port; the request's own Host is this site too.
func Referring(r *http.Request, host string) string {
	u, err := url.Parse(r.Header.Get("Referer"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Host == "" {
		return ""
	}
	// ASCII alone is folded: the Kelvin sign is no k.
	from := fold.ASCII(u.Host)
	if from != fold.ASCII(host) && from != fold.ASCII(r.Host) {
		return ""
	}
	return Path((&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).RequestURI())
}
