package oauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/gosocial/social/secret"

	josejson "github.com/go-jose/go-jose/v4/json"
)

// A SignedRequestVerifier is a Client whose provider says by signed requests that a user has
// removed the application there, or wants their data deleted. See OAuth2.SignedRequests.
type SignedRequestVerifier interface {
	// VerifySignedRequest checks the value of the field signed_request. It does not know
	// whether it came before. The error is a *ProviderError of the kind Invalid.
	VerifySignedRequest(raw secret.Text) (*SignedRequest, error)
}

// A SignedRequest is about a user of one of the provider's clients.
type SignedRequest struct {
	Subject  string // as in Profile
	ClientID string // the client whose secret signed it
	IssuedAt time.Time
	// ID is the same whenever this request is sent. Nobody can guess it who does not have
	// the request.
	ID string
}

const (
	opSignedRequest = "signed request"

	// maxSignedRequest is the longest that is read, in bytes.
	maxSignedRequest = 8 << 10
	// signedRequestAge is how long after its making a signed request counts, and
	// signedRequestSkew how far the provider's clock may be ahead.
	signedRequestAge  = time.Hour
	signedRequestSkew = 5 * time.Minute
)

var plainNumber = regexp.MustCompile(`^[1-9][0-9]{0,39}$`)

// VerifySignedRequest implements SignedRequestVerifier. A signed request is a signature, a
// dot, and a JSON object, both in base64url; the signature is the HMAC-SHA256 (RFC 2104) of
// the second text under the client's secret. The algorithm is that one, whatever the object
// says; it has to say so, too.
func (c *oauth2Client) VerifySignedRequest(raw secret.Text) (*SignedRequest, error) {
	if !c.p.SignedRequests {
		return nil, c.badSignedRequest(errors.ErrUnsupported)
	}
	text := raw.Reveal()
	encoded, payload, _ := strings.Cut(text, ".")
	signature, err := decodeBase64URL(encoded)
	if err != nil || len(text) > maxSignedRequest {
		return nil, c.badSignedRequest(errors.New("it is malformed or too long"))
	}
	clientID := ""
	for _, client := range c.clients {
		for _, proof := range client.proofs {
			if proof.ClientSecret == "" {
				continue
			}
			mac := hmac.New(sha256.New, []byte(proof.ClientSecret.Reveal()))
			mac.Write([]byte(payload))
			if hmac.Equal(mac.Sum(nil), signature) {
				clientID = client.id
			}
		}
	}
	if clientID == "" {
		return nil, c.badSignedRequest(errors.New("the signature is wrong"))
	}
	object, err := decodeBase64URL(payload)
	if err != nil {
		return nil, c.badSignedRequest(errors.New("it is malformed"))
	}
	s, err := c.judgeSignedRequest(object)
	if err != nil {
		return nil, c.badSignedRequest(err)
	}
	id := sha256.Sum256(signature)
	s.ClientID, s.ID = clientID, base64.RawURLEncoding.EncodeToString(id[:])
	return s, nil
}

func (c *oauth2Client) badSignedRequest(err error) *ProviderError {
	return &ProviderError{Kind: Invalid, ProviderID: c.p.ID, Op: opSignedRequest, Err: err}
}

func (c *oauth2Client) judgeSignedRequest(object []byte) (*SignedRequest, error) {
	var said struct {
		Algorithm string          `json:"algorithm"`
		IssuedAt  int64           `json:"issued_at"`
		UserID    json.RawMessage `json:"user_id"`
	}
	if err := josejson.Unmarshal(object, &said); err != nil {
		return nil, errors.New("it is no JSON object of the expected types")
	}
	subject := string(said.UserID)
	if strings.HasPrefix(subject, `"`) {
		if err := json.Unmarshal(said.UserID, &subject); err != nil {
			return nil, errors.New("the user is no text")
		}
	} else if !plainNumber.MatchString(subject) {
		subject = ""
	}
	now, at := c.env.Now(), time.Unix(said.IssuedAt, 0)
	switch {
	case !strings.EqualFold(said.Algorithm, "HMAC-SHA256"):
		return nil, errors.New("the algorithm is another one")
	case checkSubject(subject) != nil:
		return nil, errors.New("it names no user")
	case said.IssuedAt <= 0 || now.Sub(at) > signedRequestAge:
		return nil, errors.New("it is too old")
	case at.Sub(now) > signedRequestSkew:
		return nil, errors.New("it is from the future")
	}
	return &SignedRequest{Subject: subject, IssuedAt: at}, nil
}

// decodeBase64URL decodes base64url, with or without padding (RFC 4648 §5). It takes one
// spelling of a value alone.
func decodeBase64URL(s string) ([]byte, error) {
	return base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
}
