package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/document"
)

type documentStatements struct {
	insert, get, due, update, remove     *statement
	list, listAll, listOwner, listOwners *statement
}

const documentColumns = `kind, id, tenant, owner, due_at, body, version, created_at, updated_at`

func documentFields(d *document.Document) []any {
	return []any{(*text)(&d.Kind), (*text)(&d.ID), (*text)(&d.Tenant), (*text)(&d.Owner), (*micros)(&d.Due), &d.Body, &d.Version,
		(*micros)(&d.CreatedAt), (*micros)(&d.UpdatedAt)}
}

func (s *Store) documentStatements() documentStatements {
	list := func(of string) *statement {
		return s.read(`SELECT ` + documentColumns + ` FROM {prefix}documents WHERE kind = ?` + of + ` AND id > ? ORDER BY id LIMIT ?`)
	}
	return documentStatements{
		insert: s.write(`INSERT INTO {prefix}documents (` + documentColumns + `) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)` +
			s.dialect.orNothing("kind, id")),
		get:        s.read(`SELECT ` + documentColumns + ` FROM {prefix}documents WHERE kind = ? AND id = ?`),
		list:       list(` AND tenant = ?`),
		listAll:    list(``),
		listOwner:  list(` AND owner = ? AND tenant = ?`),
		listOwners: list(` AND owner = ?`),
		due: s.read(`SELECT ` + documentColumns + ` FROM {prefix}documents WHERE kind = ? AND due_at > 0 AND due_at <= ?
			ORDER BY due_at, id LIMIT ?`),
		update: s.write(`UPDATE {prefix}documents SET owner = ?, due_at = ?, body = ?, updated_at = ?, version = version + 1
			WHERE kind = ? AND id = ? AND version = ?`),
		remove: s.write(`DELETE FROM {prefix}documents WHERE kind = ? AND id = ?`),
	}
}

// InsertDocument implements document.Store.
func (s *Store) InsertDocument(ctx context.Context, d document.Document) error {
	n, err := s.exec(ctx, s.document.insert, d.Kind, d.ID, d.Tenant, d.Owner, toMicros(d.Due), blob(d.Body),
		toMicros(d.CreatedAt), toMicros(d.UpdatedAt))
	if s.dialect.duplicateKey(err, "PRIMARY") || err == nil && n == 0 {
		return document.ErrTaken
	}
	return err
}

// Document implements document.Store.
func (s *Store) Document(ctx context.Context, kind, id string) (document.Document, error) {
	var d document.Document
	err := s.queryRow(ctx, s.document.get, []any{kind, id}, documentFields(&d)...)
	if errors.Is(err, sql.ErrNoRows) {
		err = document.ErrNone
	}
	return d, err
}

// Documents implements document.Store.
func (s *Store) Documents(ctx context.Context, f document.Filter) ([]document.Document, error) {
	st, args := s.document.listAll, []any{f.Kind}
	switch {
	case f.Owner != "" && f.AllTenants:
		st, args = s.document.listOwners, append(args, f.Owner)
	case f.Owner != "":
		st, args = s.document.listOwner, append(args, f.Owner, f.Tenant)
	case !f.AllTenants:
		st, args = s.document.list, append(args, f.Tenant)
	}
	return s.documents(ctx, st, append(args, f.After, max(f.Limit, 0))...)
}

// DueDocuments implements document.Store.
func (s *Store) DueDocuments(ctx context.Context, kind string, now time.Time, limit int) ([]document.Document, error) {
	return s.documents(ctx, s.document.due, kind, toMicros(now), max(limit, 0))
}

func (s *Store) documents(ctx context.Context, st *statement, args ...any) ([]document.Document, error) {
	var list []document.Document
	err := s.query(ctx, st, func(rows row) error {
		list = append(list, document.Document{})
		return rows.Scan(documentFields(&list[len(list)-1])...)
	}, args...)
	return list, err
}

// UpdateDocument implements document.Store.
func (s *Store) UpdateDocument(ctx context.Context, d document.Document) error {
	n, err := s.exec(ctx, s.document.update, d.Owner, toMicros(d.Due), blob(d.Body), toMicros(d.UpdatedAt), d.Kind, d.ID, d.Version)
	if err == nil && n == 0 {
		return document.ErrStale
	}
	return err
}

// DeleteDocument implements document.Store.
func (s *Store) DeleteDocument(ctx context.Context, kind, id string) error {
	n, err := s.exec(ctx, s.document.remove, kind, id)
	if err == nil && n == 0 {
		return document.ErrNone
	}
	return err
}
