package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social/secret"
)

// Headers of a delivery.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

const secretPrefix = "whsec_"

func newSecret() secret.Text {
	var key [32]byte
	rand.Read(key[:])
	return secret.Text(secretPrefix + base64.StdEncoding.EncodeToString(key[:]))
}

// keyOf returns the bytes of a secret as receivers have it.
func keyOf(text secret.Text) ([]byte, error) {
	encoded, ok := strings.CutPrefix(text.Reveal(), secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("webhook: a secret is whsec_ and 24 to 64 bytes in base64")
	}
	return key, nil
}

// sign returns the header of signatures, one for each secret.
func sign(secrets []secret.Text, id string, at time.Time, body []byte) (string, error) {
	var all []string
	for _, text := range secrets {
		key, err := keyOf(text)
		if err != nil {
			return "", err
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		mac.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " "), nil
}
