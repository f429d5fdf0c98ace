package providers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"

	"github.com/gosocial/social/oauth"
)

var errShopifySignature = errors.New("hmac is not the signature of the other parameters")

// shopifyCallback checks a callback's parameter hmac: HMAC-SHA256 of the other parameters
// with the client secret as key, in hexadecimal.
func shopifyCallback(answer url.Values, c oauth.Credentials) error {
	signed := make(url.Values, len(answer))
	for name, values := range answer {
		if name != "hmac" {
			signed[name] = values
		}
	}
	given, err := hex.DecodeString(answer.Get("hmac"))
	if err != nil || len(answer["hmac"]) != 1 {
		return errShopifySignature
	}
	mac := hmac.New(sha256.New, []byte(c.ClientSecret.Reveal()))
	mac.Write([]byte(signed.Encode()))
	if !hmac.Equal(given, mac.Sum(nil)) {
		return errShopifySignature
	}
	return nil
}
