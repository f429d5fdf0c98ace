package social

import (
	"net/http"
	"time"
)

// A Flash is a message for the next page that is shown.
type Flash struct {
	Category string // "success", "info", "notice", "error"
	Text     string
}

const (
	flashCookie = "social_flash"
	flashTTL    = time.Hour
	maxFlashes  = 8
)

// Flash leaves a message for the next page, unless Config.NoFlash is set. Call
// it before the answer's header is written.
func (s *Social) Flash(w http.ResponseWriter, r *http.Request, category, text string) {
	if s.cfg.NoFlash {
		return
	}
	flashes := append(s.flashes(w, r), Flash{category, text})
	if len(flashes) > maxFlashes {
		flashes = flashes[len(flashes)-maxFlashes:]
	}
	// When they do not fit, the oldest go.
	for len(flashes) > 0 && s.jar.Set(w, flashCookie, encodeFlashes(flashes), flashTTL) != nil {
		flashes = flashes[1:]
	}
}

// Flashes takes the messages left for this page, those of this request
// included. Call it before the answer's header is written.
func (s *Social) Flashes(w http.ResponseWriter, r *http.Request) []Flash {
	flashes := s.flashes(w, r)
	if len(flashes) > 0 {
		s.jar.Clear(w, flashCookie)
	}
	return flashes
}

func (s *Social) flashes(w http.ResponseWriter, r *http.Request) []Flash {
	value, written := s.jar.Written(w, flashCookie)
	if !written {
		value, _ = s.jar.Get(r, flashCookie)
	}
	return decodeFlashes(value)
}

func encodeFlashes(flashes []Flash) []byte {
	var b []byte
	for _, f := range flashes {
		b = appendString(b, f.Category)
		b = appendString(b, f.Text)
	}
	return b
}

func decodeFlashes(b []byte) []Flash {
	var flashes []Flash
	rest := &reader{bytes: b, text: string(b)}
	for len(rest.bytes) > 0 {
		f := Flash{Category: rest.string(), Text: rest.string()}
		if rest.failed {
			return nil
		}
		flashes = append(flashes, f)
	}
	return flashes
}
