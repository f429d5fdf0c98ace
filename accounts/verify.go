package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/gosocial/social/accounts/internal/importedhash"
	"github.com/gosocial/social/secret"
)

// A storedHash is a user's password hash: one of ours, or one that another system made.
type storedHash interface {
	matches(ctx context.Context, by *hasher, text secret.Text) (bool, error)
	outdated() bool
	covers(text secret.Text) bool // whether all of the text counts
}

// An imported hash was made by another system, and is replaced at the next log-in.
type imported struct{ importedhash.Hash }

func (imported) outdated() bool { return true }

func (h imported) covers(text secret.Text) bool { return h.Covers(text.Reveal()) }

func (h imported) matches(ctx context.Context, by *hasher, text secret.Text) (matches bool, err error) {
	err = by.run(ctx, h.Memory(), func() { matches = h.Matches(text.Reveal()) })
	return matches, err
}

// storedHash reads a user's hash. The error has no part of it.
func (a *Accounts) storedHash(s string) (storedHash, error) {
	if h, err := parseHash(s); err == nil {
		return h, a.hasher.checkMemory(int64(h.memory))
	}
	h, err := importedhash.Parse(s)
	if errors.Is(err, importedhash.ErrUnknown) {
		err = fmt.Errorf("the password hash is not argon2id within bounds, and %w", err)
	}
	if err == nil {
		err = a.hasher.checkMemory(h.Memory())
	}
	return imported{h}, err
}

// verifyPassword reports whether the password is the user's, and whether its hash is to
// be renewed. It takes as long for a user without a password, or none, as for one
// whose hash was made here.
func (a *Accounts) verifyPassword(ctx context.Context, u User, password secret.Text) (right, renew bool, err error) {
	var h storedHash = a.dummy
	possible := false
	if u.PasswordHash != "" {
		stored, err := a.storedHash(u.PasswordHash)
		if err != nil {
			a.config.Logger.ErrorContext(ctx, "accounts: a user cannot log in", "user", u.ID, "error", err)
		} else {
			h, possible = stored, true
		}
	}
	if len(password) > a.config.PasswordMaxLength {
		password = ""
	}
	if password == "" { // which may be what another system hashed
		possible = false
	}
	for _, text := range a.hashedTexts(h, password) {
		matches, err := h.matches(ctx, a.hasher, text.Text)
		if err != nil {
			return false, false, err
		}
		if matches {
			// Of a password that is cut, what was typed beyond may be wrong.
			return possible, h.outdated() && (text.digest || h.covers(text.Text)), nil
		}
	}
	return false, false, nil
}

// A hashedText is what a hash may have been made of.
type hashedText struct {
	secret.Text
	digest bool // it is made of the password
}

// hashedTexts are the texts that a password's hash may have been made of: what we hash
// first, then the text as typed and in the other normal forms (Unicode Standard Annex
// #15), since other systems hash other ones. Most passwords are ASCII, which is the same
// in each.
//
// Flask-Security hashes not the password but its HMAC.
func (a *Accounts) hashedTexts(h storedHash, password secret.Text) (texts []hashedText) {
	typed := password.Reveal()
	for _, text := range [...]string{normalPassword(password), typed, norm.NFC.String(typed), norm.NFKD.String(typed)} {
		if t := (hashedText{Text: secret.Text(text)}); !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
	}
	if salt := a.config.PasswordSalt; salt != "" && h.outdated() {
		for _, text := range texts {
			mac := hmac.New(sha512.New, []byte(salt.Reveal()))
			mac.Write([]byte(text.Reveal()))
			texts = append(texts, hashedText{secret.Text(base64.StdEncoding.EncodeToString(mac.Sum(nil))), true})
		}
	}
	return texts
}
