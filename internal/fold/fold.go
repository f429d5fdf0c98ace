// Package fold compares names without case.
package fold

// ASCII lowers ASCII letters and leaves everything else.
func ASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
