// Package fold compares names without case.
package fold

// ASCII returns s with its ASCII letters in lower case. Other letters stay: by
// Unicode's folding the Kelvin sign is a k, and two addresses would be one.
func ASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
