package vault

import (
	"reflect"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

// A token that was sealed before the end of a refresh token was known is read as it
// was. This looks inside, for nothing writes it any more.
func TestVault15_FirstLayoutIsRead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	want := keptToken{Token: oauth.Token{Access: "access", Secret: "secret", Refresh: "refresh", ID: "id", Type: "Bearer",
		Expiry: at.Add(time.Hour), Scopes: []string{"read", "write"}}, Issued: at}
	e := encoder{layoutV1}
	for _, s := range []string{"access", "secret", "refresh", "id", "Bearer"} {
		e.string(s)
	}
	e.time(want.Expiry)
	e.time(want.Issued)
	e = append(e, 2)
	e.string("read")
	e.string("write")
	if got, ok := decodeToken(e); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("reads %+v, %v", got, ok)
	}
	want.RefreshExpiry = at.Add(240 * time.Hour)
	if got, ok := decodeToken(encodeToken(&want)); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("of today reads %+v, %v", got, ok)
	}
}
