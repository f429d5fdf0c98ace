// Package opentelemetry makes OpenTelemetry metrics of the events and calls of Social
// and its vault:
//
//	m, err := opentelemetry.New(otel.GetMeterProvider())
//	…
//	social.Config{OnEvent: m.Event, OnCall: m.Call}
//
// or the same two fields of vault.Config. The events of accounts have the same methods:
//
//	accounts.Config{OnEvent: func(ctx context.Context, e accounts.Event) { m.Event(ctx, e) }}
//
// The instruments, with their
// attributes:
//
//	social.events                   {event, provider}           events
//	social.refresh.failures         {provider, kind}            failed refreshes
//	social.reauthorizations_needed  {provider, reason}          connections whose users have to reconnect
//	social.kept_alive               {provider, outcome}         connections that were to be kept alive
//	social.provider.call.duration   {provider, call, outcome}   calls to providers, in seconds; see vault.Call
//
// Events are named by their Event method, kinds are those of oauth.Kind, and
// reasons those of vault.Connection.LastError. The providers are those
// configured: every attribute has a limited number of values.
package opentelemetry

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosocial/social/vault"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Metrics counts events and measures calls. It is safe for concurrent use.
type Metrics struct {
	events           metric.Int64Counter
	refreshFailures  metric.Int64Counter
	reauthorizations metric.Int64Counter
	keptAlive        metric.Int64Counter
	calls            metric.Float64Histogram
}

// New makes the instruments.
func New(provider metric.MeterProvider) (*Metrics, error) {
	meter := provider.Meter("github.com/gosocial/social")
	var wrong []error
	counter := func(name, unit, description string) metric.Int64Counter {
		c, err := meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
		wrong = append(wrong, err)
		return c
	}
	m := &Metrics{
		events:           counter("social.events", "{event}", "Events, by event and provider."),
		refreshFailures:  counter("social.refresh.failures", "{refresh}", "Failed refreshes, by the kind of failure."),
		reauthorizations: counter("social.reauthorizations_needed", "{connection}", "Connections whose users have to reconnect."),
		keptAlive:        counter("social.kept_alive", "{connection}", "Connections that were refreshed to keep them alive, and those for which that failed."),
	}
	var err error
	m.calls, err = meter.Float64Histogram("social.provider.call.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of calls to providers."),
		metric.WithExplicitBucketBoundaries(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30))
	if err := errors.Join(append(wrong, err)...); err != nil {
		return nil, fmt.Errorf("opentelemetry: %w", err)
	}
	return m, nil
}

// Event counts an event. It is the value of Config.OnEvent, or called by it.
func (m *Metrics) Event(ctx context.Context, e vault.Event) {
	m.events.Add(ctx, 1, metric.WithAttributes(attribute.String("event", e.Event()), provider(e.Provider())))
	switch e := e.(type) {
	case vault.RefreshFailed:
		m.refreshFailures.Add(ctx, 1, metric.WithAttributes(provider(e.ProviderID), attribute.String("kind", e.Kind.String())))
	case vault.ReauthorizationNeeded:
		m.reauthorizations.Add(ctx, 1, metric.WithAttributes(provider(e.ProviderID), attribute.String("reason", e.Reason)))
	case vault.KeptAlive:
		for outcome, n := range e.Outcomes() {
			m.keptAlive.Add(ctx, int64(n), metric.WithAttributes(provider(e.ProviderID), attribute.String("outcome", outcome)))
		}
	}
}

// Call records the duration of a call to a provider. It is the value of
// Config.OnCall, or called by it.
func (m *Metrics) Call(ctx context.Context, c vault.Call) {
	m.calls.Record(ctx, c.Took.Seconds(), metric.WithAttributes(provider(c.ProviderID),
		attribute.String("call", c.Op), attribute.String("outcome", c.Outcome)))
}

func provider(id string) attribute.KeyValue { return attribute.String("provider", id) }
