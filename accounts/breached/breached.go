// Package breached asks whether a password is known from a breach, by the range queries
// of Pwned Passwords (https://haveibeenpwned.com/API/v3#PwnedPasswords): the service
// learns the first 20 bits of the password's SHA-1, which hundreds of passwords share.
//
//	passwords, err := breached.New(breached.Options{})
//	acc, err := accounts.New(accounts.Config{Breached: passwords, …})
package breached

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social/internal/outbound"
	"github.com/gosocial/social/secret"
)

// Service is the address of Pwned Passwords, which is free and wants no key.
const Service = "https://api.pwnedpasswords.com"

// Options are those of a Client. The zero value is the safe default.
type Options struct {
	// Address is that of the service, below which are the paths /range/PREFIX; default
	// Service. A copy of the list in one's own network answers in the same way.
	Address string
	// Timeout bounds a query; default 2 seconds.
	Timeout time.Duration
	// Count is how often a password was seen in breaches, at the least, to be refused;
	// default 1.
	Count int
	// AllowPrivateAddresses lets Address be one that is not public, and http.
	AllowPrivateAddresses bool
}

// A Client queries the service. It is safe for concurrent use.
type Client struct {
	address string
	count   int
	http    *http.Client
}

const (
	prefixLength = 5  // hexadecimal digits that the service learns
	suffixLength = 35 // those that it answers
	// maxBytes bounds an answer: 1,000 lines with padding today, of 40 bytes.
	maxBytes = 512 << 10
)

// New returns a client. An error says what is wrong with the address.
func New(o Options) (*Client, error) {
	if o.Address == "" {
		o.Address = Service
	}
	u, err := url.Parse(o.Address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("breached: Options.Address %q is not an http or https address", o.Address)
	case u.Scheme == "http" && !o.AllowPrivateAddresses:
		return nil, fmt.Errorf("breached: Options.Address %q is not https", o.Address)
	}
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Second
	}
	return &Client{
		address: strings.TrimSuffix(o.Address, "/"),
		count:   max(o.Count, 1),
		http:    outbound.New(outbound.Options{Timeout: o.Timeout, AllowPrivate: o.AllowPrivateAddresses, MaxBytes: maxBytes}),
	}, nil
}

// Breached reports whether the password is known from a breach. An error means that the
// service was not reached, or gave another answer than a list.
func (c *Client) Breached(ctx context.Context, password secret.Text) (bool, error) {
	sum := sha1.Sum([]byte(password.Reveal()))
	digits := strings.ToUpper(hex.EncodeToString(sum[:]))
	list, err := c.list(ctx, digits[:prefixLength])
	if err != nil {
		// The error of package http has the address, and that has part of the password's
		// hash.
		if failed := (*url.Error)(nil); errors.As(err, &failed) {
			err = failed.Err
		}
		return false, fmt.Errorf("breached: asking %s: %w", c.address, err)
	}
	seen, err := find(list, digits[prefixLength:])
	if err != nil {
		return false, fmt.Errorf("breached: the answer of %s: %w", c.address, err)
	}
	return seen >= c.count, nil
}

// list returns the service's answer for the first digits of a hash.
func (c *Client) list(ctx context.Context, prefix string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address+"/range/"+prefix, nil)
	if err != nil {
		return "", err
	}
	// Answers of one length for all prefixes: who sees only the encrypted answer learns
	// nothing from its size.
	r.Header.Set("Add-Padding", "true")
	resp, err := c.http.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d", resp.StatusCode)
	}
	list, err := io.ReadAll(resp.Body)
	return string(list), err
}

var errNoList = errors.New("no list of hashes with their counts")

// find returns the count of a hash in a list of lines "SUFFIX:COUNT", or 0. Lines with a
// count of 0 are padding. All lines are read, so that another answer than a list is found
// out, and the time does not tell where in the list a hash is.
func find(list, suffix string) (count int, err error) {
	for line := range strings.Lines(list) {
		digits, number, _ := strings.Cut(strings.TrimSpace(line), ":")
		n, err := strconv.ParseUint(number, 10, 31)
		if err != nil || len(digits) != suffixLength {
			return 0, errNoList
		}
		if strings.EqualFold(digits, suffix) {
			count = int(n)
		}
	}
	if list == "" { // each prefix has some
		return 0, errNoList
	}
	return count, nil
}
