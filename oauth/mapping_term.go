package oauth

// join evaluates terms separated by spaces. found reports whether any path led
// to something other than null.
func join(doc []byte, terms string, text func([]byte) string) (joined string, found bool) {
	for more := true; more; {
		var term string
		if term, terms, more = cut(terms, ' '); term == "" {
			continue
		}
		s, there := fill(doc, term, text)
		found = found || there
		switch {
		case s == "":
		case joined == "":
			joined = s
		default:
			joined += " " + s
		}
	}
	return joined, found
}

// fill evaluates one term: a path, or literal text with paths in braces. One
// path without a value empties the whole term.
func fill(doc []byte, term string, text func([]byte) string) (filled string, found bool) {
	if _, _, braces := cut(term, '{'); !braces {
		value := at(doc, term)
		return text(value), value != nil && string(value) != "null"
	}
	whole := true
	for {
		literal, rest, ok := cut(term, '{')
		filled += literal
		if !ok {
			break
		}
		var path string
		path, term, _ = cut(rest, '}')
		value := at(doc, path)
		found = found || value != nil && string(value) != "null"
		s := text(value)
		whole = whole && s != ""
		filled += s
	}
	if !whole {
		return "", found
	}
	return filled, true
}
