package social

import "net/http"

// A MarkPages is Pages that serve the providers' marks.
type MarkPages interface {
	// MarkURL returns the address of a mark, an SVG picture, or "" without one. mark is
	// that of the provider's Description.
	MarkURL(mark string) string
}

// A providerDocument is a provider as JSON, with the addresses of its flows at this
// site.
type providerDocument struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Mark         string   `json:"mark"` // "" without one
	LoginURL     string   `json:"login_url"`
	ConnectURL   string   `json:"connect_url"`
	ReconnectURL string   `json:"reconnect_url"`
	Hints        []string `json:"hints"` // fields that the flows take
}

// listProviders lists the providers for front ends that have pages of their own.
func (q *request) listProviders() outcome {
	providers, err := q.vault.Providers(q.r.Context())
	if err != nil {
		return failure(err)
	}
	marks, _ := q.pages.(MarkPages)
	documents := make([]providerDocument, len(providers))
	for i, p := range providers {
		b := q.button(p)
		documents[i] = providerDocument{p.ID, p.Name, "", b.LoginURL, b.ConnectURL, b.ReconnectURL, append([]string{}, p.Hints...)}
		if marks != nil {
			documents[i].Mark = marks.MarkURL(p.Mark)
		}
	}
	return outcome{status: http.StatusOK, body: documents}
}
