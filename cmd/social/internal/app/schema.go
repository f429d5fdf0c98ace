package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/gosocial/social/mongostore"
	"github.com/gosocial/social/schema"
)

// UpToDate is the sentence about a schema that needs no migration.
func UpToDate(s schema.Status) string {
	return fmt.Sprintf("The schema is up to date (version %d).", s.Version)
}

// Script returns what Migrate would run, for the database's own client. When the schema
// is up to date it is a comment that says so.
func Script(ctx context.Context, store Store) (string, error) {
	comment, begin, separator, end := "--", "BEGIN;\n", ";\n", ";\nCOMMIT;\n"
	if _, ok := store.(*mongostore.Store); ok {
		comment, begin, separator, end = "//", "", "\n", "\n"
	}
	plan, err := store.Plan(ctx)
	if err != nil {
		return "", err
	}
	if len(plan) == 0 {
		status, err := store.Status(ctx)
		return comment + " " + UpToDate(status) + "\n", err
	}
	var b strings.Builder
	for _, step := range plan {
		fmt.Fprintf(&b, "%s Version %d\n%s%s%s\n", comment, step.Version, begin, strings.Join(step.Statements, separator), end)
	}
	return b.String(), nil
}
