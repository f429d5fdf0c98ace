module github.com/gosocial/social/accounts/totp

go 1.26.0

require github.com/piglig/go-qr v1.1.0
