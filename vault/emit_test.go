package vault

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
)

// Each event is in the log, with what an operator needs, and comes in its tenant. The
// test looks inside, because not all of them can be brought about.
func TestEventsInTheLog(t *testing.T) {
	t.Parallel()
	about, err := Subject{"acme", "c1", "u1", "hub"}, errors.New("why")
	const subject = " tenant=acme connection=c1 user=u1 provider=hub"
	for want, e := range map[string]Event{
		"level=INFO msg=token_refreshed" + subject:                                                                                                                         TokenRefreshed{about},
		"level=INFO msg=connection_recovered" + subject:                                                                                                                    Recovered{about},
		"level=INFO msg=stale_token_dropped" + subject:                                                                                                                     StaleTokenDropped{about},
		"level=INFO msg=token_revoked" + subject:                                                                                                                           Revoked{about},
		"level=INFO msg=token_revoked connection=c1 user=u1 provider=hub":                                                                                                  Revoked{Subject{"", "c1", "u1", "hub"}},
		"level=WARN msg=id_token_dropped" + subject + " error=why":                                                                                                         IDTokenDropped{about, err},
		"level=WARN msg=refresh_failed" + subject + " error=why":                                                                                                           RefreshFailed{about, oauth.Invalid, err},
		"level=WARN msg=connection_failing" + subject + " reason=transient":                                                                                                ConnectionFailing{about, "transient"},
		"level=WARN msg=reauthorization_needed" + subject + " reason=revoked":                                                                                              ReauthorizationNeeded{about, "revoked"},
		"level=WARN msg=revocation_deferred" + subject + " error=why":                                                                                                      RevocationDeferred{about, err},
		"level=WARN msg=revocation_abandoned" + subject + " error=why":                                                                                                     RevocationAbandoned{about, err},
		"level=ERROR msg=breaker_opened tenant=acme provider=hub rejected=11":                                                                                              BreakerOpened{"acme", "hub", 11},
		"level=ERROR msg=breaker_opened provider=hub rejected=11":                                                                                                          BreakerOpened{"", "hub", 11},
		"level=INFO msg=kept_alive provider=hub refreshed=1 failed=0 ended=2 left=0 unopened=0 took=1s":                                                                    KeptAlive{"", "hub", 1, 0, 2, 0, 0, time.Second},
		"level=WARN msg=kept_alive provider=hub refreshed=0 failed=1 ended=0 left=0 unopened=0 took=0s":                                                                    KeptAlive{"", "hub", 0, 1, 0, 0, 0, 0},
		"level=WARN msg=kept_alive provider=hub refreshed=0 failed=0 ended=0 left=1 unopened=0 took=0s":                                                                    KeptAlive{"", "hub", 0, 0, 0, 1, 0, 0},
		"level=WARN msg=kept_alive tenant=acme provider=hub refreshed=0 failed=0 ended=0 left=0 unopened=1 took=0s":                                                        KeptAlive{"acme", "hub", 0, 0, 0, 0, 1, 0},
		"level=WARN msg=kept_alive provider=hub refreshed=0 failed=1 ended=0 left=1 unopened=0 took=0s":                                                                    KeptAlive{"", "hub", 0, 1, 0, 1, 0, 0},
		"level=WARN msg=kept_alive provider=hub refreshed=0 failed=1 ended=0 left=0 unopened=1 took=0s":                                                                    KeptAlive{"", "hub", 0, 1, 0, 0, 1, 0},
		`level=ERROR msg=client_refused tenant=acme provider=hub client_id=id error=why next="check the client's ID, secret or key, and its registration at the provider"`: ClientRefused{"acme", "hub", "id", err},
	} {
		var out bytes.Buffer
		var got Event
		v := &Vault{
			log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}})),
			onEvent: func(ctx context.Context, e Event) {
				got = e
				if tenant.From(ctx) != tenantOf(e) {
					t.Errorf("%s in tenant %q", e.Event(), tenant.From(ctx))
				}
			},
		}
		v.emit(tenant.With(t.Context(), "another"), e)
		if out.String() != want+"\n" || got != e {
			t.Errorf("logged %swant   %s\ncalled with %v", out.String(), want, got)
		}
	}
}

// An elsewhere is an event of another package, of which nothing is known.
type elsewhere struct{}

func (elsewhere) Event() string    { return "elsewhere" }
func (elsewhere) Provider() string { return "" }

func TestEventsOfNoTenant(t *testing.T) {
	t.Parallel()
	if in := tenantOf(elsewhere{}); in != "" {
		t.Errorf("tenant %q", in)
	}
	all := KeptAlive{Refreshed: 1, Failed: 2, Ended: 3, Left: 4, Unopened: 5}.Outcomes()
	if want := map[string]int{"refreshed": 1, "failed": 2, "ended": 3, "left": 4, "unopened": 5}; !maps.Equal(all, want) {
		t.Errorf("%v, want %v", all, want)
	}
}
