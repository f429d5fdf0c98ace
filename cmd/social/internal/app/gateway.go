package app

import (
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/webhook"
)

// OpenGateway returns a gateway of the application, for commands also where the
// configuration has none.
func (a *App) OpenGateway() (*gateway.Gateway, error) {
	c := a.Config
	address := c.GatewayURL
	if address == "" {
		address = c.AppURL // nobody asks for it
	}
	hooks, err := a.OpenWebhooks()
	if err != nil {
		return nil, err
	}
	g, err := gateway.New(gateway.Config{
		URL: address, Social: a.Social, Documents: a.Store, Keys: a.keys, Audit: a.Audit, Webhooks: hooks, Tenants: a.Tenants,
		Logger: a.log, Record: recordGateway(c, a.Audit),
	})
	if err != nil {
		return nil, withKeys(err)
	}
	return g, nil
}

// OpenWebhooks likewise.
func (a *App) OpenWebhooks() (*webhook.Sender, error) {
	return webhook.New(webhook.Config{Documents: a.Store, Audit: a.Audit, Keys: a.keys, AllowPrivateAddresses: a.Config.AllowPrivateAddresses, Logger: a.log})
}
