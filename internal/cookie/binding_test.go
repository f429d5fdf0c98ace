package cookie_test

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosocial/social/internal/cookie"
)

var errSeal = errors.New("no key")

type noKey struct{}

func (noKey) Seal(_, _ []byte) ([]byte, error) { return nil, errSeal }
func (noKey) Open(_, _ []byte) ([]byte, error) { return nil, errSeal }

func TestWhatIsNotSealedIsNotSet(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	if err := cookie.New(noKey{}, "s", false, time.Now).Set(w, "flow", []byte("value"), time.Minute); !errors.Is(err, errSeal) || len(w.Header()) != 0 {
		t.Errorf("%v, %v", err, w.Header())
	}
}

// A careless sealer returns what it could not authenticate.
type careless struct{}

func (careless) Seal(plain, _ []byte) ([]byte, error)  { return plain, nil }
func (careless) Open(sealed, _ []byte) ([]byte, error) { return sealed, errSeal }

func TestSecurity02_WhatIsNotAuthenticIsNotOpened(t *testing.T) {
	t.Parallel()
	jar := cookie.New(careless{}, "s", false, time.Now)
	w := httptest.NewRecorder()
	if err := jar.Set(w, "flow", []byte("value"), time.Minute); err != nil {
		t.Fatal(err)
	}
	if got, err := jar.Get(back(w), "flow"); got != nil || !errors.Is(err, cookie.ErrInvalid) {
		t.Errorf("%q, %v", got, err)
	}
}

// A value opens as what it was sealed as: what the same keys sealed for another
// purpose, or under a name and a scope that only look the same together, does not.
func TestSecurity02_BoundToPurposeNameAndScope(t *testing.T) {
	t.Parallel()
	keys := ring(t)
	expiry := binary.BigEndian.AppendUint64(nil, uint64(time.Now().Add(time.Hour).UnixMilli()))
	seal := func(plain []byte, associated string) string {
		sealed, err := keys.Seal(plain, []byte(associated))
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(sealed)
	}
	var whole string // whose base 64 has no bits to spare
	for plain := append(expiry, 'v'); len(whole)%4 != 0 || whole == ""; plain = append(plain, 'v') {
		whole = seal(plain, "social cookie 1\x00flow\x00scope")
	}
	for _, tc := range []struct {
		about, value string
		err          error
	}{
		{"its own", seal(append(expiry, 'v'), "social cookie 1\x00flow\x00scope"), nil},
		{"an empty one", seal(expiry, "social cookie 1\x00flow\x00scope"), nil},
		{"one without an expiry", seal(expiry[1:], "social cookie 1\x00flow\x00scope"), cookie.ErrInvalid},
		{"nothing", seal(nil, "social cookie 1\x00flow\x00scope"), cookie.ErrInvalid},
		{"another purpose", seal(expiry, "flow\x00scope"), cookie.ErrInvalid},
		{"another name and scope", seal(expiry, "social cookie 1\x00flows\x00cope"), cookie.ErrInvalid},
		{"a name and scope in one", seal(expiry, "social cookie 1\x00flowscope"), cookie.ErrInvalid},
		{"no base 64", "!", cookie.ErrInvalid},
		{"base 64 and more", whole + "!", cookie.ErrInvalid},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "flow="+tc.value)
		if _, err := cookie.New(keys, "scope", false, time.Now).Get(r, "flow"); !errors.Is(err, tc.err) {
			t.Errorf("%s: %v", tc.about, err)
		}
	}
}

// Cookies are told apart by their whole names, and each is replaced alone.
func TestWrittenAmongOthers(t *testing.T) {
	t.Parallel()
	jar := cookie.New(ring(t), "s", true, time.Now)
	w := httptest.NewRecorder()
	w.Header()["Set-Cookie"] = []string{"", "__Host-flow", "__Host-flow_x=1; Path=/", "x__Host-flow=2"}
	if _, written := jar.Written(w, "flow"); written {
		t.Error("written before")
	}
	if err := jar.Set(w, "flow", []byte("value"), time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := w.Header()["Set-Cookie"]; len(got) != 5 || got[2] != "__Host-flow_x=1; Path=/" {
		t.Errorf("%q", got)
	}
	if got, written := jar.Written(w, "flow"); !written || string(got) != "value" {
		t.Errorf("%q, %v", got, written)
	}
	r := &http.Request{Header: http.Header{"Cookie": {w.Header()["Set-Cookie"][4]}}}
	if list := jar.All(r, "fl"); len(list) != 1 || list[0].Name != "flow" || string(list[0].Value) != "value" {
		t.Errorf("%+v", list)
	}
	if list := cookie.New(ring(t), "s", false, time.Now).All(r, "fl"); list != nil {
		t.Errorf("without the prefix: %+v", list)
	}
}
