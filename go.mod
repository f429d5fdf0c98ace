module github.com/gosocial/social

go 1.26.0
