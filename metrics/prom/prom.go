// Package prom makes Prometheus metrics of what Social and its vault tell:
//
//	m, err := prom.New(prometheus.DefaultRegisterer)
//	…
//	social.Config{OnEvent: m.Event, OnCall: m.Call}
//
// or vault.Config, which has the same two fields. The metrics:
//
//	social_events_total{event,provider}                           what happened
//	social_refresh_failures_total{provider,kind}                  refreshes that gave no token
//	social_reauthorizations_needed_total{provider,reason}         connections that only their users can mend
//	social_kept_alive_total{provider,outcome}                     what keeping alive did
//	social_provider_call_duration_seconds{provider,call,outcome}  calls to providers, as vault.Call has them
//
// Events are named by their Event method, kinds are those of oauth.Kind, and
// reasons those of vault.Connection.LastError. The providers are those
// configured: no label has values without bound.
package prom

import (
	"context"
	"fmt"

	"github.com/gosocial/social/vault"
	"github.com/prometheus/client_golang/prometheus"
)

// Metrics is told what happens and counts it. It is safe for concurrent use.
type Metrics struct {
	events           *prometheus.CounterVec
	refreshFailures  *prometheus.CounterVec
	reauthorizations *prometheus.CounterVec
	keptAlive        *prometheus.CounterVec
	calls            *prometheus.HistogramVec
}

// New registers the metrics. One registerer takes them once.
func New(to prometheus.Registerer) (*Metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "social", Name: name, Help: help}, labels)
	}
	m := &Metrics{
		events:           counter("events_total", "What happened, by event and provider.", "event", "provider"),
		refreshFailures:  counter("refresh_failures_total", "Refreshes that gave no token, by whose fault it was.", "provider", "kind"),
		reauthorizations: counter("reauthorizations_needed_total", "Connections that only their users can mend.", "provider", "reason"),
		keptAlive:        counter("kept_alive_total", "Connections that were refreshed although nobody used them, or should have been.", "provider", "outcome"),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "social", Name: "provider_call_duration_seconds",
			Help:    "How long calls to providers took.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"provider", "call", "outcome"}),
	}
	for _, c := range []prometheus.Collector{m.events, m.refreshFailures, m.reauthorizations, m.keptAlive, m.calls} {
		if err := to.Register(c); err != nil {
			return nil, fmt.Errorf("prom: %w", err)
		}
	}
	return m, nil
}

// Event counts an event. It is a Config's OnEvent, or called by it.
func (m *Metrics) Event(_ context.Context, e vault.Event) {
	m.events.WithLabelValues(e.Event(), e.Provider()).Inc()
	switch e := e.(type) {
	case vault.RefreshFailed:
		m.refreshFailures.WithLabelValues(e.ProviderID, e.Kind.String()).Inc()
	case vault.ReauthorizationNeeded:
		m.reauthorizations.WithLabelValues(e.ProviderID, e.Reason).Inc()
	case vault.KeptAlive:
		for outcome, n := range e.Outcomes() {
			m.keptAlive.WithLabelValues(e.ProviderID, outcome).Add(float64(n))
		}
	}
}

// Call records how a call to a provider went. It is a Config's OnCall, or called
// by it.
func (m *Metrics) Call(_ context.Context, c vault.Call) {
	m.calls.WithLabelValues(c.ProviderID, c.Op, c.Outcome).Observe(c.Took.Seconds())
}
