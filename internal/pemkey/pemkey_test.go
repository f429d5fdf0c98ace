package pemkey_test

import (
	"encoding/pem"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/pemkey"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte(strings.Repeat("key ", 40))}))
	for name, written := range map[string]string{
		"as it is":     text,
		`as \n`:        strings.ReplaceAll(text, "\n", `\n`),
		`as \r\n`:      strings.ReplaceAll(text, "\n", `\r\n`),
		"as CR and LF": strings.ReplaceAll(text, "\n", "\r\n"),
	} {
		if block := pemkey.Decode(written); block == nil || block.Type != "PRIVATE KEY" || string(block.Bytes) != strings.Repeat("key ", 40) {
			t.Errorf("%s: %+v", name, block)
		}
	}
	for _, none := range []string{"", "key", strings.ReplaceAll(text, "\n", " ")} {
		if block := pemkey.Decode(none); block != nil {
			t.Errorf("%q: %+v", none, block)
		}
	}
}
