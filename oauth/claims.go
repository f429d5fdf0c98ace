package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	josejson "github.com/go-jose/go-jose/v4/json"
)

// claims are the registered claims of an ID token, and of a logout token.
type claims struct {
	Issuer   string      `json:"iss"`
	Subject  string      `json:"sub"`
	Audience audience    `json:"aud"`
	Party    string      `json:"azp"`
	Expiry   numericDate `json:"exp"`
	Issued   numericDate `json:"iat"`
	Before   numericDate `json:"nbf"`
	AuthTime lenientDate `json:"auth_time"`
	Nonce    string      `json:"nonce"`
	Session  string      `json:"-"` // sid
	AtHash   string      `json:"at_hash"`

	raw json.RawMessage
}

// parseClaims reads the payload of an ID token. Names are case-sensitive. A
// repeated name is an error, and so is a claim of another type than OpenID Connect
// defines.
func parseClaims(payload []byte) (*claims, error) {
	if !isObject(payload) {
		return nil, errors.New("claims are not an object")
	}
	c := &claims{raw: payload}
	if err := josejson.Unmarshal(payload, c); err != nil {
		return nil, fmt.Errorf("claims: %w", shapeOnly(err))
	}
	if sid := at(payload, "sid"); len(sid) > 0 && sid[0] == '"' {
		if c.Session = unquote(sid); len(c.Session) > maxSubject || !clean(c.Session) {
			c.Session = ""
		}
	}
	return c, nil
}

// shapeOnly drops the value that a JSON error may quote: it is a user's data.
func shapeOnly(err error) error {
	var t *josejson.UnmarshalTypeError
	if errors.As(err, &t) {
		return fmt.Errorf("there is a %s where a %s belongs", strings.Fields(t.Value + " value")[0], t.Type)
	}
	return err
}

// expected are the values that the claims of an ID token must have.
type expected struct {
	issuer   string
	match    func(iss string, claims map[string]any) bool
	clientID string
	trusted  []string // further audiences
	now      time.Time
	skew     time.Duration
	nonce    string        // "" for none
	maxAge   time.Duration // 0 for none

	authAfter time.Time // zero for any time
}

// The most by which the provider's clock may differ from ours: what is usual, and
// what may be configured.
const (
	defaultSkew = time.Minute
	maxSkew     = 10 * time.Minute
)

// check compares the claims with e (OpenID Connect Core §3.1.3.7).
func (c *claims) check(e expected) error {
	if err := c.checkParties(e); err != nil {
		return err
	}
	if c.Subject == "" {
		return errors.New("sub is missing")
	}
	if err := c.checkTimes(e); err != nil {
		return err
	}
	if e.nonce != "" && c.Nonce != e.nonce {
		return errors.New("nonce is not the one that was sent")
	}
	if e.maxAge > 0 {
		if !c.AuthTime.set {
			return errors.New("auth_time is missing")
		}
		if e.now.After(c.AuthTime.time().Add(e.maxAge + e.skew)) {
			return errors.New("auth_time is longer ago than max_age")
		}
		if c.AuthTime.time().After(e.now.Add(e.skew)) {
			return errors.New("auth_time lies in the future")
		}
	}
	if !e.authAfter.IsZero() && c.AuthTime.set && c.AuthTime.time().Before(e.authAfter.Add(-e.skew)) {
		return errors.New("auth_time lies before the flow, which asked for a new proof")
	}
	return nil
}

// checkTimes checks that the token is valid now.
func (c *claims) checkTimes(e expected) error {
	now, skew := e.now, e.skew
	switch {
	case !c.Expiry.set:
		return errors.New("exp is missing")
	case !now.Before(c.Expiry.time().Add(skew)):
		return errors.New("exp has passed")
	case !c.Issued.set:
		return errors.New("iat is missing")
	case c.Issued.time().After(now.Add(skew)):
		return errors.New("iat lies in the future")
	case c.Before.set && c.Before.time().After(now.Add(skew)):
		return errors.New("nbf lies in the future")
	}
	return nil
}

// checkInfo compares the claims of a signed user-info answer with e, as far as they
// are there (OpenID Connect Core §5.3.2).
func (c *claims) checkInfo(e expected) error {
	if c.Issuer == "" {
		c.Issuer = e.issuer
	}
	if c.Audience == nil {
		c.Audience = audience{e.clientID}
	}
	if err := c.checkParties(e); err != nil {
		return err
	}
	switch {
	case c.Expiry.set && !e.now.Before(c.Expiry.time().Add(e.skew)):
		return errors.New("exp has passed")
	case c.Before.set && c.Before.time().After(e.now.Add(e.skew)):
		return errors.New("nbf lies in the future")
	}
	return nil
}

// checkIssuer checks iss.
func (c *claims) checkIssuer(e expected) error {
	switch {
	case c.Issuer == "":
		return errors.New("iss is missing")
	case c.Issuer == e.issuer:
		return nil
	case e.match == nil:
		return errors.New("iss is not the configured issuer")
	}
	all, err := c.all()
	if err == nil && !e.match(c.Issuer, all) {
		err = errors.New("iss is not an issuer of this provider")
	}
	return err
}

// checkParties checks issuer and audience.
func (c *claims) checkParties(e expected) error {
	if err := c.checkIssuer(e); err != nil {
		return err
	}
	if !slices.Contains(c.Audience, e.clientID) {
		return errors.New("aud does not name this client")
	}
	for _, a := range c.Audience {
		if a != e.clientID && !slices.Contains(e.trusted, a) {
			return errors.New("aud names a client that is not trusted")
		}
	}
	if c.Party != "" && c.Party != e.clientID {
		return errors.New("azp is not this client")
	}
	return nil
}

// keeps checks that a refreshed ID token has the claims of the one before that must
// not change (OpenID Connect Core §12.2).
func (c *claims) keeps(before *claims) error {
	switch {
	case c.Subject != before.Subject:
		return errors.New("changed sub")
	case !sameSet(c.Audience, before.Audience):
		return errors.New("changed aud")
	case c.Nonce != "" && before.Nonce != "" && c.Nonce != before.Nonce:
		return errors.New("changed nonce")
	}
	return nil
}

func sameSet(a, b []string) bool {
	for _, v := range a {
		if !slices.Contains(b, v) {
			return false
		}
	}
	for _, v := range b {
		if !slices.Contains(a, v) {
			return false
		}
	}
	return true
}

// all returns the claims as a map. Numbers are json.Number, so that big ones
// stay exact.
func (c *claims) all() (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(c.raw))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, errors.New("claims are not an object")
	}
	return m, nil
}

// An audience is aud: one string, or an array of them.
type audience []string

func (a *audience) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		*a = audience{unquote(b)}
		return nil
	}
	var many []string
	if json.Unmarshal(b, &many) != nil {
		return errors.New("aud is neither a string nor an array of strings")
	}
	*a = many
	return nil
}

// A numericDate is seconds since 1970 as a JSON number (RFC 7519 §2), up to the
// year 9999.
type numericDate struct {
	seconds int64
	set     bool
}

// A lenientDate is a date that some servers write as text. Anything else is as if it
// were not there.
type lenientDate struct{ numericDate }

func (n *lenientDate) UnmarshalJSON(b []byte) error {
	_ = n.numericDate.UnmarshalJSON(bytes.Trim(b, `"`)) // what is no date is not set
	return nil
}

const lastSecond = 253402300799 // the end of the year 9999

func (n *numericDate) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || !(f >= 0 && f <= lastSecond) { // NaN is neither
		return errors.New("a date is not a number of seconds from 1970 to the year 9999")
	}
	n.seconds, n.set = int64(f), true
	return nil
}

func (n numericDate) time() time.Time { return time.Unix(n.seconds, 0) }
