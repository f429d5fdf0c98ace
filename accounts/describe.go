package accounts

import "context"

// A PublicUser is what users may read about themselves, as JSON.
type PublicUser struct {
	ID            string   `json:"id"`
	Email         string   `json:"email"`
	EmailVerified bool     `json:"email_verified"`
	Username      string   `json:"username,omitempty"`
	Roles         []string `json:"roles"`
	Language      string   `json:"language,omitempty"`
}

// Public returns what the user may read about themselves.
func (u *User) Public() PublicUser {
	return PublicUser{
		ID: u.ID, Email: u.Email, EmailVerified: !u.EmailVerifiedAt.IsZero(),
		Username: u.Username, Roles: append([]string{}, u.Roles...), Language: u.Language,
	}
}

// DescribeUser returns the user's PublicUser, or ErrNoUser.
func (a *Accounts) DescribeUser(ctx context.Context, userID string) (any, error) {
	if u := Current(ctx); u != nil && u.ID == userID {
		return u.Public(), nil
	}
	u, err := a.User(ctx, userID)
	if err != nil {
		return nil, err
	}
	return u.Public(), nil
}
