// Package fold compares names without case.
package fold

// ASCII lowers ASCII letters and leaves everything else: in Unicode's folding, K
// (Kelvin) is k, and two addresses would be one.
func ASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
