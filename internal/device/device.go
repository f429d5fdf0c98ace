// Package device says what a User-Agent header says, in names that people know.
package device

import "strings"

// A product is a program or system by a word of its User-Agent header.
type product struct{ word, name string }

// Those that contain another one's word come before it: nearly all call themselves
// Safari and Mozilla, and many Chrome.
var (
	programs = []product{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"OPX/", "Opera"}, {"OPT/", "Opera"}, {"Opera/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"}, {"YaBrowser/", "Yandex Browser"},
		{"UCBrowser/", "UC Browser"}, {"MiuiBrowser/", "Mi Browser"}, {"HuaweiBrowser/", "Huawei Browser"},
		{"Whale/", "Whale"}, {"QQBrowser/", "QQ Browser"}, {"Silk/", "Silk"}, {"DuckDuckGo/", "DuckDuckGo"}, {"Ddg/", "DuckDuckGo"},
		{"Brave/", "Brave"}, {"Instagram ", "Instagram"}, {"FBAN/", "Facebook"}, {"FBAV/", "Facebook"}, {"GSA/", "Google"},
		{"SeaMonkey/", "SeaMonkey"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"Focus/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"}, {"Epiphany/", "GNOME Web"}, {"Konqueror/", "Konqueror"},
		{"Trident/", "Internet Explorer"}, {"MSIE ", "Internet Explorer"}, {"Safari/", "Safari"},
		{"curl/", "curl"}, {"Wget/", "Wget"}, {"HTTPie/", "HTTPie"}, {"PostmanRuntime/", "Postman"}, {"insomnia/", "Insomnia"},
		{"python-requests/", "Python"}, {"python-httpx/", "Python"}, {"Python-urllib/", "Python"}, {"aiohttp/", "Python"},
		{"Go-http-client/", "Go"}, {"okhttp/", "OkHttp"}, {"Apache-HttpClient/", "Java"}, {"Java/", "Java"}, {"Java-http-client/", "Java"},
		{"GuzzleHttp/", "PHP"}, {"axios/", "axios"}, {"node-fetch/", "Node.js"}, {"undici", "Node.js"}, {"Deno/", "Deno"}, {"Bun/", "Bun"},
		{"Faraday ", "Ruby"}, {"Ruby", "Ruby"}, {"Dart/", "Dart"}, {"reqwest/", "Rust"}, {"libwww-perl/", "Perl"},
		{"WindowsPowerShell/", "PowerShell"}, {"PowerShell/", "PowerShell"},
	}
	systems = []product{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"iPod", "iPod"}, {"Xbox", "Xbox"}, {"PlayStation", "PlayStation"}, {"Nintendo", "Nintendo"},
		{"Tizen", "Tizen"}, {"Web0S", "webOS"}, {"KAIOS", "KaiOS"}, {"Android", "Android"}, {"CrOS", "ChromeOS"},
		{"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Macintosh", "macOS"}, {"Linux", "Linux"}, {"FreeBSD", "FreeBSD"}, {"OpenBSD", "OpenBSD"},
	}
)

// Of returns the names of the program and the system that a User-Agent header has, each
// "" when it is not known. They are always names of ours: nothing of the header itself.
func Of(userAgent string) (program, system string) {
	return nameIn(userAgent, programs), nameIn(userAgent, systems)
}

// Words returns both in the same words in every language, such as "Firefox (Linux)", or
// "".
func Words(userAgent string) string {
	switch program, system := Of(userAgent); {
	case program == "":
		return system
	case system == "":
		return program
	default:
		return program + " (" + system + ")"
	}
}

func nameIn(userAgent string, products []product) string {
	for _, p := range products {
		if strings.Contains(userAgent, p.word) {
			return p.name
		}
	}
	return ""
}
