package mail

import "time"

// Samples returns a letter of each kind, made up, with links below an address of a site:
// for previews and tests.
func Samples(site string) []Letter {
	until := time.Date(2030, time.April, 5, 14, 30, 0, 0, time.UTC)
	links := map[string]string{
		KindReset: "/reset/", KindConfirm: "/confirm/", KindMagicLink: "/magic-link/", KindChangeEmail: "/change-email/",
		KindEmailChanged: "/change-email/undo/", KindAlreadyRegistered: "/login", KindPasswordChanged: "/reset", KindDeletion: "/login",
		KindNewBrowser: "/sessions", KindSessionStolen: "/sessions", KindDeleted: "", KindTokenCreated: "/security/tokens",
	}
	var list []Letter
	for _, kind := range Kinds() {
		l := Letter{Kind: kind, To: "jane@example.com", Name: "Jane", Link: site + "/security", Args: map[string]string{
			ArgAddress: "192.0.2.7", ArgDevice: "Firefox (Linux)",
		}}
		if path, ok := links[kind]; ok {
			l.Link = site + path
			if path == "" {
				l.Link = ""
			} else if path[len(path)-1] == '/' {
				l.Link += "mFq3Vw8zKt0yXr5LbN2uPd7HsGj4CeAa"
				l.Until = until
			}
		}
		switch kind {
		case KindMagicLink:
			l.Code = "40718263"
		case KindEmailChanged:
			l.Args[ArgEmail] = "jane.doe@example.org"
		case KindUsernameChanged:
			l.Args[ArgUsername] = "jane"
		case KindFactorAdded, KindFactorRemoved:
			l.Args[ArgFactor] = "totp"
		case KindNewBrowser:
			l.At, l.Args[ArgVia] = until.Add(-time.Hour), "Google"
		case KindDeletion:
			l.Until = until.AddDate(0, 0, 14)
		}
		list = append(list, l)
	}
	return list
}
