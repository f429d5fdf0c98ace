package gateway

import (
	"net/http"
	"slices"

	"github.com/gosocial/social"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/webhook"
)

// A route is all that there is to say of a method and path: the mux and GET /openapi.json are
// made of it. A path has its IDs in braces.
type route struct {
	pattern  string // "GET /v1/connections/{id}"
	power    string // that the client needs
	endpoint endpoint
	summary  string
	query    []string // names of parameters: see parameters
	body     any      // a value of the type that the body is decoded into; nil: it is not read
	status   int      // of success
	answer   any      // a value of the type that is written then, or a listOf; nil: nothing
	refusals []int    // further statuses of errors; those of every route need not be named
}

// A listOf is a page of a list: items of the type of item, under a name.
type listOf struct {
	name string
	item any
}

// A checkDocument is what a check of a connection found.
type checkDocument struct {
	Status  vault.Status           `json:"status"`
	Profile social.ProfileDocument `json:"profile"`
}

// A redeliverForm names what is sent again: one delivery, or all that have failed.
type redeliverForm struct {
	Delivery string `json:"delivery"`
}

type redelivered struct {
	Redelivered int `json:"redelivered"`
}

const (
	ok, created, deleted = http.StatusOK, http.StatusCreated, http.StatusNoContent

	conflict, unprocessable = http.StatusConflict, http.StatusUnprocessableEntity
	badGateway, unavailable = http.StatusBadGateway, http.StatusServiceUnavailable
)

var (
	pages  = []string{"after", "limit"}
	edited = []int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, unprocessable}
)

// table returns the routes of this gateway that need a bearer token, but for the proxy's.
func (g *Gateway) table() []route {
	return slices.Concat(g.connectionRoutes(), g.clientRoutes(), g.tenantRoutes(), g.webhookRoutes())
}

func (g *Gateway) connectionRoutes() []route {
	of, change := PowerReadConnections, PowerWriteConnections
	routes := []route{
		{"GET /v1/connections", of, g.listConnections, "List connections", append([]string{"user", "provider", "status", "tenant"}, pages...), nil, ok, listOf{"connections", connectionDocument{}}, nil},
		{"GET /v1/connections/{id}", of, g.showConnection, "Show a connection", nil, nil, ok, connectionDocument{}, nil},
		{"DELETE /v1/connections/{id}", change, g.removeConnection, "Remove a connection, and revoke its tokens", []string{"force"}, nil, deleted, nil, []int{conflict}},
		{"POST /v1/connections/{id}/refresh", change, g.refreshConnection, "Refresh a connection's token", nil, nil, ok, connectionDocument{}, []int{conflict, badGateway, unavailable}},
		{"POST /v1/connections/{id}/check", change, g.checkConnection, "Ask the provider whether a connection works", nil, nil, ok, checkDocument{}, []int{conflict, badGateway, unavailable}},
	}
	if g.cfg.Audit != nil {
		routes = append(routes, route{"GET /v1/events", of, g.listEvents, "List events, or wait for them", append([]string{"wait"}, pages...), nil, ok, listOf{"events", webhook.Event{}}, []int{http.StatusGone}})
	}
	return routes
}

func (g *Gateway) clientRoutes() []route {
	return []route{
		{"GET /v1/clients", PowerAdmin, g.listClients, "List machine clients", pages, nil, ok, listOf{"clients", ClientDocument{}}, nil},
		{"POST /v1/clients", PowerAdmin, g.createClient, "Make a machine client; its secret is in this answer alone", nil, clientForm{}, created, ClientDocument{}, edited},
		{"GET /v1/clients/{id}", PowerAdmin, g.showClient, "Show a machine client", nil, nil, ok, ClientDocument{}, nil},
		{"PATCH /v1/clients/{id}", PowerAdmin, g.patchClient, "Change a machine client; what is absent stays", nil, clientForm{}, ok, ClientDocument{}, edited},
		{"DELETE /v1/clients/{id}", PowerAdmin, g.deleteClient, "Delete a machine client", nil, nil, deleted, nil, nil},
		{"POST /v1/clients/{id}/secrets", PowerAdmin, g.addSecret, "Give a machine client another secret beside the newest one", nil, nil, created, ClientDocument{}, nil},
		{"DELETE /v1/clients/{id}/secrets", PowerAdmin, g.retireSecret, "End all secrets of a machine client but the newest one", nil, nil, ok, ClientDocument{}, nil},
	}
}

func (g *Gateway) tenantRoutes() []route {
	if g.cfg.Tenants == nil {
		return nil
	}
	edited := append([]int{conflict}, edited...)
	return []route{
		{"GET /v1/tenants", PowerAdmin, g.listTenants, "List tenants", pages, nil, ok, listOf{"tenants", TenantDocument{}}, nil},
		{"POST /v1/tenants", PowerAdmin, g.createTenant, "Make a tenant", nil, tenantForm{}, created, TenantDocument{}, edited},
		{"GET /v1/tenants/{id}", PowerAdmin, g.showTenant, "Show a tenant", nil, nil, ok, TenantDocument{}, nil},
		{"PATCH /v1/tenants/{id}", PowerAdmin, g.patchTenant, "Change a tenant; what is absent stays", nil, tenantForm{}, ok, TenantDocument{}, edited},
		{"DELETE /v1/tenants/{id}", PowerAdmin, g.deleteTenant, "Delete a tenant", nil, nil, deleted, nil, []int{conflict}},
		{"GET /v1/apps", PowerAdmin, g.listApps, "List tenants' applications at providers", append([]string{"tenant"}, pages...), nil, ok, listOf{"apps", AppDocument{}}, nil},
		{"POST /v1/apps", PowerAdmin, g.createApp, "Make an application", nil, appForm{}, created, AppDocument{}, edited},
		{"GET /v1/apps/{id}", PowerAdmin, g.showApp, "Show an application", nil, nil, ok, AppDocument{}, nil},
		{"PATCH /v1/apps/{id}", PowerAdmin, g.patchApp, "Change an application; what is absent stays", nil, appForm{}, ok, AppDocument{}, edited},
		{"DELETE /v1/apps/{id}", PowerAdmin, g.deleteApp, "Delete an application", nil, nil, deleted, nil, []int{conflict}},
		{"POST /v1/apps/{id}/credentials", PowerAdmin, g.addCredentials, "Give an application other credentials, for new flows", nil, credentialsForm{}, ok, AppDocument{}, edited},
		{"DELETE /v1/apps/{id}/credentials", PowerAdmin, g.retireCredentials, "Retire credentials of an application", []string{"client_id"}, nil, ok, AppDocument{}, []int{conflict, unprocessable}},
	}
}

func (g *Gateway) webhookRoutes() []route {
	if g.cfg.Webhooks == nil {
		return nil
	}
	return []route{
		{"GET /v1/webhooks", PowerAdmin, g.listWebhooks, "List webhooks", nil, nil, ok, listOf{"webhooks", WebhookDocument{}}, nil},
		{"POST /v1/webhooks", PowerAdmin, g.createWebhook, "Make a webhook; its secret is in this answer alone", nil, webhookForm{}, created, WebhookDocument{}, edited},
		{"GET /v1/webhooks/{id}", PowerAdmin, g.showWebhook, "Show a webhook", nil, nil, ok, WebhookDocument{}, nil},
		{"PATCH /v1/webhooks/{id}", PowerAdmin, g.patchWebhook, "Change a webhook; what is absent stays", nil, webhookForm{}, ok, WebhookDocument{}, edited},
		{"DELETE /v1/webhooks/{id}", PowerAdmin, g.deleteWebhook, "Delete a webhook, with what waits for it", nil, nil, deleted, nil, nil},
		{"GET /v1/webhooks/{id}/deliveries", PowerAdmin, g.listDeliveries, "List deliveries to a webhook", append([]string{"state"}, pages...), nil, ok, listOf{"deliveries", DeliveryDocument{}}, nil},
		{"POST /v1/webhooks/{id}/redeliver", PowerAdmin, g.redeliver, "Send one event again, or all that failed", nil, redeliverForm{}, ok, redelivered{}, edited},
	}
}
