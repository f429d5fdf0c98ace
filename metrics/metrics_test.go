// Package metrics_test runs a vault against a pretend provider and checks what
// Prometheus scrapes and OpenTelemetry collects.
package metrics_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/metrics/opentelemetry"
	"github.com/gosocial/social/metrics/prom"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A recorder is the Metrics of either package.
type recorder interface {
	Event(context.Context, vault.Event)
	Call(context.Context, vault.Call)
}

// record takes a connection through its life, from working to failing, needing
// reauthorization, working again and removal.
func record(t *testing.T, to recorder) {
	t.Helper()
	ctx := t.Context()
	pretend := socialtest.Start(t)
	hub := pretend.Provider("hub")
	creds := hub.Register(socialtest.App{RedirectURIs: []string{"http://127.0.0.1/callback"}})
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	v, err := vault.New(vault.Config{
		Store: memstore.New(), Keys: keys, AllowPrivateAddresses: true, KeepAlive: time.Hour,
		Providers: []oauth.Provider{&oauth.OAuth2{
			ID: "hub", Credentials: []oauth.Credentials{creds}, Endpoints: hub.Endpoints(), Profile: oauth.Mapping{Subject: "id"},
		}},
		OnEvent: to.Event, OnCall: to.Call,
	})
	must(t, err)
	grant := func() *oauth.Grant {
		return &oauth.Grant{ProviderID: "hub", Profile: oauth.Profile{Subject: hub.User("ana").Subject}, Token: hub.Grant(creds.ClientID, "ana", "read")}
	}
	c, err := v.Connect(ctx, "ana", grant())
	must(t, err)
	call := func(path string) {
		t.Helper()
		resp, err := v.Client(c).Get(path)
		must(t, err)
		resp.Body.Close()
	}
	call(hub.Endpoints().UserInfo)
	call(strings.TrimSuffix(hub.Endpoints().API, "/") + "/nothing")
	c, err = v.Refresh(ctx, c)
	must(t, err)
	_, err = v.Check(ctx, c)
	must(t, err)

	hub.ServeWith(socialtest.EndpointToken, socialtest.Unavailable())
	if _, err := v.Refresh(ctx, c); err == nil {
		t.Fatal("refreshed although the provider is down")
	}
	hub.ServeWith(socialtest.EndpointToken)
	c, err = v.Renew(ctx, c, grant())
	must(t, err)
	hub.RevokeTokens("ana")
	if _, err := v.Refresh(ctx, c); err == nil {
		t.Fatal("refreshed a token that was revoked")
	}
	c, err = v.Renew(ctx, c, grant())
	must(t, err)
	_, err = v.Disconnect(ctx, vault.Removal{UserID: "ana"})
	must(t, err)
	acc, err := accounts.New(accounts.Config{Store: accountstore.New(), AppURL: "http://localhost:8080",
		OnEvent: func(ctx context.Context, e accounts.Event) { to.Event(ctx, e) }})
	must(t, err)
	_, err = acc.Register(ctx, identity.Registration{Email: "ana@example.com", ProviderID: "hub"})
	must(t, err)
	_, err = acc.Create(ctx, accounts.NewUser{Email: "kim@example.com"})
	must(t, err)
	to.Event(ctx, vault.KeptAlive{ProviderID: "hub", Refreshed: 7, Failed: 2})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// want are the series that record produces, with their counts.
var want = []string{
	`events event=connection_recovered provider=hub 2`,
	`events event=kept_alive provider=hub 1`,
	`events event=reauthorization_needed provider=hub 1`,
	`events event=refresh_failed provider=hub 2`,
	`events event=token_refreshed provider=hub 1`,
	`events event=token_revoked provider=hub 1`,
	`events event=user_created provider= 1`,
	`events event=user_registered provider=hub 1`,
	`refresh_failures kind=rejected provider=hub 1`,
	`refresh_failures kind=transient provider=hub 1`,
	`reauthorizations_needed provider=hub reason=revoked 1`,
	`kept_alive outcome=failed provider=hub 2`,
	`kept_alive outcome=refreshed provider=hub 7`,
	`provider_call_duration call=api outcome=2xx provider=hub 1`,
	`provider_call_duration call=api outcome=4xx provider=hub 1`,
	`provider_call_duration call=profile outcome=ok provider=hub 1`,
	`provider_call_duration call=refresh outcome=ok provider=hub 1`,
	`provider_call_duration call=refresh outcome=rejected provider=hub 1`,
	`provider_call_duration call=refresh outcome=transient provider=hub 1`,
	`provider_call_duration call=revoke outcome=ok provider=hub 1`,
}

func TestPrometheus(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m, err := prom.New(registry)
	must(t, err)
	record(t, m)
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer server.Close()
	resp, err := http.Get(server.URL)
	must(t, err)
	defer resp.Body.Close()
	scraped, err := io.ReadAll(resp.Body)
	must(t, err)
	for _, series := range want {
		words := strings.Fields(series)
		name := map[string]string{"provider_call_duration": "provider_call_duration_seconds_count"}[words[0]]
		if name == "" {
			name = words[0] + "_total"
		}
		var labels []string
		for _, label := range words[1 : len(words)-1] {
			key, value, _ := strings.Cut(label, "=")
			labels = append(labels, fmt.Sprintf("%s=%q", key, value))
		}
		line := fmt.Sprintf("social_%s{%s} %s\n", name, strings.Join(labels, ","), words[len(words)-1])
		if !strings.Contains(string(scraped), line) {
			t.Errorf("no %s", line)
		}
	}
	if t.Failed() {
		t.Logf("%s", scraped)
	}
	if _, err := prom.New(registry); err == nil {
		t.Error("registered twice")
	}
}

func TestOpenTelemetry(t *testing.T) {
	t.Parallel()
	reader := metric.NewManualReader()
	m, err := opentelemetry.New(metric.NewMeterProvider(metric.WithReader(reader)))
	must(t, err)
	record(t, m)
	var collected metricdata.ResourceMetrics
	must(t, reader.Collect(t.Context(), &collected))
	var got []string
	add := func(name string, attributes attribute.Set, count any) {
		words := []string{name}
		for _, kv := range attributes.ToSlice() {
			words = append(words, fmt.Sprintf("%s=%s", kv.Key, kv.Value.AsString()))
		}
		got = append(got, fmt.Sprintf("%s %v", strings.Join(words, " "), count))
	}
	for _, scope := range collected.ScopeMetrics {
		for _, one := range scope.Metrics {
			name := strings.ReplaceAll(strings.TrimPrefix(one.Name, "social."), ".", "_")
			switch data := one.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					add(name, p.Attributes, p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					add(name, p.Attributes, p.Count)
					if p.Sum <= 0 || p.Sum > 60 {
						t.Errorf("%s took %v s", name, p.Sum)
					}
				}
			}
		}
	}
	for _, series := range want {
		if !slices.Contains(got, series) {
			t.Errorf("no %s", series)
		}
	}
	if t.Failed() {
		t.Log(strings.Join(got, "\n"))
	}
}
