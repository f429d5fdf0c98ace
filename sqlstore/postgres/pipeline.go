package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosocial/social/sqlstore"
)

// A connector makes connections that are pipelined: see sqlstore.Config.Pipelined.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &pipeline{Conn: conn.(*stdlib.Conn)}, nil
}

// A pipeline is a connection that sends BEGIN, and statements whose result nothing waits
// for, together with the next statement or COMMIT.
type pipeline struct {
	*stdlib.Conn
	waiting *pgx.Batch // nil: nothing waits
	begin   bool       // the first of what waits is BEGIN
}

const begin = "begin isolation level read committed"

var readCommitted = driver.TxOptions{Isolation: driver.IsolationLevel(sql.LevelReadCommitted)}

// BeginTx implements driver.ConnBeginTx.
func (p *pipeline) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if opts != readCommitted {
		return p.Conn.BeginTx(ctx, opts)
	}
	p.queue(begin, nil)
	p.begin = true
	return &pipelineTx{p, ctx}, nil
}

// ExecContext implements driver.ExecerContext.
func (p *pipeline) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	deferred, _ := sqlstore.Pipelined(ctx)
	if !deferred && p.waiting == nil {
		return p.Conn.ExecContext(ctx, query, args)
	}
	p.queue(query, args)
	if deferred {
		return driver.ResultNoRows, nil
	}
	tag, err := p.end(ctx)
	return driver.RowsAffected(tag.RowsAffected()), err
}

// QueryContext implements driver.QueryerContext.
func (p *pipeline) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	// The application's rows may have values that only package stdlib can read.
	if _, ok := sqlstore.Pipelined(ctx); !ok {
		if err := p.flush(ctx); err != nil {
			return nil, err
		}
	}
	if p.waiting == nil {
		return p.Conn.QueryContext(ctx, query, args)
	}
	p.queue(query, args)
	results := p.send(ctx)
	rows, err := results.Query()
	if err != nil {
		results.Close()
		return nil, err
	}
	return &pipelineRows{rows, results}, nil
}

// PrepareContext implements driver.ConnPrepareContext.
func (p *pipeline) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := p.flush(ctx); err != nil {
		return nil, err
	}
	return p.Conn.PrepareContext(ctx, query)
}

func (p *pipeline) queue(query string, named []driver.NamedValue) {
	if p.waiting == nil {
		p.waiting = &pgx.Batch{}
	}
	args := make([]any, len(named))
	for i := range named {
		args[i] = named[i].Value
	}
	p.waiting.Queue(query, args...)
}

// send sends what waits, and returns the results of the last statement. They have the error
// of one before it. The caller closes them.
func (p *pipeline) send(ctx context.Context) pgx.BatchResults {
	batch := p.waiting
	p.drop()
	results := p.Conn.Conn().SendBatch(ctx, batch)
	for range batch.Len() - 1 {
		results.Exec()
	}
	return results
}

// end sends what waits, and returns what the last statement did.
func (p *pipeline) end(ctx context.Context) (pgconn.CommandTag, error) {
	results := p.send(ctx)
	tag, err := results.Exec()
	return tag, cmp.Or(err, results.Close())
}

// flush sends what waits.
func (p *pipeline) flush(ctx context.Context) error {
	if p.waiting == nil {
		return nil
	}
	_, err := p.end(ctx)
	return err
}

// drop forgets what waits.
func (p *pipeline) drop() { p.waiting, p.begin = nil, false }

// pipelineRows are the rows of a statement of the store.
type pipelineRows struct {
	pgx.Rows
	results pgx.BatchResults
}

// Columns implements driver.Rows. The store does not ask for names.
func (r *pipelineRows) Columns() []string { return make([]string, len(r.FieldDescriptions())) }

// Next implements driver.Rows.
func (r *pipelineRows) Next(into []driver.Value) error {
	if !r.Rows.Next() {
		if err := r.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	values, err := r.Values()
	for i, v := range values {
		if n, ok := v.(int32); ok {
			v = int64(n)
		}
		into[i] = v
	}
	return err
}

// Close implements driver.Rows.
func (r *pipelineRows) Close() error {
	r.Rows.Close()
	return r.results.Close()
}

// A pipelineTx is a transaction of a pipeline.
type pipelineTx struct {
	p   *pipeline
	ctx context.Context
}

// Commit implements driver.Tx. One of which nothing was sent needs none.
func (t *pipelineTx) Commit() error {
	p := t.p
	if p.begin && p.waiting.Len() == 1 {
		p.drop()
		return nil
	}
	p.queue("commit", nil)
	tag, err := p.end(t.ctx)
	switch {
	case err != nil:
		return errors.Join(err, t.undo())
	case tag.String() == "ROLLBACK": // a statement before it had failed
		return pgx.ErrTxCommitRollback
	}
	return nil
}

// Rollback implements driver.Tx.
func (t *pipelineTx) Rollback() error {
	began := !t.p.begin
	t.p.drop()
	if !began {
		return nil
	}
	return t.undo()
}

const undoTime = 5 * time.Second

// undo ends the transaction in the database, unless that has ended it. A connection on which
// that fails is closed.
func (t *pipelineTx) undo() error {
	conn := t.p.Conn.Conn()
	if conn.IsClosed() || conn.PgConn().TxStatus() == 'I' {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), undoTime)
	defer cancel()
	_, err := conn.PgConn().Exec(ctx, "rollback").ReadAll()
	if err != nil {
		err = errors.Join(err, conn.Close(ctx))
	}
	return err
}
