package socialtest

import "testing"

// The example of RFC 5849 §3.4.1.1 and §3.4.1.3.1.
func TestBaseStringOfTheRFC(t *testing.T) {
	t.Parallel()
	s := &signed{covered: []pair{
		{"b5", "=%3D"}, {"a3", "a"}, {"c@", ""}, {"a2", "r b"}, // query
		{"oauth_consumer_key", "9djdj82h48djs9d2"}, {"oauth_token", "kkk9d7dh3k39sjv7"},
		{"oauth_signature_method", "HMAC-SHA1"}, {"oauth_timestamp", "137131201"}, {"oauth_nonce", "7d8f3e4a"},
		{"c2", ""}, {"a3", "2 q"}, // body
	}}
	const want = "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26" +
		"oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26" +
		"oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	if got := s.baseString("post", "http", "EXAMPLE.COM:80", "/request"); got != want {
		t.Errorf("base string is\n%s\nwant\n%s", got, want)
	}
}

func FuzzUnescape(f *testing.F) {
	for _, s := range []string{"", "a%20b", "a+b", "%7E", "%e4", "%", "%C3%BC"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		decoded, err := unescape(s)
		if err == nil && escape(decoded) != s {
			t.Errorf("%q was taken, but is not how %q is written", s, decoded)
		}
	})
}
