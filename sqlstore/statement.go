package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"sync/atomic"
)

// A statement is SQL text, which is prepared at its first use where the dialect
// prepares. The tables need not exist before that.
type statement struct {
	text      string
	writes    bool
	expecting [2]string // for execSome, where connections are pipelined
	changed   changed
	absent    bool    // it needs a table that the store does not have
	db        *sql.DB // runs it outside of transactions
	writer    *sql.DB // begins transactions
	mu        sync.Mutex
	prepared  atomic.Pointer[sql.Stmt] // on db
	inWriter  atomic.Pointer[sql.Stmt] // on writer, where that is another pool
	raw       driver.Stmt              // on the connection of Config.Writer; its turn guards it
}

func (s *Store) statement(db *sql.DB, text string) *statement {
	named, accounts := s.named(text)
	st := &statement{text: s.dialect.rewrite(named), db: db, writer: s.db, absent: accounts && s.noAccounts, changed: changedBy(text)}
	if s.pipelined && writes.MatchString(text) {
		st.expecting = expecting(st.text)
	}
	if !st.absent {
		s.statements = append(s.statements, st)
	}
	return st
}

func (s *Store) read(text string) *statement { return s.statement(s.readDB, text) }

func (s *Store) write(text string) *statement {
	st := s.statement(s.db, text)
	st.writes = true
	return st
}

func (st *statement) prepare(ctx context.Context) (*sql.Stmt, error) {
	return st.prepareOn(ctx, st.db, &st.prepared)
}

// prepareForTx prepares the statement for transactions. A transaction that holds the
// only connection must not call it.
func (st *statement) prepareForTx(ctx context.Context) error {
	into := &st.inWriter
	if st.db == st.writer {
		into = &st.prepared
	}
	_, err := st.prepareOn(ctx, st.writer, into)
	return err
}

func (st *statement) prepareOn(ctx context.Context, db *sql.DB, into *atomic.Pointer[sql.Stmt]) (*sql.Stmt, error) {
	if p := into.Load(); p != nil {
		return p, nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if p := into.Load(); p != nil {
		return p, nil
	}
	p, err := db.PrepareContext(ctx, st.text)
	if err != nil {
		return nil, err
	}
	into.Store(p)
	return p, nil
}

// inTx returns the statement as it is prepared for the transaction, or nil when it is
// not.
func (st *statement) inTx(ctx context.Context, t *transaction) *sql.Stmt {
	if t.joined {
		return nil
	}
	p := st.inWriter.Load()
	if st.db == st.writer {
		p = st.prepared.Load()
	}
	if p == nil {
		return nil
	}
	return t.StmtContext(ctx, p)
}

func (st *statement) close() error {
	var errs []error
	for _, p := range []*sql.Stmt{st.prepared.Swap(nil), st.inWriter.Swap(nil)} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	return errors.Join(errs...)
}
