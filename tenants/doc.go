// Package tenants keeps tenants, and the applications that they have registered at providers,
// in the application's database. A [Directory] makes, changes and deletes them, and is the
// vault.Source of their providers: give it to social.Config.Source, and what an administrator
// changes takes hold in every process within Config.MaxStale, without a restart.
//
// A client's secret is sealed. It is written, used at the provider, and never read again.
package tenants
