package providers_test

// leftOut are providers that people ask for and the catalog does not have, by name, with
// the reason; docs/providers.md lists them.
var leftOut = map[string]string{
	"Steam, Launchpad, LiveJournal": "They speak OpenID 2.0, which is no OAuth.",
	"Last.fm, Telegram, Discourse":  "Each has a protocol of its own; package oauth's interfaces take one that you write.",
	"Xbox, Minecraft":               "They are a chain of four services behind a Microsoft account.",
	"PlayStation, Nintendo":         "Their log-in is for partners only, and its documentation is not public.",
}
