package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/gosocial/social/audit"
)

// auditBatch is how many rows get a position in one transaction.
const auditBatch = 200

type auditStatements struct {
	insert                           *statement
	list, ofUser, ofEvent, ofBoth    *statement
	after, waits, waiting            *statement
	lock, last, number, setLast, old *statement
}

const auditColumns = `id, tenant, at, event, user_id, actor_kind, actor_id, provider_id, connection_id, address, user_agent, details, position`

func auditFields(e *audit.Entry) []any {
	return []any{(*text)(&e.ID), (*text)(&e.Tenant), (*micros)(&e.At), (*text)(&e.Event), (*text)(&e.UserID), (*text)(&e.Actor.Kind),
		(*text)(&e.Actor.ID), (*text)(&e.Provider), (*text)(&e.ConnectionID), (*text)(&e.Address), (*text)(&e.UserAgent),
		(*rawJSON)(&e.Details), &e.Position}
}

// rawJSON reads a text that is JSON.
type rawJSON json.RawMessage

func (r *rawJSON) setText(stored string) { *r = rawJSON(stored) }

// Scan implements sql.Scanner.
func (r *rawJSON) Scan(v any) error { return scanText(r, v) }

func (s *Store) auditStatements() auditStatements {
	list := func(of string) *statement {
		return s.read(`SELECT ` + auditColumns + ` FROM {prefix}audit WHERE tenant = ?` + of + ` AND id >= ? AND id < ? ORDER BY id DESC LIMIT ?`)
	}
	return auditStatements{
		insert:  s.write(`INSERT INTO {prefix}audit (` + auditColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`),
		list:    list(``),
		ofUser:  list(` AND user_id = ?`),
		ofEvent: list(` AND event = ?`),
		ofBoth:  list(` AND user_id = ? AND event = ?`),
		after:   s.read(`SELECT ` + auditColumns + ` FROM {prefix}audit WHERE position > ? ORDER BY position LIMIT ?`),
		waits:   s.read(`SELECT 1 FROM {prefix}audit WHERE position = 0 LIMIT 1`),
		waiting: s.write(`SELECT id FROM {prefix}audit WHERE position = 0 ORDER BY id LIMIT ?`),
		lock:    s.write(`INSERT INTO {prefix}audit_last (id, position) VALUES (1, 0)` + s.dialect.orUpdate("id", "position = {prefix}audit_last.position")),
		last:    s.write(`SELECT position FROM {prefix}audit_last WHERE id = 1`),
		number:  s.write(`UPDATE {prefix}audit SET position = ? WHERE id = ?`),
		setLast: s.write(`UPDATE {prefix}audit_last SET position = ? WHERE id = 1`),
		old:     s.write(s.dialect.deleteSome("{prefix}audit", "id", "id < ?")),
	}
}

// InsertAudit implements audit.Store.
func (s *Store) InsertAudit(ctx context.Context, e audit.Entry) error {
	_, err := s.execOne(ctx, s.audit.insert, e.ID, e.Tenant, toMicros(e.At), e.Event, e.UserID, e.Actor.Kind, e.Actor.ID, e.Provider,
		e.ConnectionID, e.Address, e.UserAgent, string(e.Details))
	return err
}

// ListAudit implements audit.Store.
func (s *Store) ListAudit(ctx context.Context, f audit.Filter) ([]audit.Entry, error) {
	st, args := s.audit.list, []any{f.Tenant}
	switch {
	case f.UserID != "" && f.Event != "":
		st, args = s.audit.ofBoth, append(args, f.UserID, f.Event)
	case f.UserID != "":
		st, args = s.audit.ofUser, append(args, f.UserID)
	case f.Event != "":
		st, args = s.audit.ofEvent, append(args, f.Event)
	}
	from, before := "", "~" // no ID is less, or greater
	if !f.Since.IsZero() {
		from = audit.FirstID(f.Since)
	}
	if f.Before != "" {
		before = f.Before
	}
	return s.auditEntries(ctx, st, append(args, from, before, max(f.Limit, 0))...)
}

func (s *Store) auditEntries(ctx context.Context, st *statement, args ...any) ([]audit.Entry, error) {
	var list []audit.Entry
	err := s.query(ctx, st, func(rows row) error {
		list = append(list, audit.Entry{})
		return rows.Scan(auditFields(&list[len(list)-1])...)
	}, args...)
	return list, err
}

// AuditAfter implements audit.Store. Rows without a position are committed, or they could
// not be seen; giving them one is serialized by the row of audit_last.
func (s *Store) AuditAfter(ctx context.Context, position int64, limit int) ([]audit.Entry, error) {
	var one int
	err := s.queryRow(ctx, s.audit.waits, nil, &one)
	if err == nil {
		err = s.InTx(ctx, s.numberAudit)
	} else if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return s.auditEntries(ctx, s.audit.after, position, max(limit, 0))
}

// numberAudit gives positions to rows that have none.
func (s *Store) numberAudit(ctx context.Context) error {
	if _, err := s.exec(ctx, s.audit.lock); err != nil {
		return err
	}
	var last int64
	if err := s.queryRow(ctx, s.audit.last, nil, &last); err != nil {
		return err
	}
	var ids []string
	err := s.query(ctx, s.audit.waiting, func(rows row) error {
		ids = append(ids, "")
		return rows.Scan((*text)(&ids[len(ids)-1]))
	}, auditBatch)
	if err != nil || len(ids) == 0 { // another process was faster
		return err
	}
	for _, id := range ids {
		last++
		if _, err := s.exec(ctx, s.audit.number, last, id); err != nil {
			return err
		}
	}
	_, err = s.exec(ctx, s.audit.setLast, last)
	return err
}

// LastAudit implements audit.Store.
func (s *Store) LastAudit(ctx context.Context) (position int64, err error) {
	err = s.queryRow(ctx, s.audit.last, nil, &position)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return position, err
}

// DeleteAudit implements audit.Store.
func (s *Store) DeleteAudit(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.exec(ctx, s.audit.old, audit.FirstID(before), max(limit, 0))
	return int(n), err
}
