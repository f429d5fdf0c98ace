package vault

import (
	"reflect"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// What is sealed is read as it was. This looks inside, for the plaintext is never
// seen outside.
func TestVault15_LayoutKeepsEveryField(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	want := keptToken{Token: oauth.Token{
		ClientID: "client", Access: "access", Secret: "secret", Refresh: "refresh", ID: "id", Type: "Bearer",
		Expiry: at.Add(time.Hour), RefreshExpiry: at.Add(240 * time.Hour), Scopes: []string{"read", "write"},
		Extra: map[string]secret.Text{"device_id": "dev-1", "realm": "7"},
	}, Issued: at}
	for i := range reflect.ValueOf(want.Token).NumField() {
		if reflect.ValueOf(want.Token).Field(i).IsZero() {
			t.Fatalf("the test lacks %s", reflect.TypeOf(want.Token).Field(i).Name)
		}
	}
	if got, ok := decodeToken(encodeToken(&want)); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("reads %+v, %v", got, ok)
	}
	g := oauth.Grant{ProviderID: "acme", Profile: oauth.Profile{Subject: "1", EmailVerified: true}, Token: want.Token, RequestedScopes: []string{"read", "more"}}
	if got, ok := decodeGrant(encodeGrant(&g, at)); !ok || !reflect.DeepEqual(*got, g) {
		t.Errorf("reads %+v, %v", got, ok)
	}
	if _, ok := decodeToken(append(encodeToken(&want), 0)); ok {
		t.Error("reads what has more than a token")
	}
}
