package oauth_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gosocial/social/oauth"
)

const form = "application/x-www-form-urlencoded"

func request(t testing.TB, method, address, contentType, body string) *http.Request {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, address, reader)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

func TestSecurity31_ExamplesOfRFC5849(t *testing.T) {
	t.Parallel()
	// §3.4.1.1
	req := request(t, "POST", "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", form, "c2&a3=2+q")
	got, err := oauth.BaseString(req,
		[2]string{"oauth_consumer_key", "9djdj82h48djs9d2"}, [2]string{"oauth_token", "kkk9d7dh3k39sjv7"},
		[2]string{"oauth_signature_method", "HMAC-SHA1"}, [2]string{"oauth_timestamp", "137131201"}, [2]string{"oauth_nonce", "7d8f3e4a"})
	want := "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D" +
		"%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1" +
		"%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	if err != nil || got != want {
		t.Errorf("§3.4.1.1: error %v\n got %s\nwant %s", err, got, want)
	}

	// §1.2, the request for the photo
	header, err := oauth.Authorization(request(t, "GET", "http://photos.example.net/photos?file=vacation.jpg&size=original", "", ""),
		"kd94hf93k423kf44", "pfkkdhi9sl3r4s00",
		[2]string{"oauth_consumer_key", "dpf43f3p2l4k3l03"}, [2]string{"oauth_token", "nnch734d00sl2jdk"},
		[2]string{"oauth_signature_method", "HMAC-SHA1"}, [2]string{"oauth_timestamp", "137131202"}, [2]string{"oauth_nonce", "chapoH"})
	if want := `oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"`; err != nil || !strings.HasSuffix(header, want) {
		t.Errorf("§1.2: error %v, header %s, want %s", err, header, want)
	}
}

func TestSecurity31_ExampleOfTwitter(t *testing.T) {
	t.Parallel()
	own := [][2]string{
		{"oauth_consumer_key", "xvz1evFS4wEEPTGEFPHBog"}, {"oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"},
		{"oauth_signature_method", "HMAC-SHA1"}, {"oauth_timestamp", "1318622958"},
		{"oauth_token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"}, {"oauth_version", "1.0"},
	}
	post := func(version string) *http.Request {
		return request(t, "POST", "https://api.twitter.com/"+version+"/statuses/update.json?include_entities=true", form,
			"status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21")
	}
	got, err := oauth.BaseString(post("1.1"), own...)
	want := "POST&https%3A%2F%2Fapi.twitter.com%2F1.1%2Fstatuses%2Fupdate.json&include_entities%3Dtrue%26oauth_consumer_key%3Dxvz1evFS4wEEPTGEFPHBog" +
		"%26oauth_nonce%3DkYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1318622958" +
		"%26oauth_token%3D370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb%26oauth_version%3D1.0" +
		"%26status%3DHello%2520Ladies%2520%252B%2520Gentlemen%252C%2520a%2520signed%2520OAuth%2520request%2521"
	if err != nil || got != want {
		t.Errorf("error %v\n got %s\nwant %s", err, got, want)
	}
	// The signatures that were published with the two versions of the page.
	for version, signature := range map[string]string{
		"1.1": "hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D",
		"1":   "tnnArxj06cWHq44gCs1OSKk%2FjLY%3D",
	} {
		header, err := oauth.Authorization(post(version), "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE", own...)
		want := `OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", oauth_nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", ` +
			`oauth_signature_method="HMAC-SHA1", oauth_timestamp="1318622958", ` +
			`oauth_token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", oauth_version="1.0", oauth_signature="` + signature + `"`
		if err != nil || header != want {
			t.Errorf("version %s: error %v\n got %s\nwant %s", version, err, header, want)
		}
	}
}

func TestSecurity31_BaseString(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ method, address, contentType, body, want string }{
		"nothing":                  {"GET", "https://a.test/x", "", "", "GET&https%3A%2F%2Fa.test%2Fx&"},
		"empty path":               {"GET", "https://a.test", "", "", "GET&https%3A%2F%2Fa.test%2F&"},
		"empty path with a query":  {"GET", "https://a.test?q=1", "", "", "GET&https%3A%2F%2Fa.test%2F&q%3D1"},
		"default port of http":     {"GET", "http://a.test:80/", "", "", "GET&http%3A%2F%2Fa.test%2F&"},
		"default port of https":    {"GET", "https://a.test:443/", "", "", "GET&https%3A%2F%2Fa.test%2F&"},
		"the other's default port": {"GET", "http://a.test:443/", "", "", "GET&http%3A%2F%2Fa.test%3A443%2F&"},
		"another port":             {"GET", "https://a.test:8080/", "", "", "GET&https%3A%2F%2Fa.test%3A8080%2F&"},
		"small letters":            {"GET", "HTTPS://API.Test/Path", "", "", "GET&https%3A%2F%2Fapi.test%2FPath&"},
		"IPv6":                     {"GET", "http://[::1]:9000/", "", "", "GET&http%3A%2F%2F%5B%3A%3A1%5D%3A9000%2F&"},
		"escaped path":             {"GET", "http://a.test/r%20v/%2F/X?id=123", "", "", "GET&http%3A%2F%2Fa.test%2Fr%2520v%2F%252F%2FX&id%3D123"},
		"fragment":                 {"GET", "http://a.test/x?a=1#b=2", "", "", "GET&http%3A%2F%2Fa.test%2Fx&a%3D1"},
		"duplicates are sorted":    {"GET", "http://a.test/?a=2&a=1&a=2&a=10", "", "", "GET&http%3A%2F%2Fa.test%2F&a%3D1%26a%3D10%26a%3D2%26a%3D2"},
		"duplicates of both kinds": {"POST", "http://a.test/?a=2", form, "a=1&a=3", "POST&http%3A%2F%2Fa.test%2F&a%3D1%26a%3D2%26a%3D3"},
		"empty value, no value":    {"GET", "http://a.test/?b=&a", "", "", "GET&http%3A%2F%2Fa.test%2F&a%3D%26b%3D"},
		"empty name":               {"GET", "http://a.test/?=v", "", "", "GET&http%3A%2F%2Fa.test%2F&%3Dv"},
		"doubled ampersands":       {"GET", "http://a.test/?a=1&&b=2&", "", "", "GET&http%3A%2F%2Fa.test%2F&a%3D1%26b%3D2"},
		"second equals sign":       {"GET", "http://a.test/?a=b=c", "", "", "GET&http%3A%2F%2Fa.test%2F&a%3Db%253Dc"},
		"names by bytes":           {"GET", "http://a.test/?a%5B%5D=1&a=2&B=3&a-b=4", "", "", "GET&http%3A%2F%2Fa.test%2F&B%3D3%26a%3D2%26a%255B%255D%3D1%26a-b%3D4"},
		"unreserved":               {"GET", "http://a.test/?a=-._~AZaz09", "", "", "GET&http%3A%2F%2Fa.test%2F&a%3D-._~AZaz09"},
		"escaped unreserved":       {"GET", "http://a.test/?%61=%7e%2D", "", "", "GET&http%3A%2F%2Fa.test%2F&a%3D~-"},
		"reserved":                 {"GET", "http://a.test/?a=!*'()%26%3D", "", "", "GET&http%3A%2F%2Fa.test%2F&a%3D%2521%252A%2527%2528%2529%2526%253D"},
		"spaces":                   {"GET", "http://a.test/?a=b+c%20d%2Be", "", "", "GET&http%3A%2F%2Fa.test%2F&a%3Db%2520c%2520d%252Be"},
		"unicode":                  {"GET", "http://a.test/?a=%E2%98%83&%C3%BC=%c3%9f", "", "", "GET&http%3A%2F%2Fa.test%2F&%25C3%25BC%3D%25C3%259F%26a%3D%25E2%2598%2583"},
		"unicode as it stands":     {"POST", "http://a.test/", form, "a=\u2603", "POST&http%3A%2F%2Fa.test%2F&a%3D%25E2%2598%2583"},
		"form with a charset":      {"POST", "http://a.test/", form + "; charset=UTF-8", "a=1", "POST&http%3A%2F%2Fa.test%2F&a%3D1"},
		"form in capitals":         {"PUT", "http://a.test/", "Application/X-WWW-Form-URLencoded", "a=1", "PUT&http%3A%2F%2Fa.test%2F&a%3D1"},
		"JSON":                     {"POST", "http://a.test/?q=1", "application/json", `{"a":1}`, "POST&http%3A%2F%2Fa.test%2F&q%3D1"},
		"multipart":                {"POST", "http://a.test/", "multipart/form-data; boundary=x", "--x\r\n", "POST&http%3A%2F%2Fa.test%2F&"},
		"no content type":          {"POST", "http://a.test/", "", "a=1", "POST&http%3A%2F%2Fa.test%2F&"},
		"method in capitals":       {"patch", "http://a.test/", "", "", "PATCH&http%3A%2F%2Fa.test%2F&"},
		"form, space before ;":     {"POST", "http://a.test/", form + " ; charset=UTF-8", "a=1", "POST&http%3A%2F%2Fa.test%2F&a%3D1"},
		"hexadecimal digits":       {"GET", "http://a.test/?a=%00%09%aA%Ff%fF", "", "", "GET&http%3A%2F%2Fa.test%2F&a%3D%2500%2509%25AA%25FF%25FF"},
		"an escape at the end":     {"GET", "http://a.test/?%41=%42", "", "", "GET&http%3A%2F%2Fa.test%2F&A%3DB"},
		"form without a body":      {"POST", "http://a.test/?q=1", form, "", "POST&http%3A%2F%2Fa.test%2F&q%3D1"},
	} {
		got, err := oauth.BaseString(request(t, tc.method, tc.address, tc.contentType, tc.body))
		if err != nil || got != tc.want {
			t.Errorf("%s: error %v\n got %s\nwant %s", name, err, got, tc.want)
		}
	}

	// The Host header is what the server sees.
	req := request(t, "GET", "http://127.0.0.1:9000/x", "", "")
	req.Host = "API.Test:80"
	if got, err := oauth.BaseString(req); err != nil || got != "GET&http%3A%2F%2Fapi.test%2Fx&" {
		t.Errorf("host of its own: %s, %v", got, err)
	}
	// A request made by hand names neither method nor host.
	for host, want := range map[string]string{"a.test": "a.test", "a.test:8080": "a.test%3A8080", "A.Test:80": "a.test", "a.test:": "a.test"} {
		req := &http.Request{URL: &url.URL{Scheme: "http", Host: host, Path: "/x"}}
		if got, err := oauth.BaseString(req); err != nil || got != "GET&http%3A%2F%2F"+want+"%2Fx&" {
			t.Errorf("made by hand, %s: %s, %v", host, got, err)
		}
	}
}

func TestSecurity31_WhatCannotBeSignedIsRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]*http.Request{
		"broken escape in the query": request(t, "GET", "http://a.test/?a=%zz", "", ""),
		"escape cut short":           request(t, "GET", "http://a.test/?a=%4", "", ""),
		"broken escape in the body":  request(t, "POST", "http://a.test/", form, "a=%"),
		"the protocol's in a query":  request(t, "GET", "http://a.test/?oauth_token=x", "", ""),
		"the protocol's, escaped":    request(t, "GET", "http://a.test/?oauth%5Ftoken=x", "", ""),
		"the protocol's in a body":   request(t, "POST", "http://a.test/", form, "oauth_token=x"),
		"another scheme":             request(t, "GET", "ftp://a.test/", "", ""),
		"escape of no hex digits":    request(t, "GET", "http://a.test/?a=%0g", "", ""),
		"escape of one hex digit":    request(t, "GET", "http://a.test/?a=%g0", "", ""),
		"escape of a sign":           request(t, "GET", "http://a.test/?a=%+1", "", ""),
		"broken escape in a name":    request(t, "GET", "http://a.test/?%zz=a", "", ""),
		"no scheme":                  request(t, "GET", "/x", "", ""),
		"no host":                    request(t, "GET", "http:///x", "", ""),
		"body that fails":            broken(t, true, nil),
		"body that is gone":          broken(t, false, errors.New("gone")),
		"opaque":                     {Method: "GET", URL: &url.URL{Scheme: "http", Opaque: "//b.test/", Host: "a.test"}},
	} {
		if header, err := oauth.Authorization(tc, "c", "t", [2]string{"oauth_token", "x"}); err == nil {
			t.Errorf("%s: signed as %q", name, header)
		}
	}
}

// broken makes a form request whose body cannot be read, or not again.
func broken(t *testing.T, read bool, again error) *http.Request {
	req := request(t, "POST", "http://a.test/", form, "a=1")
	if read {
		req.GetBody, req.Body = nil, io.NopCloser(io.MultiReader(strings.NewReader("a=1"), iotest.ErrReader(errors.New("broken"))))
	}
	if again != nil {
		req.GetBody = func() (io.ReadCloser, error) { return nil, again }
	}
	return req
}

// A form may have 16 MiB, and no more of it is read than that.
func TestSecurity31_FormsAreBounded(t *testing.T) {
	t.Parallel()
	const limit = 16 << 20
	for size, good := range map[int64]bool{limit: true, limit + 1: false, 4 * limit: false} {
		body := &io.LimitedReader{R: endless{}, N: size}
		req, err := http.NewRequest("POST", "http://a.test/", body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", form)
		if _, err := oauth.BaseString(req); (err == nil) != good {
			t.Errorf("%d bytes: %v", size, err)
		}
		if read := size - body.N; read > limit+1 {
			t.Errorf("%d bytes were read of %d", read, size)
		}
	}
}

// endless reads as ampersands, which sign as nothing.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '&'
	}
	return len(p), nil
}

func TestSecurity31_BodyIsStillSent(t *testing.T) {
	t.Parallel()
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"replayable": func(r io.Reader) io.Reader { return r },
		"a stream":   func(r io.Reader) io.Reader { return io.MultiReader(r) },
	} {
		req, _ := http.NewRequest("POST", "http://a.test/", wrap(strings.NewReader("a=1&a=2")))
		req.Header.Set("Content-Type", form)
		sent, replayable := req.Body, req.GetBody != nil
		for range 2 { // a request is signed anew when it is sent again
			if got, err := oauth.BaseString(req); err != nil || got != "POST&http%3A%2F%2Fa.test%2F&a%3D1%26a%3D2" {
				t.Fatalf("%s: %s, %v", name, got, err)
			}
		}
		if replayable && req.Body != sent {
			t.Errorf("%s: the body is another one", name)
		}
		again, err := req.GetBody()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, body := range []io.Reader{req.Body, again} {
			if b, err := io.ReadAll(body); err != nil || string(b) != "a=1&a=2" || req.ContentLength != 7 {
				t.Errorf("%s: body %q of length %d, %v", name, b, req.ContentLength, err)
			}
		}
	}
	// No body is no form, whatever the header says.
	for _, body := range []io.ReadCloser{nil, http.NoBody} {
		req := &http.Request{Method: "POST", URL: &url.URL{Scheme: "http", Host: "a.test"}, Header: http.Header{"Content-Type": {form}}, Body: body}
		if got, err := oauth.BaseString(req); err != nil || got != "POST&http%3A%2F%2Fa.test%2F&" || req.Body != body {
			t.Errorf("without a body: %s, %v, body %v", got, err, req.Body)
		}
	}
	// What is not signed is not read.
	stream := &countingReader{strings.NewReader(`{"a":1}`), 0}
	req, _ := http.NewRequest("POST", "http://a.test/", stream)
	req.Header.Set("Content-Type", "application/json")
	if _, err := oauth.BaseString(req); err != nil || stream.reads != 0 {
		t.Errorf("JSON: %d reads, %v", stream.reads, err)
	}
}

type countingReader struct {
	io.Reader
	reads int
}

func (r *countingReader) Read(p []byte) (int, error) { r.reads++; return r.Reader.Read(p) }

func FuzzBaseString(f *testing.F) {
	f.Add("POST", "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", "c2&a3=2+q", uint64(1))
	f.Add("get", "https://a.test", "a=\xff&%=&==&&;", uint64(2))
	f.Add("PUT", "https://[::1]:443/%2F?a&a&b=~", "a=%7E&a=~&a", uint64(3))
	f.Fuzz(func(t *testing.T, method, address, body string, seed uint64) {
		u, err := url.Parse(address)
		if err != nil {
			return
		}
		base := func(query, body string) (string, error) {
			v := *u
			v.RawQuery = query
			return oauth.BaseString(&http.Request{
				Method: method, URL: &v, Header: http.Header{"Content-Type": {form}},
				Body: io.NopCloser(strings.NewReader(body)),
			}, [2]string{"oauth_nonce", "n"})
		}
		first, firstErr := base(u.RawQuery, body)
		shuffle := func(s string) string {
			parts := strings.Split(s, "&")
			rand.New(rand.NewPCG(seed, 0)).Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
			return strings.Join(parts, "&")
		}
		second, secondErr := base(shuffle(u.RawQuery), shuffle(body))
		if (firstErr == nil) != (secondErr == nil) || firstErr == nil && first != second {
			t.Errorf("the order changes the base string:\n%s, %v\n%s, %v", first, firstErr, second, secondErr)
		}
		if firstErr != nil {
			return
		}
		// Three parts, and all parameters are in the third, sorted.
		parts := strings.Split(first, "&")
		if len(parts) < 3 {
			t.Fatalf("%q has not three parts", first)
		}
		normalized, err := url.PathUnescape(parts[len(parts)-1])
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for part := range strings.SplitSeq(u.RawQuery+"&"+body+"&oauth_nonce=n", "&") {
			if part == "" {
				continue
			}
			name, value, _ := strings.Cut(part, "=")
			name, _ = url.QueryUnescape(name)
			value, _ = url.QueryUnescape(value)
			want = append(want, name+"\x00"+value)
		}
		var got []string
		for part := range strings.SplitSeq(normalized, "&") {
			name, value, _ := strings.Cut(part, "=")
			name, _ = url.PathUnescape(name)
			value, _ = url.PathUnescape(value)
			got = append(got, name+"\x00"+value)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("signed %q, sent %q", got, want)
		}
	})
}

func FuzzParseCredentials(f *testing.F) {
	f.Add("oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true")
	f.Add("oauth_token=a&oauth_token=b")
	f.Add("<html>\x00%zz=&&=")
	f.Fuzz(func(t *testing.T, body string) {
		token, secret, confirmed, ok := oauth.ParseCredentials(body)
		if !ok && (token != "" || secret != "" || confirmed) {
			t.Error("a refused answer leaves something behind")
		}
		if !ok || token == "" {
			return
		}
		again, secretAgain, confirmedAgain, ok := oauth.ParseCredentials(url.Values{
			"oauth_token": {token}, "oauth_token_secret": {secret}, "oauth_callback_confirmed": {map[bool]string{true: "true"}[confirmed]},
		}.Encode())
		if !ok || again != token || secretAgain != secret || confirmedAgain != confirmed {
			t.Errorf("%q reads as another token when written again", body)
		}
	})
}

func BenchmarkOAuth1Sign(b *testing.B) {
	p := &oauth.OAuth1{
		ID: "twitter", Credentials: []oauth.Credentials{{ClientID: "xvz1evFS4wEEPTGEFPHBog", ClientSecret: "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"}},
		Endpoints: oauth.Endpoints{RequestToken: "https://a.test/r", Authorize: "https://a.test/o", Token: "https://a.test/t", UserInfo: "https://a.test/u"},
		Profile:   oauth.Mapping{Subject: "id"},
	}
	c, err := p.Open(oauth.Env{Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	token := oauth.Token{Access: "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", Secret: "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"}
	for name, req := range map[string]*http.Request{
		"query": request(b, "GET", "https://api.twitter.com/1.1/account/verify_credentials.json?include_email=true&skip_status=true", "", ""),
		"form":  request(b, "POST", "https://api.twitter.com/1.1/statuses/update.json?include_entities=true", form, "status=Hello%20Ladies%20%2b%20Gentlemen"),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Sign(req, token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
