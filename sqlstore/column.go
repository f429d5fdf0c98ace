package sqlstore

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/gosocial/social/accounts"
)

// micros scans whole microseconds since 1970 into a time; 0 is the zero time.
type micros time.Time

func (m *micros) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T", v)
	}
	*m = micros(fromMicros(n))
	return nil
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

func toMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

var (
	escapeScope   = strings.NewReplacer("%", "%25", " ", "%20")
	unescapeScope = strings.NewReplacer("%25", "%", "%20", " ")
)

// emptyScope stands for "" in a joined list; as an escape it is incomplete, so
// that nothing else is written like it.
const emptyScope = "%"

// joinScopes joins scopes by spaces, as OAuth does (RFC 6749 §3.3), and escapes
// what a scope should not hold but might.
func joinScopes(list []string) string {
	plain := true
	for _, s := range list {
		plain = plain && s != "" && !strings.ContainsAny(s, " %")
	}
	if plain {
		return strings.Join(list, " ")
	}
	escaped := make([]string, len(list))
	for i, s := range list {
		escaped[i] = emptyScope
		if s != "" {
			escaped[i] = escapeScope.Replace(s)
		}
	}
	return strings.Join(escaped, " ")
}

// splitScopes is the reverse of joinScopes; none is nil.
func splitScopes(text string) []string {
	if text == "" {
		return nil
	}
	list := strings.Split(text, " ")
	if !strings.Contains(text, "%") {
		return list
	}
	for i, s := range list {
		if s == emptyScope {
			list[i] = ""
		} else {
			list[i] = unescapeScope.Replace(s)
		}
	}
	return list
}

// key is what an e-mail address or username is compared by: without ASCII case.
// Nil, which is distinct from every other, for none.
func key(name string) any {
	if name == "" {
		return nil
	}
	return accounts.Fold(name)
}

func toInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// number is the same for a name everywhere, and hardly ever that of another.
func number(name string) int64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return int64(h.Sum64())
}

// blob is never nil, which would be NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
