package oauth

// A Mapping finds a profile in a provider's JSON by dotted paths: "id",
// "data.user.id", "photos.0.url". Several paths separated by "|" are tried in
// turn; several separated by spaces are joined with a space. A path may carry a
// literal prefix and suffix around it in the form "https://x.test/{login}".
type Mapping struct {
	Subject       string
	DisplayName   string
	FullName      string
	Email         string
	EmailVerified string // path to JSON true; "always" where the provider documents that it gives only verified ones
	ProfileURL    string
	ImageURL      string
}
