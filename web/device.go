package web

import "strings"

// A product is a program or system by a word of its User-Agent header.
type product struct{ word, name string }

// Those that contain another one's word come before it: nearly all call themselves
// Safari and Mozilla.
var (
	browsers = []product{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
		{"curl/", "curl"},
	}
	systems = []product{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)

// device says in a few words what a User-Agent header says, so that people know a
// browser again.
func device(l *language, userAgent string) string {
	browser, system := nameIn(userAgent, browsers), nameIn(userAgent, systems)
	switch {
	case browser == "" && system == "":
		return l.must("device.unknown")
	case browser == "":
		return l.must("device.system", "system", system)
	case system == "":
		return browser
	}
	return l.must("device.browser_system", "browser", browser, "system", system)
}

func nameIn(userAgent string, products []product) string {
	for _, p := range products {
		if strings.Contains(userAgent, p.word) {
			return p.name
		}
	}
	return ""
}
