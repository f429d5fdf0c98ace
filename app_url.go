package social

import (
	"errors"
	"net/url"
	"strings"
	"unicode"

	"github.com/gosocial/social/internal/origin"
)

// appURL returns the origin that an application is known by, as browsers write it.
func appURL(s string) (string, error) {
	if s == "" {
		return "", errors.New("social: AppURL is missing")
	}
	u, err := url.Parse(s)
	switch {
	case err == nil && strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }):
		return "", errors.New("social: AppURL: write the host as browsers send it, in ASCII (xn--…)")
	case err != nil || u.Hostname() == "":
		return "", errNoAddress
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Path != "" && u.Path != "/":
		return "", errors.New("social: AppURL: want scheme and host only; a path goes into URLPrefix")
	case u.Scheme != "https" && (u.Scheme != "http" || !origin.Local(u.Hostname())):
		return "", errors.New("social: AppURL: want https, or http on localhost")
	}
	app, err := origin.Parse(s)
	if err != nil {
		return "", errNoAddress
	}
	return app, nil
}

var errNoAddress = errors.New("social: AppURL: want an address such as https://app.example.com")
