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
	Version int64 // the database's; 0 while it has none
	Latest  int64 // the program's
	Misfit  error // nil when they fit together
	Older   bool  // migrating would make them fit
}

// String tells of a schema that fits.
func (s Schema) String() string {
	return fmt.Sprintf("The schema is up to date (version %d).", s.Version)
}

type onSQLStore struct{ *sqlstore.Store }

func onSQL(s *sqlstore.Store, err error) (Store, error) {
	if err != nil {
		return nil, err
	}
	return onSQLStore{s}, nil
}

func (s onSQLStore) Schema(ctx context.Context) (Schema, error) {
	status, err := s.Status(ctx)
	misfit := status.Err()
	return Schema{status.Version, status.Latest, misfit, errors.Is(misfit, sqlstore.ErrOlderSchema)}, err
}

func (s onSQLStore) Script(ctx context.Context) (string, error) {
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

type onMongoStore struct{ *mongostore.Store }

func onMongo(s *mongostore.Store, err error) (Store, error) {
	if err != nil {
		return nil, err
	}
	return onMongoStore{s}, nil
}

func (s onMongoStore) Schema(ctx context.Context) (Schema, error) {
	status, err := s.Status(ctx)
	misfit := status.Err()
	return Schema{status.Version, status.Latest, misfit, errors.Is(misfit, mongostore.ErrOlderSchema)}, err
}

func (s onMongoStore) Script(ctx context.Context) (string, error) {
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

// upToDate comments a script of nothing.
func upToDate(ctx context.Context, sign string, s Store, err error) (string, error) {
	if err != nil {
		return "", err
	}
	schema, err := s.Schema(ctx)
	return sign + schema.String() + "\n", err
}
