// Package schema says how a database's schema compares with the program's, in the same
// way for every store: a schema is made by steps with growing numbers, and a store's
// Migrate does the steps that the database lacks.
package schema

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

var (
	// ErrOlder: the database lacks steps, all of them where it is empty. Migrate does
	// them. Stores also return it from a call that needs what is missing.
	ErrOlder = errors.New("the database's schema is missing, or older than this program")
	// ErrNewer: a newer version of the program has migrated the database. Migrate
	// leaves it as it is.
	ErrNewer = errors.New("the database's schema is newer than this program")
)

// A Migrator is a store that makes its own schema, as *sqlstore.Store and
// *mongostore.Store do.
type Migrator interface {
	// Migrate does the steps that the database lacks, or returns ErrNewer. Any number
	// of processes may call it at once.
	Migrate(ctx context.Context) error
	// Status reads which steps the database has. It changes nothing.
	Status(ctx context.Context) (Status, error)
	// Plan returns the steps that Migrate would do, or ErrNewer. It changes nothing.
	Plan(ctx context.Context) ([]Step, error)
}

// A Status compares a database's schema with the program's.
type Status struct {
	Version int64   // the newest step that the database has; 0 when it has none
	Latest  int64   // the newest step that the program knows
	Pending []int64 // the steps that Migrate would do, in order
}

// Compare returns the status of a database that has the steps of done. The program
// needs those of needed, in this order, and knows no step after latest.
func Compare(done, needed []int64, latest int64) Status {
	s := Status{Latest: latest}
	for _, version := range done {
		s.Version = max(s.Version, version)
	}
	for _, version := range needed {
		if !slices.Contains(done, version) {
			s.Pending = append(s.Pending, version)
		}
	}
	return s
}

// Err returns nil when the schema is current, and else an error that is ErrOlder or
// ErrNewer.
func (s Status) Err() error {
	switch {
	case s.Version > s.Latest:
		return fmt.Errorf("%w: it has version %d, and the program knows %d", ErrNewer, s.Version, s.Latest)
	case len(s.Pending) > 0:
		return fmt.Errorf("%w: it has version %d, and the program needs %d", ErrOlder, s.Version, s.Pending[len(s.Pending)-1])
	}
	return nil
}

// A Step brings a schema to a version. On SQLite and PostgreSQL it is one transaction.
type Step struct {
	Version int64
	// Statements are SQL without a semicolon at the end, or commands of mongosh. The
	// last one notes the version, so that Migrate knows the step when other means have
	// run it.
	Statements []string
}
