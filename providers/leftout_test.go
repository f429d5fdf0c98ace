package providers_test

// leftOut are providers that people ask for and the catalog does not have, by name, with
// the reason; docs/providers.md lists them.
var leftOut = map[string]string{
	"Steam, Launchpad, LiveJournal": "They speak OpenID 2.0, which is no OAuth.",
	"Last.fm, Telegram, Discourse":  "Each has a protocol of its own; package oauth's interfaces take one that you write.",
	"Xbox, Minecraft":               "They are a chain of four services behind a Microsoft account.",
	"Lightspeed, SciStarter":        "What they publish does not say in one way who has logged in, or where.",
	"Mixcloud":                      "It says of a user no more than a name, which people can change.",
	"Monzo":                         "Its API is for your own account and those of a few people that you name.",
	"Odnoklassniki":                 "It wants each request of the API signed in a way of its own.",
	"ServiceNow":                    "It has no address that says who a token's user is but a search among all users, which may find another.",
	"ShareFile":                     "The callback names the host that exchanges the code.",
	"SmugMug":                       "It gives no ID of an account but a nickname, which its owner may change and another may take.",
	"Taobao":                        "It says who the user is in the token answer alone, and wants each request of the API signed in a way of its own.",
	"PlayStation, Nintendo":         "Their log-in is for partners only, and its documentation is not public.",
}
