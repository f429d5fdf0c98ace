package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/gosocial/social/vault"
)

type connectionStatements struct {
	insert, byID, byIdentity, byUser, byUserProvider, token, version, update *statement
	ofUser, remove                                                           *statement
}

// connectionColumns are those that connectionFields scans.
const connectionColumns = `id, user_id, provider_id, provider_user_id, display_name, full_name, email,
	profile_url, image_url, rank, scopes, status, status_since, last_error, created_at, updated_at, expires_at,
	version, generation`

func connectionFields(c *vault.Connection) []any {
	return []any{&c.ID, &c.UserID, &c.ProviderID, &c.ProviderUserID, &c.DisplayName, &c.FullName, &c.Email,
		&c.ProfileURL, &c.ImageURL, &c.Rank, (*scopes)(&c.Scopes), (*string)(&c.Status), (*micros)(&c.StatusSince),
		&c.LastError, (*micros)(&c.CreatedAt), (*micros)(&c.UpdatedAt), (*micros)(&c.ExpiresAt), &c.Version,
		&c.Generation}
}

func (s *Store) connectionStatements() connectionStatements {
	const selected = `SELECT ` + connectionColumns + ` FROM {prefix}connections`
	const withToken = `SELECT ` + connectionColumns + `, sealed_token FROM {prefix}connections`
	const ordered = ` ORDER BY provider_id, rank, id`
	return connectionStatements{
		insert: s.write(`INSERT INTO {prefix}connections (` + connectionColumns + `, sealed_token)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?,
				CASE WHEN ? >= 0 THEN ? ELSE COALESCE((SELECT MAX(rank) + 1 FROM {prefix}connections
					WHERE user_id = ? AND provider_id = ?), 0) END,
				?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
			ON CONFLICT (provider_id, provider_user_id) DO NOTHING RETURNING rank`),
		byID:           s.read(selected + ` WHERE id = ?`),
		byIdentity:     s.read(selected + ` WHERE provider_id = ? AND provider_user_id = ?`),
		byUser:         s.read(selected + ` WHERE user_id = ?` + ordered),
		byUserProvider: s.read(selected + ` WHERE user_id = ? AND provider_id = ?` + ordered),
		token:          s.read(withToken + ` WHERE id = ?`),
		version:        s.read(`SELECT version FROM {prefix}connections WHERE id = ?`),
		update: s.write(`UPDATE {prefix}connections SET display_name = ?, full_name = ?, email = ?, profile_url = ?,
			image_url = ?, rank = ?, scopes = ?, status = ?, status_since = ?, last_error = ?, updated_at = ?,
			expires_at = ?, version = version + 1, generation = ?, lease_owner = '', lease_until = 0,
			lease_interrupted = 0, sealed_token = COALESCE(?, sealed_token)
			WHERE id = ? AND version = ?`),
		ofUser: s.write(withToken + ` WHERE user_id = ?` + ordered),
		remove: s.write(`DELETE FROM {prefix}connections WHERE id = ?`),
	}
}

// Insert implements vault.ConnectionStore.
func (s *Store) Insert(ctx context.Context, c vault.Connection, sealed []byte) (rank int, err error) {
	err = s.queryRow(ctx, s.connection.insert, []any{
		c.ID, c.UserID, c.ProviderID, c.ProviderUserID, c.DisplayName, c.FullName, c.Email, c.ProfileURL, c.ImageURL,
		c.Rank, c.Rank, c.UserID, c.ProviderID,
		joinScopes(c.Scopes), string(c.Status), toMicros(c.StatusSince), c.LastError,
		toMicros(c.CreatedAt), toMicros(c.UpdatedAt), toMicros(c.ExpiresAt), c.Generation, blob(sealed),
	}, &rank)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, vault.ErrTaken
	}
	return rank, err
}

// ByID implements vault.ConnectionStore.
func (s *Store) ByID(ctx context.Context, id string) (vault.Connection, error) {
	var c vault.Connection
	err := s.queryRow(ctx, s.connection.byID, []any{id}, connectionFields(&c)...)
	return c, noConnection(err)
}

// ByIdentity implements vault.ConnectionStore.
func (s *Store) ByIdentity(ctx context.Context, providerID, providerUserID string) (vault.Connection, error) {
	var c vault.Connection
	err := s.queryRow(ctx, s.connection.byIdentity, []any{providerID, providerUserID}, connectionFields(&c)...)
	return c, noConnection(err)
}

// ByUser implements vault.ConnectionStore.
func (s *Store) ByUser(ctx context.Context, userID, providerID string) ([]vault.Connection, error) {
	var list []vault.Connection
	scan := func(rows *sql.Rows) error {
		list = append(list, vault.Connection{})
		return rows.Scan(connectionFields(&list[len(list)-1])...)
	}
	var err error
	if providerID == "" {
		err = s.query(ctx, s.connection.byUser, scan, userID)
	} else {
		err = s.query(ctx, s.connection.byUserProvider, scan, userID, providerID)
	}
	return list, err
}

// Token implements vault.ConnectionStore.
func (s *Store) Token(ctx context.Context, id string) (vault.Connection, []byte, error) {
	var c vault.Connection
	var sealed []byte
	err := s.queryRow(ctx, s.connection.token, []any{id}, append(connectionFields(&c), &sealed)...)
	return c, sealed, noConnection(err)
}

// Version implements vault.ConnectionStore.
func (s *Store) Version(ctx context.Context, id string) (int64, error) {
	var version int64
	err := s.queryRow(ctx, s.connection.version, []any{id}, &version)
	return version, noConnection(err)
}

// Update implements vault.ConnectionStore.
func (s *Store) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	var token any
	if sealed != nil {
		token = sealed
	}
	n, err := s.exec(ctx, s.connection.update,
		c.DisplayName, c.FullName, c.Email, c.ProfileURL, c.ImageURL, c.Rank, joinScopes(c.Scopes), string(c.Status),
		toMicros(c.StatusSince), c.LastError, toMicros(c.UpdatedAt), toMicros(c.ExpiresAt), c.Generation, token,
		c.ID, c.Version)
	if err == nil && n == 0 {
		return vault.ErrStale
	}
	return err
}

func noConnection(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return vault.ErrNoConnection
	}
	return err
}
