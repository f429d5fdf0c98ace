package providers

var (
	EachText       = eachText
	Moved          = moved
	Elsewhere      = elsewhere
	ReplaceMapping = replaceMapping
)
