package sqlstore

import (
	"context"
	"strings"
)

// InOptimisticTx implements vault.OptimisticTransactor. Writes wait for the next statement
// where connections are Config.Pipelined. What a log-in reads of a connection and its user is
// read at once on PostgreSQL, MariaDB and MySQL. On SQLite it is InTx.
func (s *Store) InOptimisticTx(ctx context.Context, f func(ctx context.Context) error) error {
	return s.runTx(ctx, f, s.dialect.concurrentTx())
}

type pipelinedKey struct{}

// Pipelined reports whether the statement of a driver's call is one of a Store's in a
// transaction that the Store began, and whether it is deferred: its result is of no
// interest unless it is an error. See Config.Pipelined.
func Pipelined(ctx context.Context) (deferred, ok bool) {
	deferred, ok = ctx.Value(pipelinedKey{}).(bool)
	return deferred, ok
}

// inPipeline returns the context for a statement of the context's transaction.
func (s *Store) inPipeline(ctx context.Context, deferred bool) context.Context {
	if !s.pipelined || s.transaction(ctx).joined {
		return ctx
	}
	return context.WithValue(ctx, pipelinedKey{}, deferred)
}

// deferring returns the context's transaction if it defers statements, or nil.
func (s *Store) deferring(ctx context.Context) *transaction {
	if t := s.transaction(ctx); t != nil && t.defers && t.undone == nil {
		return t
	}
	return nil
}

// execOne is exec of a statement that usually changes one row. An optimistic transaction
// defers it.
func (s *Store) execOne(ctx context.Context, st *statement, args ...any) (int64, error) {
	return s.execSome(ctx, st, 1, args...)
}

// execSome is exec of a statement that is expected to change so many rows.
func (s *Store) execSome(ctx context.Context, st *statement, want int64, args ...any) (int64, error) {
	t := s.deferring(ctx)
	if t == nil || want < 0 || want >= int64(len(st.expecting)) {
		return s.exec(ctx, st, args...)
	}
	return want, s.deferExec(ctx, t, st, st.expecting[want], args)
}

// execAny is exec of a statement of which it does not matter how many rows it changes.
func (s *Store) execAny(ctx context.Context, st *statement, args ...any) error {
	if t := s.transaction(ctx); t != nil && s.pipelined && !t.joined && t.undone == nil {
		return s.deferExec(ctx, t, st, st.text, args)
	}
	_, err := s.exec(ctx, st, args...)
	return err
}

func (s *Store) deferExec(ctx context.Context, t *transaction, st *statement, text string, args []any) error {
	if st.absent {
		return ErrNoAccounts
	}
	t.sends(st)
	t.waiting = true
	_, err := t.ExecContext(s.inPipeline(ctx, true), text, escapeTexts(args)...)
	return s.statementError(ctx, err)
}

// settle sends what is deferred, and defers nothing more, because the application is going
// to send statements of its own.
func (s *Store) settle(ctx context.Context, t *transaction) {
	t.known = known{}
	if t.waiting {
		var one int
		s.queryRow(ctx, s.nothing, nil, &one) // an error is that of every later call
	}
	t.optimistic, t.defers = false, false
}

// expecting returns a statement that does what text does, and fails unless that changes
// exactly so many rows: 0 and 1. Its error ends the transaction, and what was sent behind it,
// such as the COMMIT, is not done.
func expecting(text string) [2]string {
	if !strings.Contains(text, " RETURNING ") {
		text += " RETURNING 1"
	}
	const wrong = `1 / (count(*) = ` // division by zero
	text = `WITH changed AS (` + text + `) SELECT ` + wrong
	return [...]string{text + `0)::int FROM changed`, text + `1)::int FROM changed`}
}

// refused reports whether err is that of a statement which did not do what was expected, or
// of one that a constraint refused (SQL:2016 part 2 §24, PostgreSQL's appendix A).
func (d Dialect) refused(err error) bool {
	if err == nil || d != PostgreSQL {
		return false
	}
	state := sqlState(err)
	return state == "22012" || strings.HasPrefix(state, "23")
}
