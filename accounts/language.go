package accounts

import (
	"context"
	"strings"
)

// SetLanguage sets the language that a user wants pages and mails in: a BCP 47 tag, or ""
// for whatever the browser asks for. It does not know which languages there are; pages and
// mails in one that is missing are in the one that serves best. It returns *FieldError for
// what is no tag, and ErrNoUser.
func (a *Accounts) SetLanguage(ctx context.Context, userID, tag string) error {
	if err := checkLanguage(tag); err != nil {
		return err
	}
	return a.change(ctx, userID, nil, func(_ context.Context, u *User) ([]Event, error) {
		u.Language = tag
		return nil, nil
	})
}

// FieldLanguage names the language in forms and refusals.
const FieldLanguage = "language"

// maxLanguage is how long a tag is at the most (RFC 5646 §4.4.1).
const maxLanguage = 35

// checkLanguage refuses what cannot be a tag (RFC 5646 §2.1).
func checkLanguage(tag string) error {
	wrong := func(r rune) bool { return !isAlphanumeric(r) && r != '-' }
	if len(tag) > maxLanguage || strings.ContainsFunc(tag, wrong) || strings.HasPrefix(tag, "-") {
		return &FieldError{field: FieldLanguage, code: CodeLanguageInvalid}
	}
	return nil
}

// askedLanguage returns the language that the request asks for which ctx comes from, or
// "".
func (a *Accounts) askedLanguage(ctx context.Context) string {
	c := requestOf(ctx)
	if c == nil || a.config.Language == nil || c.request.Header.Get("Accept-Language") == "" {
		return ""
	}
	tag := a.config.Language(c.request)
	if checkLanguage(tag) != nil {
		return ""
	}
	return tag
}

// languageFor returns the language of a letter to a user: their own or, unless another
// user has caused it, that of the request.
func (a *Accounts) languageFor(ctx context.Context, u *User) string {
	c := requestOf(ctx)
	switch {
	case u.Language != "":
		return u.Language
	case c == nil || a.config.Language == nil:
		return ""
	}
	if by := a.CurrentUser(ctx); by != "" && by != u.ID {
		return ""
	}
	return a.config.Language(c.request)
}
