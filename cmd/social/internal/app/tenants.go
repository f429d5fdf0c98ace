package app

import "github.com/gosocial/social/tenants"

// OpenTenants returns the tenants of the application's database, which have the configured
// providers and their own.
func (a *App) OpenTenants() (*tenants.Directory, error) {
	return tenants.New(tenants.Config{AppURL: a.Config.AppURL, Documents: a.Store, Keys: a.keys, Shared: a.Providers, Record: recordGateway(a.Config, a.Audit), Logger: a.log})
}
