package app

import "github.com/gosocial/social/gateway"

// OpenGateway returns a gateway of the application, for commands also where the
// configuration has none.
func (a *App) OpenGateway() (*gateway.Gateway, error) {
	c := a.Config
	address := c.GatewayURL
	if address == "" {
		address = c.AppURL // nobody asks for it
	}
	g, err := gateway.New(gateway.Config{
		URL: address, Social: a.Social, Documents: a.Store, Keys: a.keys, Logger: a.log, Record: recordGateway(c, a.Audit),
	})
	if err != nil {
		return nil, withKeys(err)
	}
	return g, nil
}
