package web

import (
	"slices"
	"strconv"

	"github.com/gosocial/social"
	"github.com/gosocial/social/vault"
)

// A permissions is what a connection's user allows, as the provider calls it and in
// words.
type permissions struct {
	Granted, Missing    []string // scopes
	Words, MissingWords []string
}

// permissions is the template function of what a connection may do. Missing is what
// the application asked for and the user or the provider did not allow.
func (w *Web) permissions(b social.Button, c vault.Connection) permissions {
	missing := b.Provider.MissingScopes(c.RequestedScopes, c.Scopes)
	return permissions{c.Scopes, missing, w.inWords(c.ProviderID, c.Scopes), w.inWords(c.ProviderID, missing)}
}

// inWords says what scopes allow, each thing once.
func (w *Web) inWords(providerID string, scopes []string) []string {
	var words []string
	unknown := 0
	for _, scope := range scopes {
		text, ok := w.scopeWord(providerID, scope)
		switch {
		case !ok:
			unknown++
		case text != "" && !slices.Contains(words, text):
			words = append(words, text)
		}
	}
	switch {
	case unknown == 1 && len(words) == 0:
		words = append(words, "use one permission that only the provider has a name for")
	case unknown == 1:
		words = append(words, "use one more permission, which only the provider has a name for")
	case unknown > 1 && len(words) == 0:
		words = append(words, "use "+strconv.Itoa(unknown)+" permissions that only the provider has names for")
	case unknown > 1:
		words = append(words, "use "+strconv.Itoa(unknown)+" more permissions, which only the provider has names for")
	}
	return words
}

// scopeWord says what one scope allows. "" is a scope that allows nothing by itself.
func (w *Web) scopeWord(providerID, scope string) (string, bool) {
	for _, words := range []map[string]string{w.opts.Scopes, scopeWords} {
		for _, name := range []string{providerID + " " + scope, scope} {
			if text, ok := words[name]; ok {
				return text, true
			}
		}
	}
	return "", false
}

// scopeWords says what the scopes allow that are common, and those that the catalog
// asks for by default. A provider's own have its ID before them.
var scopeWords = map[string]string{
	"openid":         "know that it is you",
	"profile":        "see your name and picture",
	"email":          "see your e-mail address",
	"phone":          "see your phone number",
	"address":        "see your address",
	"offline_access": "stay connected while you are away",

	"apple name":               "see your name",
	"deviantart user":          "see your public profile",
	"facebook public_profile":  "see your name and picture",
	"github read:user":         "see your profile",
	"github user:email":        "see your e-mail addresses",
	"github repo":              "see and change all your repositories",
	"github public_repo":       "see and change your public repositories",
	"github gist":              "write gists for you",
	"hubspot oauth":            "know that it is you",
	"microsoft User.Read":      "see your profile",
	"salesforce refresh_token": "stay connected while you are away",
	"strava read":              "see your public profile and activities",
	"twitch user:read:email":   "see your e-mail address",
	"vk vkid.personal_info":    "see your name and picture",
	"x users.read":             "see your profile",
	"x tweet.read":             "see posts that you can see",
	"x tweet.write":            "post for you",
	"x offline.access":         "stay connected while you are away",

	// Google names its scopes by address in its answers.
	"google https://www.googleapis.com/auth/userinfo.email":    "see your e-mail address",
	"google https://www.googleapis.com/auth/userinfo.profile":  "see your name and picture",
	"google https://www.googleapis.com/auth/calendar":          "see and change your calendars",
	"google https://www.googleapis.com/auth/calendar.readonly": "see your calendars",
	"google https://www.googleapis.com/auth/contacts.readonly": "see your contacts",
	"google https://www.googleapis.com/auth/drive.file":        "see and change the files in Google Drive that you use with it",
	"google https://www.googleapis.com/auth/drive.readonly":    "see your files in Google Drive",
	"google https://www.googleapis.com/auth/gmail.readonly":    "read your mail",
	"google https://www.googleapis.com/auth/gmail.send":        "send mail for you",
	"google https://www.googleapis.com/auth/youtube.readonly":  "see your YouTube account",
}
