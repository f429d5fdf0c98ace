module github.com/gosocial/social/mail/smtp

go 1.26.0

require (
	github.com/gosocial/social v0.2.0
	github.com/wneessen/go-mail v0.8.1
	golang.org/x/net v0.62.0
)

require (
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)
