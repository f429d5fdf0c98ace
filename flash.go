package social

import (
	"net/http"
	"time"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/keyring"
)

// A Flash is a message for the next page that is shown.
type Flash struct {
	Category string `json:"category"` // one of the Flash constants, or the application's own
	Message
}

// Categories of flash messages.
const (
	FlashSuccess = "success"
	FlashInfo    = "info"
	FlashNotice  = "notice"
	FlashError   = "error"
)

const (
	flashTTL   = time.Hour
	maxFlashes = 8
)

// Flash keeps a message for the next page, unless Config.NoFlash is set. Call it
// before the answer's header is written.
func (s *Social) Flash(w http.ResponseWriter, r *http.Request, category string, m Message) {
	if s.cfg.NoFlash {
		return
	}
	flashes := append(s.flashes(w, r), Flash{category, m})
	if len(flashes) > maxFlashes {
		flashes = flashes[len(flashes)-maxFlashes:]
	}
	// When they do not fit, the oldest go.
	for len(flashes) > 0 && s.jar.Set(w, cookie.Flash, encodeFlashes(flashes), flashTTL) != nil {
		flashes = flashes[1:]
	}
}

// Flashes takes the messages that wait for this page, those of this request
// included. Call it before the answer's header is written.
func (s *Social) Flashes(w http.ResponseWriter, r *http.Request) []Flash {
	flashes := s.flashes(w, r)
	if len(flashes) > 0 {
		s.jar.Clear(w, cookie.Flash)
	}
	return flashes
}

func (s *Social) flashes(w http.ResponseWriter, r *http.Request) []Flash {
	value, written := s.jar.Written(w, cookie.Flash)
	if !written {
		value, _ = s.jar.Get(r, cookie.Flash)
	}
	return decodeFlashes(value)
}

// flashVersion is the version of the layout.
const flashVersion = 1

func encodeFlashes(flashes []Flash) []byte {
	e := make(keyring.Encoder, 0, 128)
	e.Byte(flashVersion)
	for _, f := range flashes {
		e.Text(f.Category)
		e.Text(f.Code)
		e.Number(uint64(len(f.Args)))
		for name, value := range f.Args {
			e.Text(name)
			e.Text(value)
		}
	}
	return e
}

// decodeFlashes returns nil for a layout that it does not know.
func decodeFlashes(b []byte) []Flash {
	d := keyring.NewDecoder(b)
	if d.Byte() != flashVersion {
		return nil
	}
	var flashes []Flash
	for d.More() {
		f := Flash{d.Text(), Message{Code: d.Text()}}
		for range d.Number() {
			if !d.More() {
				return nil
			}
			if f.Args == nil {
				f.Args = make(map[string]string)
			}
			name := d.Text()
			f.Args[name] = d.Text()
		}
		flashes = append(flashes, f)
	}
	if !d.Whole() {
		return nil
	}
	return flashes
}
