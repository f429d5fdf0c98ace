package social_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gosocial/social"
)

// A log-out ends here while the source of providers is down, which is logged. That a
// provider is gone is nothing to log.
func TestLogoutURLWithoutASource(t *testing.T) {
	t.Parallel()
	d := &directory{}
	s := open(t, func(c *social.Config) { c.Source, c.Providers = d, nil })
	for down, log := range map[error]string{nil: "", errors.New("made up"): `level=WARN msg="social: log-out failed" provider=op error="vault: provider \"op\": made up"`} {
		d.mu.Lock()
		d.down = down
		d.mu.Unlock()
		before := len(s.log.String())
		if got := s.LogoutURL(t.Context(), "1", "op"); got != "" {
			t.Errorf("%v: %q", down, got)
		}
		if lines := s.log.String()[before:]; !strings.Contains(lines, log) || (lines == "") != (log == "") {
			t.Errorf("%v: the log has %q", down, lines)
		}
	}
}
