package oauth_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

func TestPaths(t *testing.T) {
	t.Parallel()
	const doc = " {\"tab\":1\t,\"line\":2\n,\"return\":3\r,\"space\":4 ,\"plain\":5,\"word\":true,\"last\" :\t-6\r\n, " +
		"\"list\" : [ 1\t,\n[ ] , {\"a\":[2]},\"x\"] ,\"a\\\"b\":7,\"\\\"q\":8,\"q\\\"\":9,\"\\\"\":10,\"\":11," +
		"\"text\":\"a\\\\\",\"braces\":\"}]\\\",\",\"in\":{\"a\":{},\"b\":[[]],\"c\":\"d\"},\"null\":null,\"same\":1,\"same\":{\"x\":2},\"bad\xff\":3,\"end\":6}\n "
	for path, want := range map[string]string{
		"tab": "1", "line": "2", "return": "3", "space": "4", "plain": "5", "word": "true", "last": "-6", "end": "6",
		"list": "[ 1\t,\n[ ] , {\"a\":[2]},\"x\"]", "list.0": "1", "list.1": "[ ]", "list.2.a": "[2]", "list.2.a.0": "2", "list.3": `"x"`,
		"list.00": "", "list.+0": "", "list.-1": "", "list.": "", "list.9223372036854775808": "", "list.x": "", "list.1.0": "",
		`a"b`: "7", `"q`: "8", `q"`: "9", `"`: "10", `""`: "11", "": strings.TrimSpace(doc),
		"text": `"a\\"`, "braces": `"}]\","`, "in": `{"a":{},"b":[[]],"c":"d"}`, "in.a": "{}", "in.b": "[[]]", "in.b.0": "[]", "in.c": `"d"`,
		"null": "null", "null.x": "", "plain.x": "", "text.x": "", "none": "", "none.x": "", "in.none.c": "", "same": `{"x":2}`, "same.x": "2",
		"bad\xff": "3", "bad\ufffd": "", "list.4": "", "list.9": "", "in.b.1": "",
	} {
		if got := oauth.At([]byte(doc), path); string(got) != want || (got == nil) != (want == "") {
			t.Errorf("%q: got %q (nil: %v), want %q", path, got, got == nil, want)
		}
	}
	// What follows the document is not read.
	for doc, want := range map[string]string{`{"a":[1]}"x`: `{"a":[1]}`, `["a"]"x`: `["a"]`, `"a"x`: `"a"`, ` 1 "`: "1"} {
		if got := oauth.At([]byte(doc), ""); string(got) != want {
			t.Errorf("%s: got %q, want %q", doc, got, want)
		}
	}
}

// A mapping finds nothing in documents that are too short to have anything.
func TestMappingOfLittle(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{`1`, `"id"`, `null`, `[]`, `{}`, ` `, ``} {
		for _, expr := range []string{"id", "a.b", "{id}/{x}", "a b", `"id"`, "id|0"} {
			if p, err := oauth.ProfileOf(oauth.Mapping{Subject: expr, DisplayName: expr, Email: expr, EmailVerified: expr}, json.RawMessage(doc)); err == nil {
				t.Errorf("%s in %s: got %+v", expr, doc, p)
			}
		}
	}
}
