// Package prom makes Prometheus metrics of the events and calls of Social and its
// vault:
//
//	m, err := prom.New(prometheus.DefaultRegisterer)
//	…
//	social.Config{OnEvent: m.Event, OnCall: m.Call}
//
// or the same two fields of vault.Config. The events of accounts have the same methods:
//
//	accounts.Config{OnEvent: func(ctx context.Context, e accounts.Event) { m.Event(ctx, e) }}
//
// The metrics:
//
//	social_events_total{event,provider}                           events
//	social_refresh_failures_total{provider,kind}                  failed refreshes
//	social_reauthorizations_needed_total{provider,reason}         connections whose users have to reconnect
//	social_kept_alive_total{provider,outcome}                     connections that were to be kept alive
//	social_provider_call_duration_seconds{provider,call,outcome}  calls to providers; see vault.Call
//
// Events are named by their Event method, kinds are those of oauth.Kind, and
// reasons those of vault.Connection.LastError. The providers are those
// configured: every label has a limited number of values.
package prom

import (
	"context"
	"fmt"

	"github.com/gosocial/social/vault"
	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts events and measures calls. It is safe for concurrent use.
type Metrics struct {
	events           *prometheus.CounterVec
	refreshFailures  *prometheus.CounterVec
	reauthorizations *prometheus.CounterVec
	keptAlive        *prometheus.CounterVec
	calls            *prometheus.HistogramVec
}

// New registers the metrics. A second call with the same registerer is an error.
func New(to prometheus.Registerer) (*Metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "social", Name: name, Help: help}, labels)
	}
	m := &Metrics{
		events:           counter("events_total", "Events, by event and provider.", "event", "provider"),
		refreshFailures:  counter("refresh_failures_total", "Failed refreshes, by the kind of failure.", "provider", "kind"),
		reauthorizations: counter("reauthorizations_needed_total", "Connections whose users have to reconnect.", "provider", "reason"),
		keptAlive:        counter("kept_alive_total", "Connections that were refreshed to keep them alive, and those for which that failed.", "provider", "outcome"),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "social", Name: "provider_call_duration_seconds",
			Help:    "Duration of calls to providers.",
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

// Event counts an event. It is the value of Config.OnEvent, or called by it.
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

// Call records the duration of a call to a provider. It is the value of
// Config.OnCall, or called by it.
func (m *Metrics) Call(_ context.Context, c vault.Call) {
	m.calls.WithLabelValues(c.ProviderID, c.Op, c.Outcome).Observe(c.Took.Seconds())
}
