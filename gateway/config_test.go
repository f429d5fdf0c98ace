package gateway_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/gateway"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	s := open(t)
	good := gateway.Config{URL: gatewayURL, Social: s.soc, Documents: s.docs, Keys: s.keys}
	for address, taken := range map[string]bool{
		"https://gateway.example.com/": true, "http://localhost:8082": true, "http://127.0.0.1:8082": true, "http://[::1]:8082": true,
		"": false, "gateway.example.com": false, "http://gateway.example.com": false, "http://10.0.0.1:8082": false, "ftp://localhost": false,
		"https://a:b@gateway.example.com": false, "https://gateway.example.com?x": false, "https://gateway.example.com#x": false,
	} {
		c := good
		c.URL = address
		if _, err := gateway.New(c); (err == nil) != taken {
			t.Errorf("the address %q: %v", address, err)
		}
	}
	for field, drop := range map[string]func(*gateway.Config){
		"Social": func(c *gateway.Config) { c.Social = nil }, "Documents": func(c *gateway.Config) { c.Documents = nil }, "Keys": func(c *gateway.Config) { c.Keys = nil },
	} {
		c := good
		drop(&c)
		if _, err := gateway.New(c); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("without %s: %v", field, err)
		}
	}
}
