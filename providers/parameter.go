package providers

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gosocial/social/internal/fold"
	"github.com/gosocial/social/oauth"
)

// A Parameter is a part of an entry's addresses that the application gives, such as the
// address of a server that people run themselves. An entry's texts have its name in
// braces: "{instance}/oauth/token".
type Parameter struct {
	Name    string
	Kind    ParameterKind
	Default string   // "": it has to be given
	OneOf   []string // of OneOf: what it may be
	// As is what stands in addresses for values of OneOf where it is not the value.
	As      map[string]string
	Example string
	Help    string // what it is, for people
}

// A ParameterKind says what a parameter's values look like.
type ParameterKind string

// Kinds of parameters.
const (
	// BaseAddress: "https://git.example.org", without a slash at the end.
	BaseAddress ParameterKind = "address"
	// HostName: "acme.example.com", with a port if need be.
	HostName ParameterKind = "host"
	// Label: one part of a host name, "acme".
	Label ParameterKind = "label"
	// Segment: one part of a path, such as the name of a realm.
	Segment ParameterKind = "segment"
	// Line: a line of text in ASCII, without braces.
	Line ParameterKind = "line"
	// OneOf: one of some words, such as regions.
	OneOf ParameterKind = "one_of"
)

const longestParameter = 512 // bytes

var (
	labelPattern   = pattern(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	hostPattern    = pattern(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$`)
	linePattern    = pattern(`^[!-z][ -z]*$`)
	segmentPattern = pattern(`^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$`)
)

// pattern compiles an expression at its first use: few programs use any.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// Check says what is wrong with a value, before it becomes part of an address.
func (p *Parameter) Check(value string) error {
	if len(value) > longestParameter {
		return fmt.Errorf("%s is longer than %d bytes", p.Name, longestParameter)
	}
	right := false
	like := "like " + p.Example
	switch p.Kind {
	case BaseAddress:
		right = isBaseAddress(value)
		like += ", without a slash at the end"
	case HostName:
		right = isHost(value)
		like = "a host name in small letters " + like
	case Label:
		right = labelPattern().MatchString(value)
		like = "small letters, digits and hyphens " + like
	case Segment:
		right = segmentPattern().MatchString(value)
		like = "one part of a path " + like
	case Line:
		right = linePattern().MatchString(value)
		like = "a line of text " + like
	case OneOf:
		right = slices.Contains(p.OneOf, value)
		like = "one of " + strings.Join(p.OneOf, ", ")
	}
	if !right {
		return fmt.Errorf("%s must be %s, not %q", p.Name, like, value)
	}
	return nil
}

// text is what stands for a value in addresses.
func (p *Parameter) text(value string) string {
	if text, ok := p.As[value]; ok {
		return text
	}
	return value
}

// clientIDParameter is filled in everywhere, by the first client ID.
const clientIDParameter = "client_id"

// fill replaces the placeholders of the entry's parameters by the values of the settings,
// or the defaults. Those that have neither stay: the settings may replace the addresses
// that they are in.
func (r *row) fill(s *Settings) error {
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		if !slices.ContainsFunc(r.parameters, func(p Parameter) bool { return p.Name == name }) {
			return fmt.Errorf("there is no parameter %s", name)
		}
	}
	var pairs []string
	for _, p := range r.parameters {
		value := s.Parameters[p.Name]
		if value == "" {
			value = p.Default
		} else if err := p.Check(value); err != nil {
			return err
		}
		if value != "" {
			pairs = append(pairs, "{"+p.Name+"}", p.text(value))
		}
	}
	fill := strings.NewReplacer(pairs...).Replace
	eachText(r.provider, fill)
	register := registerURL(r.provider)
	*register = fill(*register)
	return nil
}

func registerURL(p oauth.Provider) *string {
	switch p := p.(type) {
	case *oauth.OAuth1:
		return &p.RegisterURL
	case *oauth.OAuth2:
		return &p.RegisterURL
	}
	return &p.(*oauth.OIDC).RegisterURL
}

// describe fills in what people can imagine: defaults, or else examples.
func (r *row) describe() oauth.Description {
	example := func(text string) string {
		for _, p := range r.parameters {
			text = strings.ReplaceAll(text, "{"+p.Name+"}", p.text(cmp.Or(p.Default, p.Example)))
		}
		return text
	}
	d := r.provider.Description()
	d.RegisterURL, d.API = example(d.RegisterURL), example(d.API)
	return d
}

// checkFilled says which parameter an address still needs.
func (r *row) checkFilled() (err error) {
	eachText(r.provider, func(text string) string {
		for _, p := range r.parameters {
			if err == nil && strings.Contains(text, "{"+p.Name+"}") {
				err = fmt.Errorf("%w: %s, like %s", missing(p.Name), p.Help, p.Example)
			}
		}
		return text
	})
	return err
}

// fillIssuer puts the client ID into an issuer that has it. There can be only one.
func fillIssuer(p *oauth.OIDC) error {
	const placeholder = "{" + clientIDParameter + "}"
	if !strings.Contains(p.Issuer, placeholder) {
		return nil
	}
	id := p.Credentials[0].ClientID
	for _, c := range p.Credentials {
		if c.ClientID != id {
			return errors.New("the issuer has the client ID in it: credentials of another client need an entry of their own")
		}
	}
	if !segmentPattern().MatchString(id) {
		return fmt.Errorf("consumer_key %q cannot be part of the issuer's address", id)
	}
	p.Issuer = strings.ReplaceAll(p.Issuer, placeholder, id)
	return nil
}

// eachText replaces every text of a provider's requests and answers that may have
// placeholders.
func eachText(p oauth.Provider, replace func(string) string) {
	switch p := p.(type) {
	case *oauth.OAuth1:
		eachEndpoint(&p.Endpoints, replace)
		eachPath(&p.Profile, replace)
		eachItem(p.APIHosts, replace)
		eachValue(p.UserInfoParams, replace)
		p.UserAgent = replace(p.UserAgent)
	case *oauth.OAuth2:
		eachTextOfOAuth2(p, replace)
	case *oauth.OIDC:
		eachTextOfOAuth2(&p.OAuth2, replace)
		p.DiscoveryURL = replace(p.DiscoveryURL)
	}
}

func eachTextOfOAuth2(p *oauth.OAuth2, replace func(string) string) {
	eachEndpoint(&p.Endpoints, replace)
	eachPath(&p.Profile, replace)
	eachItem(p.APIHosts, replace)
	for _, values := range []map[string][]string{
		p.AuthParams, p.TokenParams, p.RefreshParams, p.TokenHeader, p.APIParams, p.APIHeader, p.UserInfoParams, p.UserInfoHeader, p.Revocation.Params,
	} {
		eachValue(values, replace)
	}
	for i := range p.Further {
		p.Further[i].Address = replace(p.Further[i].Address)
		eachValue(p.Further[i].Params, replace)
	}
	for _, text := range []*string{&p.Issuer, &p.UserAgent, &p.UserInfoBody, &p.LongLived.Exchange} {
		*text = replace(*text)
	}
}

func eachEndpoint(e *oauth.Endpoints, replace func(string) string) {
	for _, address := range []*string{
		&e.RequestToken, &e.Authorize, &e.Token, &e.Refresh, &e.UserInfo, &e.Emails, &e.Revoke, &e.Keys, &e.EndSession, &e.DeviceAuthorization, &e.API,
	} {
		*address = replace(*address)
	}
}

func eachPath(m *oauth.Mapping, replace func(string) string) {
	for _, path := range []*string{&m.Subject, &m.DisplayName, &m.FullName, &m.Email, &m.EmailVerified, &m.ProfileURL, &m.ImageURL} {
		*path = replace(*path)
	}
}

func eachItem(list []string, replace func(string) string) {
	for i := range list {
		list[i] = replace(list[i])
	}
}

func eachValue(values map[string][]string, replace func(string) string) {
	for _, list := range values {
		eachItem(list, replace)
	}
}

// instance is the parameter of servers that people run themselves.
func instance(example string) Parameter {
	return Parameter{Name: "instance", Kind: BaseAddress, Example: example, Help: "the server's address"}
}

func isBaseAddress(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || !isHost(fold.ASCII(u.Host)) && !isIPv6(u) {
		return false
	}
	if value != u.Scheme+"://"+u.Host+u.Path { // no query, fragment or encoded characters
		return false
	}
	if u.Path == "" {
		return true
	}
	for part := range strings.SplitSeq(u.Path[1:], "/") {
		if !segmentPattern().MatchString(part) {
			return false
		}
	}
	return true
}

// isHost reports whether a text is a host name in small letters, with a port or without.
func isHost(text string) bool {
	_, port, given := strings.Cut(text, ":")
	return hostPattern().MatchString(text) && (!given || isPort(port))
}

// isIPv6 reports whether the host of an address is an IPv6 address in brackets, without a
// zone.
func isIPv6(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil || !ip.Is6() || ip.Zone() != "" {
		return false
	}
	rest, bracketed := strings.CutPrefix(u.Host, "["+u.Hostname()+"]")
	port, given := strings.CutPrefix(rest, ":")
	return bracketed && (rest == "" || given && isPort(port))
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}
