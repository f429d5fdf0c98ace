package providers_test

// leftOut are providers that people ask for and the catalog does not have, by name, with
// the reason; docs/providers.md lists them.
var leftOut = map[string]string{
	"EVE Online":                    "Who has logged in stands in its access token alone.",
	"Etsy":                          "Its API wants the application's secret in a header of each request.",
	"Exact Online, HeadHunter":      "They renew a token only when it has expired or is about to.",
	"Exist":                         "It knows people by a name, and does not say that the name stays.",
	"FACEIT, Feedly, Grafana.com":   "How they log people in is not documented in public, or in ways that differ.",
	"Fence":                         "Its ID tokens are for others than the client too, its own address among them.",
	"Fortnox":                       "It does not say whether a user's ID is one person's in all companies.",
	"Keap":                          "It wants the client proved in one way for a code, and in another for a refresh token.",
	"Klaviyo":                       "It says which account has given a token, and not which person.",
	"Kommo":                         "Its tokens are asked for at a host that only the callback names.",
	"itsme":                         "Its ID tokens are encrypted.",
	"Steam, Launchpad, LiveJournal": "They speak OpenID 2.0, which is no OAuth.",
	"Last.fm, Telegram, Discourse":  "Each has a protocol of its own; package oauth's interfaces take one that you write.",
	"Xbox, Minecraft":               "They are a chain of four services behind a Microsoft account.",
	"Lightspeed, SciStarter":        "What they publish does not say in one way who has logged in, or where.",
	"mailcow":                       "It says of a user no more than an address.",
	"Mendeley":                      "Its refresh requests want the redirect URI again.",
	"Mixcloud":                      "It says of a user no more than a name, which people can change.",
	"Monzo":                         "Its API is for your own account and those of a few people that you name.",
	"Odnoklassniki":                 "It wants each request of the API signed in a way of its own.",
	"Questrade":                     "It says of a user no more than a number.",
	"ServiceNow":                    "It has no address that says who a token's user is but a search among all users, which may find another.",
	"ShareFile":                     "The callback names the host that exchanges the code.",
	"SmugMug":                       "It gives no ID of an account but a nickname, which its owner may change and another may take.",
	"Taobao":                        "It says who the user is in the token answer alone, and wants each request of the API signed in a way of its own.",
	"PlayStation, Nintendo":         "Their log-in is for partners only, and its documentation is not public.",
}
