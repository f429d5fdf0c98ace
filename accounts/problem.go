package accounts

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"
)

// refuse answers with a problem document (RFC 9457) to who asks for JSON, and
// with a line of text to others.
func refuse(w http.ResponseWriter, r *http.Request, status int, code, detail string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if !wantsJSON(r) {
		http.Error(w, detail, status)
		return
	}
	body, _ := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		Code   string `json:"code"`
	}{"about:blank", http.StatusText(status), status, detail, code})
	h.Set("Content-Type", "application/problem+json")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body)
}

// wantsJSON reports whether a request asks for JSON, before HTML if for both.
func wantsJSON(r *http.Request) bool {
	for _, line := range r.Header["Accept"] {
		for part := range strings.SplitSeq(line, ",") {
			switch kind, _, _ := mime.ParseMediaType(part); kind {
			case "application/json", "application/problem+json":
				return true
			case "text/html":
				return false
			}
		}
	}
	return false
}
