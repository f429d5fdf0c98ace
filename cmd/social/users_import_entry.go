package main

import (
	"errors"
	"strings"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/secret"
)

// An importedUser is one entry of the input of users import.
type importedUser struct {
	id, email, username         string
	hash, password              string
	totp                        string // the secret, in base 32
	active                      *bool
	verified                    time.Time
	roles                       []string
	created                     time.Time
	lastLogin, currentLogin     time.Time
	lastAddress, currentAddress string
	logins                      *int
}

// field returns where a member or column belongs, nil when there is none. The names are
// ours, those of Flask-Security's tables, of Django's auth_user, and of Devise.
func (u *importedUser) field(name string) any {
	switch name {
	case "id":
		return &u.id
	case "email":
		return &u.email
	case "username":
		return &u.username
	case "password_hash", "password", "encrypted_password":
		return &u.hash
	case "plain_password":
		return &u.password
	case "totp_secret", "tf_totp_secret":
		return &u.totp
	case "active", "is_active":
		return &u.active
	case "email_verified_at", "confirmed_at":
		return &u.verified
	case "roles":
		return &u.roles
	case "created_at", "create_datetime", "date_joined":
		return &u.created
	case "last_login_at", "last_sign_in_at":
		return &u.lastLogin
	case "current_login_at", "current_sign_in_at", "last_login":
		return &u.currentLogin
	case "last_login_ip", "last_sign_in_ip":
		return &u.lastAddress
	case "current_login_ip", "current_sign_in_ip":
		return &u.currentAddress
	case "login_count", "sign_in_count":
		return &u.logins
	}
	return nil
}

// user returns the user as accounts take it.
func (u *importedUser) user() (accounts.ImportedUser, error) {
	in := accounts.ImportedUser{
		ID: u.id, Email: strings.TrimSpace(u.email), Username: u.username, PasswordHash: secret.Text(u.hash), Password: secret.Text(u.password), TOTPSecret: secret.Text(u.totp),
		Inactive: u.active != nil && !*u.active, EmailVerifiedAt: u.verified, Roles: u.roles, CreatedAt: u.created,
		Login: accounts.Tracking{LastAt: u.lastLogin, CurrentAt: u.currentLogin, LastAddress: u.lastAddress, CurrentAddress: u.currentAddress},
	}
	if strings.HasPrefix(u.totp, "{") {
		return in, errors.New("the secret of the authenticator application is sealed with SECURITY_TOTP_SECRETS: export it in base 32 (see Coming from Flask-Security)")
	}
	if u.logins != nil {
		if *u.logins < 0 {
			return in, errors.New("login_count is below 0")
		}
		in.Login.Count = int64(*u.logins)
	}
	if strings.HasPrefix(u.hash, "!") || u.hash == "*" {
		in.PasswordHash = "" // Django's mark of a user without a password
	}
	if accounts.Fold(in.Username) == accounts.Fold(in.Email) {
		in.Username = "" // the address is a name to log in with already
	}
	return in, nil
}
