package web

import devices "github.com/gosocial/social/internal/device"

// device says in a few words what a User-Agent header says, so that people know a
// browser again.
func device(l *language, userAgent string) string {
	switch browser, system := devices.Of(userAgent); {
	case browser == "" && system == "":
		return l.must("device.unknown")
	case browser == "":
		return l.must("device.system", "system", system)
	case system == "":
		return browser
	default:
		return l.must("device.browser_system", "browser", browser, "system", system)
	}
}
