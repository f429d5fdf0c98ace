package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// A Step brings a schema to a version, as one transaction; on MySQL each statement is
// one. Step 0 makes the table that notes the others.
type Step struct {
	Version int64
	SQL     []string // statements without a semicolon at their end
}

// Plan returns what Migrate would do, and does nothing. Whoever runs the
// statements by other means, such as a migration tool of the application's, gets
// the same schema, and Migrate knows it. ErrNewerSchema when there is nothing that
// would do.
func (s *Store) Plan(ctx context.Context) ([]Step, error) {
	status, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	if status.newer() {
		return nil, status.Err()
	}
	steps, err := s.migrations()
	if err != nil {
		return nil, err
	}
	done, err := s.versions(ctx, s.db)
	if err != nil {
		return nil, err
	}
	var plan []Step
	if done == nil {
		begin, err := s.begin(ctx)
		if err != nil {
			return nil, err
		}
		plan = append(plan, begin)
	}
	for _, step := range steps {
		if !done[step.Version] {
			step.SQL = append(step.SQL, s.note(step.Version))
			plan = append(plan, step)
		}
	}
	return plan, nil
}

func (s *Store) note(version int64) string {
	return fmt.Sprintf("INSERT INTO %s (version_id, is_applied) VALUES (%d, true)", s.tables.Schema, version)
}

// begin is step 0, which is the migration library's own.
func (s *Store) begin(ctx context.Context) (Step, error) {
	store, err := database.NewStore(s.dialect.goose(), s.tables.Schema)
	if err != nil {
		return Step{}, fmt.Errorf("sqlstore: %w", err)
	}
	var r recorder
	if err := store.CreateVersionTable(ctx, &r); err != nil {
		return Step{}, fmt.Errorf("sqlstore: %w", err)
	}
	return Step{SQL: append(r.statements, s.note(0))}, nil
}

// A recorder keeps the statements that it should run.
type recorder struct {
	database.DBTxConn
	statements []string
}

func (r *recorder) ExecContext(_ context.Context, statement string, _ ...any) (sql.Result, error) {
	r.statements = append(r.statements, statement)
	return nil, nil
}

// forAccounts is in the name of a migration that ConnectionsOnly leaves out.
const forAccounts = "_accounts"

// migrations returns the embedded steps that are for this store, by version.
func (s *Store) migrations() ([]Step, error) {
	files, names, err := s.dialect.files()
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, name := range names {
		if s.noAccounts && strings.Contains(name, forAccounts) {
			continue
		}
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("sqlstore: migration %s: %w", name, err)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("sqlstore: migration %s: %w", name, err)
		}
		step := Step{Version: version}
		// Each statement ends with a semicolon at the end of a line.
		for statement := range strings.SplitSeq(s.rewrite(string(text)), ";\n") {
			if statement = strings.TrimSpace(statement); statement != "" {
				step.SQL = append(step.SQL, statement)
			}
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// files returns the embedded migrations and their names by version.
func (d Dialect) files() (fs.FS, []string, error) {
	files, err := d.migrations()
	if err != nil {
		return nil, nil, fmt.Errorf("sqlstore: %w", err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, nil, fmt.Errorf("sqlstore: %w", err)
	}
	return files, names, nil
}

// latest is the newest version that any store knows.
func (d Dialect) latest() (int64, error) {
	_, names, err := d.files()
	if err != nil {
		return 0, err
	}
	version, err := goose.NumericComponent(names[len(names)-1])
	if err != nil {
		return 0, fmt.Errorf("sqlstore: %w", err)
	}
	return version, nil
}
