package social

import (
	"encoding/json"
	"net/http"
	"strings"
)

// maxForm bounds the body of a request to the endpoints.
const maxForm = 64 << 10

// readForm reads what a request asks for: query, form, or a JSON object whose
// fields are strings or lists of them. A body that cannot be read says nothing.
func readForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		r.FormValue("")
		return
	}
	r.Form = r.URL.Query()
	var object map[string]any
	if json.NewDecoder(r.Body).Decode(&object) != nil {
		return
	}
	for name, value := range object {
		switch value := value.(type) {
		case string:
			r.Form.Set(name, value)
		case []any:
			var words []string
			for _, word := range value {
				if word, ok := word.(string); ok {
					words = append(words, word)
				}
			}
			r.Form.Set(name, strings.Join(words, " "))
		}
	}
}
