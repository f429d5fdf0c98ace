package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gosocial/social/mongostore"
	"github.com/gosocial/social/sqlstore"
)

// A Schema compares a database's schema with the program's.
type Schema struct {
	Version int64 // the database's; 0 when it has no schema
	Latest  int64 // the program's
	Err     error // nil when the program can use the schema
	Older   bool  // the schema is older than the program's, and Migrate helps
}

// String describes a schema that is up to date.
func (s Schema) String() string {
	return fmt.Sprintf("The schema is up to date (version %d).", s.Version)
}

type sqlDatabase struct{ *sqlstore.Store }

func wrapSQL(s *sqlstore.Store, err error) (Store, error) {
	if err != nil {
		return nil, err
	}
	return sqlDatabase{s}, nil
}

func (s sqlDatabase) Schema(ctx context.Context) (Schema, error) {
	status, err := s.Status(ctx)
	differs := status.Err()
	return Schema{status.Version, status.Latest, differs, errors.Is(differs, sqlstore.ErrOlderSchema)}, err
}

func (s sqlDatabase) Script(ctx context.Context) (string, error) {
	plan, err := s.Plan(ctx)
	if err != nil || len(plan) == 0 {
		return upToDate(ctx, "-- ", s, err)
	}
	var b strings.Builder
	for _, step := range plan {
		fmt.Fprintf(&b, "-- Version %d\nBEGIN;\n%s;\nCOMMIT;\n\n", step.Version, strings.Join(step.SQL, ";\n"))
	}
	return b.String(), nil
}

type mongoDatabase struct{ *mongostore.Store }

func wrapMongo(s *mongostore.Store, err error) (Store, error) {
	if err != nil {
		return nil, err
	}
	return mongoDatabase{s}, nil
}

func (s mongoDatabase) Schema(ctx context.Context) (Schema, error) {
	status, err := s.Status(ctx)
	differs := status.Err()
	return Schema{status.Version, status.Latest, differs, errors.Is(differs, mongostore.ErrOlderSchema)}, err
}

func (s mongoDatabase) Script(ctx context.Context) (string, error) {
	plan, err := s.Plan(ctx)
	if err != nil || len(plan) == 0 {
		return upToDate(ctx, "// ", s, err)
	}
	var b strings.Builder
	for _, step := range plan {
		fmt.Fprintf(&b, "// Version %d\n%s\n\n", step.Version, strings.Join(step.Commands, "\n"))
	}
	return b.String(), nil
}

// upToDate returns a script that is only a comment, which begins with prefix.
func upToDate(ctx context.Context, prefix string, s Store, err error) (string, error) {
	if err != nil {
		return "", err
	}
	schema, err := s.Schema(ctx)
	return prefix + schema.String() + "\n", err
}
