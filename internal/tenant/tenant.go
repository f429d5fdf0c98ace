// Package tenant carries the tenant of a request in its context.
package tenant

import "context"

// Default is the name of the default tenant, whose ID is "". No other tenant has
// this name.
const Default = "default"

type key struct{}

// With returns a context for the tenant. "" and Default are the default one.
func With(ctx context.Context, id string) context.Context {
	if id == Default {
		id = ""
	}
	return context.WithValue(ctx, key{}, id)
}

// From returns the ID of the context's tenant, "" for the default one.
func From(ctx context.Context) string {
	id, _ := ctx.Value(key{}).(string)
	return id
}
