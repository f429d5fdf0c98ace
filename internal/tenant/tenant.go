// Package tenant carries the tenant of a request in its context.
package tenant

import "context"

// Default is how the tenant "" is written outside: in commands, configuration
// and answers. No other tenant has this name.
const Default = "default"

type key struct{}

// With returns a context for the tenant. "" and Default are the default one.
func With(ctx context.Context, id string) context.Context {
	if id == Default {
		id = ""
	}
	return context.WithValue(ctx, key{}, id)
}

// From returns the context's tenant, "" for the default one.
func From(ctx context.Context) string {
	id, _ := ctx.Value(key{}).(string)
	return id
}

// Written returns how a tenant's ID is written outside.
func Written(id string) string {
	if id == "" {
		return Default
	}
	return id
}
