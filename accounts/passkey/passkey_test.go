package passkey_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/passkey"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
)

func TestNew(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		app, id, want string // the domain
		wrong         string // a part of the error
		address       bool   // it is ErrAddress
	}{
		{app: "https://app.example.com", want: "app.example.com"},
		{app: "https://APP.example.com:8443", want: "app.example.com"},
		{app: "https://app.example.com", id: "app.example.com", want: "app.example.com"},
		{app: "https://app.example.com", id: "example.com", want: "example.com"},
		{app: "https://app.example.com", id: "Example.com", want: "example.com"},
		{app: "http://localhost:8080", want: "localhost"},
		{app: "http://app.localhost:8080", want: "app.localhost"},
		{app: "https://app.example.com", id: "le.com", wrong: "not the host"},
		{app: "https://app.example.com", id: "other.com", wrong: "not the host"},
		{app: "http://127.0.0.1:8080", wrong: "IP address", address: true},
		{app: "https://[::1]:8080", wrong: "IP address", address: true},
		{app: "http://app.example.com", wrong: "https", address: true},
		{app: "app.example.com", wrong: "is not an http or https address"},
		{app: "ftp://app.example.com", wrong: "is not an http or https address"},
		{app: "https://", wrong: "is not an http or https address"},
		{app: "https://app.example.com:port", wrong: "is not an http or https address"},
		{app: "https://app.example.com", id: "com", wrong: "passkey:"},
	} {
		rp, err := passkey.New(passkey.Config{AppURL: tt.app, ID: tt.id})
		if tt.wrong == "" {
			if err != nil || rp.ID() != tt.want {
				t.Errorf("%s, %q: %v", tt.app, tt.id, err)
				continue
			}
			options, err := rp.CreationOptions(accounts.PasskeyCreation{Challenge: challenge, Handle: handle, Name: "ann"})
			if err != nil || !strings.Contains(string(options), `"rp":{"name":"`+tt.want+`"`) {
				t.Errorf("%s: %s, %v", tt.app, options, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), tt.wrong) || errors.Is(err, passkey.ErrAddress) != tt.address || strings.Count(err.Error(), "passkey:") != 1 {
			t.Errorf("%s, %q: %v", tt.app, tt.id, err)
		}
	}
}

const origin = "https://app.example.com:8443"

func newParty(t *testing.T) *passkey.RelyingParty {
	t.Helper()
	rp, err := passkey.New(passkey.Config{AppURL: origin, Name: "The App"})
	if err != nil {
		t.Fatal(err)
	}
	return rp
}

var handle, challenge = []byte("handle"), []byte("a challenge of thirty-two bytes.")

// create makes a passkey of an authenticator.
func create(t *testing.T, rp *passkey.RelyingParty, keys *passkeytest.Authenticator, c accounts.PasskeyCreation) (accounts.PasskeyCredential, error) {
	t.Helper()
	options, err := rp.CreationOptions(c)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := keys.Create(options)
	if err != nil {
		t.Fatal(err)
	}
	return rp.CheckCreation(c, answer)
}

// Options have what browsers need for passkeys, and no extension or attestation.
func TestOptions(t *testing.T) {
	t.Parallel()
	rp := newParty(t)
	known := accounts.PasskeyCredential{ID: []byte("known"), Transports: []string{"usb"}}
	options, err := rp.CreationOptions(accounts.PasskeyCreation{Challenge: challenge, Handle: handle, Name: "ann@lp.com",
		Existing: []accounts.PasskeyCredential{known}, Within: 300e9})
	if err != nil {
		t.Fatal(err)
	}
	var made map[string]any
	if err := json.Unmarshal(options, &made); err != nil {
		t.Fatal(err)
	}
	delete(made, "pubKeyCredParams")
	same(t, made, `{"rp": {"id": "app.example.com", "name": "The App"}, "user": {"id": "aGFuZGxl", "name": "ann@lp.com", "displayName": "ann@lp.com"},
		"challenge": "YSBjaGFsbGVuZ2Ugb2YgdGhpcnR5LXR3byBieXRlcy4", "timeout": 300000, "attestation": "none",
		"authenticatorSelection": {"residentKey": "required", "requireResidentKey": true, "userVerification": "required"},
		"excludeCredentials": [{"type": "public-key", "id": "a25vd24", "transports": ["usb"]}]}`)
	for verify, want := range map[bool]string{
		true: `{"challenge": "YSBjaGFsbGVuZ2Ugb2YgdGhpcnR5LXR3byBieXRlcy4", "timeout": 300000, "rpId": "app.example.com", "userVerification": "required"}`,
		false: `{"challenge": "YSBjaGFsbGVuZ2Ugb2YgdGhpcnR5LXR3byBieXRlcy4", "timeout": 300000, "rpId": "app.example.com", "userVerification": "preferred",
			"allowCredentials": [{"type": "public-key", "id": "a25vd24", "transports": ["usb"]}]}`,
	} {
		q := accounts.PasskeyRequest{Challenge: challenge, Within: 300e9, VerifyUser: verify}
		if !verify {
			q.Allowed = []accounts.PasskeyCredential{known}
		}
		options, err := rp.RequestOptions(q)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(options, &got); err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
	}
	if _, err := rp.CreationOptions(accounts.PasskeyCreation{Challenge: challenge, Handle: make([]byte, 65)}); err == nil {
		t.Error("a handle that is too long")
	}
	if _, err := rp.RequestOptions(accounts.PasskeyRequest{Challenge: []byte("short")}); err == nil {
		t.Error("a challenge that is too short")
	}
}

func same(t *testing.T, got map[string]any, want string) {
	t.Helper()
	var expected map[string]any
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(expected)
	if string(a) != string(b) {
		t.Errorf("%s, want %s", a, b)
	}
}

// What an authenticator made proves, and what differs in anything does not.
func TestCheck(t *testing.T) {
	t.Parallel()
	rp := newParty(t)
	c := accounts.PasskeyCreation{Challenge: challenge, Handle: handle, Name: "ann"}
	keys := &passkeytest.Authenticator{Origin: origin, Syncing: true, BackedUp: true}
	made, err := create(t, rp, keys, c)
	if err != nil {
		t.Fatal(err)
	}
	if !made.BackupEligible || !made.BackedUp || len(made.Transports) != 2 || made.SignCount != 0 || len(made.AAGUID) != 16 {
		t.Errorf("%+v", made)
	}
	keys.Passkeys[0].Count = 5
	q := accounts.PasskeyRequest{Challenge: challenge, Handle: handle, VerifyUser: true}
	options, err := rp.RequestOptions(q)
	if err != nil {
		t.Fatal(err)
	}
	get := func(keys *passkeytest.Authenticator) []byte {
		t.Helper()
		answer, err := keys.Get(options)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	answer := get(keys)
	if use, err := rp.CheckRequest(q, made, answer); err != nil || use != (accounts.PasskeyUse{SignCount: 6, BackedUp: true}) {
		t.Errorf("%+v, %v", use, err)
	}
	// A count that does not grow is for accounts to judge.
	higher := made
	higher.SignCount = 9
	if use, err := rp.CheckRequest(q, higher, answer); err != nil || use.SignCount != 6 {
		t.Errorf("%+v, %v", use, err)
	}
	other := &passkeytest.Authenticator{Origin: origin}
	theirs, err := create(t, rp, other, c)
	if err != nil {
		t.Fatal(err)
	}
	if theirs.BackupEligible || theirs.BackedUp {
		t.Errorf("%+v", theirs)
	}
	allowing := q
	allowing.Allowed = []accounts.PasskeyCredential{theirs, made}
	if _, err := rp.CheckRequest(allowing, made, answer); err != nil {
		t.Errorf("one of those allowed: %v", err)
	}
	// The output of extensions that were not requested is ignored.
	extended := strings.Replace(string(answer), `"clientExtensionResults":{}`, `"clientExtensionResults":{"appid":true,"other":{"a":1}}`, 1)
	if _, err := rp.CheckRequest(q, made, []byte(extended)); err != nil || extended == string(answer) {
		t.Errorf("with extensions: %v", err)
	}
	// One that has counted before goes on from there.
	counted := &passkeytest.Authenticator{Origin: origin}
	if _, err := create(t, rp, counted, c); err != nil {
		t.Fatal(err)
	}
	counted.Passkeys[0].Count = 7
	again, err := counted.CreateWith(passkeytest.Options{Challenge: challenge}, counted.Passkeys[0])
	if err != nil {
		t.Fatal(err)
	}
	if made, err := rp.CheckCreation(c, again); err != nil || made.SignCount != 7 {
		t.Errorf("%+v, %v", made, err)
	}
	for name, tt := range map[string]struct {
		q      func(*accounts.PasskeyRequest)
		of     accounts.PasskeyCredential
		answer []byte
	}{
		"another challenge":   {func(q *accounts.PasskeyRequest) { q.Challenge = []byte("another challenge of enough bytes") }, made, answer},
		"another user":        {func(q *accounts.PasskeyRequest) { q.Handle = []byte("other") }, made, answer},
		"another passkey":     {nil, theirs, answer},
		"one not allowed":     {func(q *accounts.PasskeyRequest) { q.Allowed = []accounts.PasskeyCredential{theirs} }, made, answer},
		"another key":         {nil, accounts.PasskeyCredential{ID: made.ID, PublicKey: theirs.PublicKey, BackupEligible: true}, answer},
		"no longer to sync":   {nil, accounts.PasskeyCredential{ID: made.ID, PublicKey: made.PublicKey}, answer},
		"another site":        {nil, made, get(&passkeytest.Authenticator{Origin: "https://app.example.com", Passkeys: keys.Passkeys})},
		"not verified":        {nil, made, get(&passkeytest.Authenticator{Origin: origin, Unverified: true, Passkeys: keys.Passkeys})},
		"more than an answer": {nil, made, append(answer[:len(answer):len(answer)], '{')},
		"nothing":             {nil, made, nil},
	} {
		changed := q
		if tt.q != nil {
			tt.q(&changed)
		}
		use, err := rp.CheckRequest(changed, tt.of, tt.answer)
		if !errors.Is(err, accounts.ErrPasskey) || use != (accounts.PasskeyUse{}) {
			t.Errorf("%s: %+v, %v", name, use, err)
		}
		if name == "another site" && !strings.Contains(err.Error(), "https://app.example.com") {
			t.Errorf("the reason does not say which: %v", err)
		}
	}
	q.VerifyUser = false
	if _, err := rp.CheckRequest(q, made, get(&passkeytest.Authenticator{Origin: origin, Unverified: true, Passkeys: keys.Passkeys})); err != nil {
		t.Errorf("a touch where that is enough: %v", err)
	}
	for name, keys := range map[string]*passkeytest.Authenticator{
		"not verified": {Origin: origin, Unverified: true}, "another site": {Origin: "https://example.com"},
	} {
		if _, err := create(t, rp, keys, c); !errors.Is(err, accounts.ErrPasskey) {
			t.Errorf("made, %s: %v", name, err)
		}
	}
	for text, readable := range map[string]bool{
		"": false, "{}": false, "[]": false, `{"response":{"clientDataJSON":"e30"}}`: true, `{"response":{"clientDataJSON":"x"}}`: false,
		`{"response":{"clientDataJSON":"eyJjaGFsbGVuZ2UiOiIqIn0"}}`: false, // {"challenge":"*"}
		`{"response":{"clientDataJSON":"e30"},"rawId":{}}`:          false, string(answer) + "{": false,
	} {
		claimed, err := rp.ReadAnswer([]byte(text))
		if (err == nil) != readable || len(claimed.Challenge) > 0 || err != nil && !errors.Is(err, accounts.ErrPasskey) {
			t.Errorf("%q: %+v, %v", text, claimed, err)
		}
		if _, err := rp.CheckCreation(c, []byte(text)); !errors.Is(err, accounts.ErrPasskey) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A user adds a passkey in one browser and logs in by it in another.
func TestLogIn(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: origin, Keys: keys, Passkeys: newParty(t)})
	if err != nil {
		t.Fatal(err)
	}
	u, err := acc.Create(t.Context(), accounts.NewUser{Email: "ann@lp.com"})
	if err != nil {
		t.Fatal(err)
	}
	device := &passkeytest.Authenticator{Origin: origin}
	browser := func(steps ...func(w http.ResponseWriter, r *http.Request) error) {
		t.Helper()
		cookies := map[string]*http.Cookie{}
		for _, step := range steps {
			r, w := httptest.NewRequest("POST", "/", nil), httptest.NewRecorder()
			for _, c := range cookies {
				r.AddCookie(c)
			}
			acc.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { err = step(w, r) })).ServeHTTP(w, r)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range w.Result().Cookies() {
				cookies[c.Name] = c
			}
		}
	}
	var options, answer []byte
	browser(func(w http.ResponseWriter, r *http.Request) error {
		return acc.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
	}, func(w http.ResponseWriter, r *http.Request) (err error) {
		options, err = acc.PasskeyOptions(w, r)
		return err
	}, func(w http.ResponseWriter, r *http.Request) (err error) {
		if answer, err = device.Create(options); err == nil {
			_, _, err = acc.AddPasskey(w, r, answer, "phone")
		}
		return err
	})
	browser(func(w http.ResponseWriter, r *http.Request) (err error) {
		options, err = acc.PasskeyLoginOptions(w, r)
		return err
	}, func(w http.ResponseWriter, r *http.Request) (err error) {
		if answer, err = device.Get(options); err == nil {
			err = acc.LogInByPasskey(w, r, answer, false)
		}
		return err
	}, func(_ http.ResponseWriter, r *http.Request) error {
		if got := acc.CurrentUser(r.Context()); got != u.ID {
			t.Errorf("%q is signed in", got)
		}
		return nil
	})
}
