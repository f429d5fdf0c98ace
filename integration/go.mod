module github.com/gosocial/social/integration

go 1.26.0

require (
	github.com/go-jose/go-jose/v4 v4.1.9
	github.com/gosocial/social v0.0.0
	golang.org/x/net v0.61.0
)

replace github.com/gosocial/social => ../
