package oauth

import "net/url"

func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// Tidy applies to a profile of any origin what Clients apply to theirs: texts that
// cannot be shown, and addresses of pages and pictures that are not http or https, are
// left out. The error says that Subject cannot identify a user, because it is empty,
// a zero, or such.
func (p *Profile) Tidy() error {
	p.tidy()
	return checkSubject(p.Subject)
}

// tidy applies the rules of Mapping to a profile that a hook filled: it comes from
// the provider, or the browser, too.
func (p *Profile) tidy() {
	p.DisplayName, p.FullName = name(p.DisplayName), name(p.FullName)
	for _, text := range [...]*string{&p.Email, &p.ProfileURL, &p.ImageURL} {
		if len(*text) > maxField || !shown(*text) {
			*text = ""
		}
	}
	for _, address := range [...]*string{&p.ProfileURL, &p.ImageURL} {
		if !isWeb(*address) {
			*address = ""
		}
	}
	p.EmailVerified = p.EmailVerified && p.Email != ""
}
