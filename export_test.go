package social

import (
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

// FlowRoundTrip encodes and decodes a flow made of the parts.
func FlowRoundTrip(t *testing.T, provider, user, next string, p oauth.Pending) (again bool) {
	t.Helper()
	f := flow{intent: intentReconnect, providerID: provider, userID: user, connectionID: "c", next: next,
		began: time.UnixMilli(1_700_000_000_123), pending: p}
	got, err := decodeFlow(f.encode())
	if err != nil {
		t.Fatal(err)
	}
	return string(got.encode()) == string(f.encode()) && got.pending.Verifier == p.Verifier && got.next == next &&
		got.began.Equal(f.began) && len(got.pending.Scopes) == len(p.Scopes) && got.pending.Key() == p.Key()
}

// DecodeFlow decodes what it can and encodes that again.
func DecodeFlow(b []byte) ([]byte, error) {
	f, err := decodeFlow(b)
	if err != nil {
		return nil, err
	}
	return f.encode(), nil
}
