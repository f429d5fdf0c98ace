package vault

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

var layoutTime = time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)

// fill gives every field of a struct a value of its own.
func fill(t *testing.T, v reflect.Value, name string) {
	t.Helper()
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = layoutTime.Add(time.Duration(len(name)) * time.Hour)
		return
	case *secret.Text:
		*x = secret.Text(name + strings.Repeat("é\x00", 40))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Name != "Raw" { // which is not kept
				fill(t, v.Field(i), name+"."+f.Name)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0), name+"[0]")
		fill(t, v.Index(1), name+"[1]")
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{"one", "two"} {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(t, e, name+"."+key)
			v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), e)
		}
	default:
		t.Fatalf("%s is a %s, of which this test knows nothing", name, v.Type())
	}
}

// Every field is sealed: the test fails when oauth has one that is left out. It
// looks inside, because Vault returns no refresh token.
func TestVault18_EveryFieldIsSealed(t *testing.T) {
	t.Parallel()
	var token storedToken
	fill(t, reflect.ValueOf(&token).Elem(), "token")
	if got, ok := decodeToken(encodeToken(&token)); !ok || !reflect.DeepEqual(got, token) {
		t.Errorf("the token is read as %+v, %v", got, ok)
	}
	if got, ok := decodeToken(encodeToken(&storedToken{})); !ok || !reflect.DeepEqual(got, storedToken{}) {
		t.Errorf("an empty token is read as %+v, %v", got, ok)
	}

	var grant oauth.Grant
	fill(t, reflect.ValueOf(&grant).Elem(), "grant")
	for _, h := range []Held{{Grant: &grant, Data: []byte("data\x00")}, {Data: []byte("data")}, {Grant: &oauth.Grant{}}, {}} {
		g, data, ok := decodeHeld(encodeHeld(&h, layoutTime))
		if !ok || !reflect.DeepEqual(g, h.Grant) || !reflect.DeepEqual(data, h.Data) {
			t.Errorf("what is held is read as %+v, %q, %v", g, data, ok)
		}
	}

	revocation := revocation{Subject: Subject{ConnectionID: "c", ProviderID: "p"}, providerUserID: "u", token: token.Token}
	got := revocation
	got.token, got.ConnectionID, got.ProviderID, got.providerUserID = oauth.Token{}, "", "", ""
	if ok := decodeRevocation(encodeRevocation(&revocation), &got); !ok || !reflect.DeepEqual(got, revocation) {
		t.Errorf("the revocation is read as %+v, %v", got, ok)
	}
}

// earlierToken is a token as it was sealed before rows had the time of the authorization.
func earlierToken(t *storedToken) []byte {
	var e keyring.Encoder
	e.Byte(layoutV1)
	putToken(&e, t)
	return e
}

// Rows from before the time of the authorization was kept are read, without it.
func TestVault18_EarlierTokensAreRead(t *testing.T) {
	t.Parallel()
	var token storedToken
	fill(t, reflect.ValueOf(&token).Elem(), "token")
	got, ok := decodeToken(earlierToken(&token))
	if token.Granted = (time.Time{}); !ok || !reflect.DeepEqual(got, token) {
		t.Errorf("%+v, %v", got, ok)
	}
}

// Nor is there an end of what there are too few of.
func TestVault15_CountsAreNotBelieved(t *testing.T) {
	t.Parallel()
	e := earlierToken(&storedToken{})
	many := keyring.Encoder(e[:len(e)-1])
	many.Number(1 << 60)
	if _, ok := decodeToken(many); ok {
		t.Error("read")
	}
}

// Neither another version nor a byte too many or too few is read.
func TestVault15_LayoutIsExact(t *testing.T) {
	t.Parallel()
	var token storedToken
	fill(t, reflect.ValueOf(&token).Elem(), "token")
	var grant oauth.Grant
	fill(t, reflect.ValueOf(&grant).Elem(), "grant")
	for name, layout := range map[string]struct {
		whole []byte
		read  func([]byte) bool
	}{
		"a token": {encodeToken(&token), func(p []byte) bool { _, ok := decodeToken(p); return ok }},
		"what is held": {encodeHeld(&Held{Grant: &grant, Data: []byte("data")}, layoutTime), func(p []byte) bool {
			_, _, ok := decodeHeld(p)
			return ok
		}},
		"a revocation": {encodeRevocation(&revocation{token: token.Token}), func(p []byte) bool { return decodeRevocation(p, new(revocation)) }},
	} {
		whole := layout.whole
		for what, plaintext := range map[string][]byte{
			"another version": append([]byte{layoutV1 + 1}, whole[1:]...), "one more": append(whole[:len(whole):len(whole)], 0),
			"one less": whole[:len(whole)-1], "nothing": nil,
		} {
			if layout.read(plaintext) {
				t.Errorf("%s: %s is read", name, what)
			}
		}
		if !layout.read(whole) {
			t.Errorf("%s is not read", name)
		}
	}
	fewer := earlierToken(&storedToken{})
	fewer[len(fewer)-1] = 9 // the number of Extra
	if _, ok := decodeToken(fewer); ok {
		t.Error("too few of Extra are read")
	}
}
