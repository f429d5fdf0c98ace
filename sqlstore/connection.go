package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strings"

	"github.com/gosocial/social/vault"
)

type connectionStatements struct {
	insert, byID, byIdentity, byAccount, byUser, byUserProvider, token, version, update *statement
	updateAndRelease                                                                    *statement
	ofUser, remove, list, sealedTokens                                                  *statement

	known     *statement // byIdentity in an optimistic transaction
	lockRanks *statement // where transactions run at the same time
	rank      *statement // where insert does not return it
}

// connectionColumns are read into connectionFields, in this order.
const connectionColumns = `id, tenant, user_id, provider_id, provider_user_id, display_name, full_name, email,
	profile_url, image_url, client_id, requested_scopes, scopes, status, last_error,
	"rank", status_since, refused_since, refusals, created_at, updated_at, refreshed_at, expires_at, version, generation, suspended`

func connectionFields(c *vault.Connection) [26]any {
	return [...]any{
		(*text)(&c.ID), (*text)(&c.Tenant), (*text)(&c.UserID), (*text)(&c.ProviderID), (*text)(&c.ProviderUserID),
		(*text)(&c.DisplayName), (*text)(&c.FullName), (*text)(&c.Email), (*text)(&c.ProfileURL), (*text)(&c.ImageURL),
		(*text)(&c.ClientID), (*scopes)(&c.RequestedScopes), (*scopes)(&c.Scopes), (*text)(&c.Status), (*text)(&c.LastError),
		&c.Rank, (*micros)(&c.StatusSince), (*micros)(&c.RefusedSince), &c.Refusals, (*micros)(&c.CreatedAt),
		(*micros)(&c.UpdatedAt), (*micros)(&c.RefreshedAt), (*micros)(&c.ExpiresAt), &c.Version, &c.Generation,
		&c.Suspended,
	}
}

// scanConnection reads a row of connectionColumns and those of more.
func scanConnection(rows row, c *vault.Connection, more ...any) error {
	fields := connectionFields(c)
	return rows.Scan(append(fields[:], more...)...)
}

func (s *Store) connectionStatements() connectionStatements {
	const selected = `SELECT ` + connectionColumns + ` FROM {prefix}connections`
	const ordered = ` ORDER BY provider_id, "rank", id`
	const update = `UPDATE {prefix}connections SET display_name = ?, full_name = ?, email = ?, profile_url = ?,
			image_url = ?, "rank" = ?, client_id = ?, requested_scopes = ?, scopes = ?, status = ?, status_since = ?, last_error = ?,
			refused_since = ?, refusals = ?, updated_at = ?, refreshed_at = ?, expires_at = ?, version = version + 1, generation = ?, suspended = ?,
			lease_interrupted = lease_interrupted * ?, sealed_token = COALESCE(?, sealed_token)`
	// The owner last: MySQL and MariaDB assign from left to right.
	const release = `, lease_until = CASE WHEN lease_owner = ? THEN 0 ELSE lease_until END,
			lease_owner = CASE WHEN lease_owner = ? THEN '' ELSE lease_owner END`
	const updated = ` WHERE id = ? AND version = ?`
	// The condition on a field holds for every row when the number before it is 0. CASE keeps
	// PostgreSQL from taking all of them for rare, and sorting what a scan finds: the rows of
	// a page are those that follow in the primary key.
	const filtered = ` WHERE id > ? AND CASE WHEN (? = 0 OR tenant = ?) AND (? = 0 OR provider_id = ?)
			AND (? = 0 OR client_id = ?) AND (? = 0 OR status = ?) AND refreshed_at > ? AND refusals >= ?
			AND (? = 0 OR suspended = 0 AND status <> ? AND (updated_at <= ? OR expires_at <> 0 AND expires_at < ?))
			THEN TRUE ELSE FALSE END ORDER BY id LIMIT ?`
	sealedFields := sealedTokenFields(new(vault.SealedToken))
	fields := connectionFields(new(vault.Connection))
	packed := `SELECT ` + pack(strings.Split(connectionColumns, ","), fields[:])
	st := connectionStatements{
		insert: s.write(`INSERT INTO {prefix}connections (id, tenant, user_id, provider_id, provider_user_id,
			display_name, full_name, email, profile_url, image_url, "rank", client_id, requested_scopes, scopes, status,
			status_since, last_error, refused_since, refusals, created_at, updated_at, refreshed_at, expires_at, version,
			generation, suspended, sealed_token)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
				COALESCE(?, ` + s.dialect.nextRank() + `, 0),
				?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)` +
			s.dialect.orNothing("tenant, provider_id, provider_user_id") + s.dialect.returning(`"rank"`)),
		byID: s.read(selected + ` WHERE id = ?`),
		byIdentity: s.read(packed + ` FROM {prefix}connections
			WHERE tenant = ? AND provider_id = ? AND provider_user_id = ?`),
		byAccount:        s.read(selected + ` WHERE provider_id = ? AND provider_user_id = ?`),
		byUser:           s.read(selected + ` WHERE tenant = ? AND user_id = ?` + ordered),
		byUserProvider:   s.read(selected + ` WHERE tenant = ? AND user_id = ? AND provider_id = ?` + ordered),
		token:            s.read(packed + `, sealed_token FROM {prefix}connections WHERE id = ?`),
		version:          s.read(`SELECT version FROM {prefix}connections WHERE id = ?`),
		update:           s.write(update + updated),
		updateAndRelease: s.write(update + release + updated),
		ofUser: s.write(`SELECT ` + connectionColumns + `, sealed_token FROM {prefix}connections
			WHERE tenant = ? AND user_id = ?` + ordered + s.dialect.forUpdate()),
		remove:       s.write(`DELETE FROM {prefix}connections WHERE id = ?`),
		list:         s.read(selected + filtered),
		sealedTokens: s.read(`SELECT ` + pack(strings.Split(sealedTokenColumns, ", "), sealedFields[:]) + `, sealed_token FROM {prefix}connections` + filtered),
	}
	if s.dialect.concurrentTx() {
		st.known = s.identityKnown()
		st.lockRanks = s.write(s.dialect.lock())
	}
	if !s.dialect.hasReturning() {
		st.rank = s.write(`SELECT "rank" FROM {prefix}connections WHERE id = ?`)
	}
	return st
}

// Insert implements vault.ConnectionStore.
func (s *Store) Insert(ctx context.Context, c vault.Connection, sealed []byte) (rank int, err error) {
	if c.Rank >= 0 {
		return s.insertRanked(ctx, c, c.Rank, sealed)
	}
	switch {
	case !s.dialect.concurrentTx():
		return s.insertRanked(ctx, c, nil, sealed)
	case s.known(ctx).isUnlinked(c.Tenant, c.UserID):
		return s.insertRanked(ctx, c, 0, sealed)
	}
	return s.insertLast(ctx, c, sealed)
}

// insertLast inserts after the user's other connections to the provider, where other
// transactions may do so at the same time.
func (s *Store) insertLast(ctx context.Context, c vault.Connection, sealed []byte) (rank int, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		// A statement of its own, so that the next one sees the rows of the transaction
		// that it waited for.
		lock := lockNumber(s.tables.Connections + "\x00" + c.Tenant + "\x00" + c.UserID + "\x00" + c.ProviderID)
		if err := s.execAny(ctx, s.connection.lockRanks, lock); err != nil {
			return err
		}
		rank, err = s.insertRanked(ctx, c, nil, sealed)
		return err
	})
	return rank, err
}

// insertRanked inserts with the given rank, or after the others when that is nil.
func (s *Store) insertRanked(ctx context.Context, c vault.Connection, given any, sealed []byte) (rank int, err error) {
	args := []any{
		c.ID, c.Tenant, c.UserID, c.ProviderID, c.ProviderUserID, c.DisplayName, c.FullName, c.Email, c.ProfileURL, c.ImageURL,
		given, c.Tenant, c.UserID, c.ProviderID,
		c.ClientID, joinScopes(c.RequestedScopes), joinScopes(c.Scopes), string(c.Status), toMicros(c.StatusSince), c.LastError,
		toMicros(c.RefusedSince), c.Refusals, toMicros(c.CreatedAt), toMicros(c.UpdatedAt), toMicros(c.RefreshedAt),
		toMicros(c.ExpiresAt), c.Generation, toInt(c.Suspended), blob(sealed),
	}
	rank, ranked := given.(int)
	switch {
	case ranked && s.deferring(ctx) != nil:
		_, err = s.execOne(ctx, s.connection.insert, args...)
	case s.dialect.hasReturning():
		err = s.queryRow(ctx, s.connection.insert, args, &rank)
	default:
		_, err = s.exec(ctx, s.connection.insert, args...)
	}
	if s.dialect.duplicateKey(err, "PRIMARY") {
		// Both keys may be taken; then the error is about the identity.
		if _, other := s.ByIdentity(ctx, c.Identity()); other == nil {
			return 0, vault.ErrTaken
		}
	}
	switch {
	case errors.Is(err, sql.ErrNoRows), s.dialect.duplicateKey(err, unqualified(s.tables.Connections)+"_identity"):
		return 0, vault.ErrTaken
	case err != nil || ranked || s.dialect.hasReturning():
		return rank, err
	}
	err = s.queryRow(ctx, s.connection.rank, []any{c.ID}, &rank)
	return rank, err
}

// ByID implements vault.ConnectionStore.
func (s *Store) ByID(ctx context.Context, id string) (vault.Connection, error) {
	var c vault.Connection
	fields := connectionFields(&c)
	if err := s.queryRow(ctx, s.connection.byID, []any{id}, fields[:]...); err != nil {
		return vault.Connection{}, noConnection(err)
	}
	return c, nil
}

// ByIdentity implements vault.ConnectionStore.
func (s *Store) ByIdentity(ctx context.Context, i vault.Identity) (vault.Connection, error) {
	if k := s.known(ctx); k != nil && !s.noAccounts {
		return s.byIdentityKnown(ctx, k, i)
	}
	packed, err := s.queryPacked(ctx, s.connection.byIdentity, []any{i.Tenant, i.ProviderID, i.ProviderUserID})
	if err != nil {
		return vault.Connection{}, noConnection(err)
	}
	return unpackConnection(ctx, packed)
}

func unpackConnection(ctx context.Context, packed string) (vault.Connection, error) {
	var c vault.Connection
	fields := connectionFields(&c)
	if err := unpack(packed, fields[:]); err != nil {
		return vault.Connection{}, wrap(ctx, err)
	}
	return c, nil
}

// ByAccount implements vault.ConnectionStore.
func (s *Store) ByAccount(ctx context.Context, providerID, providerUserID string) ([]vault.Connection, error) {
	return s.connections(ctx, s.connection.byAccount, providerID, providerUserID)
}

// ByUser implements vault.ConnectionStore.
func (s *Store) ByUser(ctx context.Context, tenant, userID, providerID string) ([]vault.Connection, error) {
	st, args := s.connection.byUser, []any{tenant, userID}
	if providerID != "" {
		st, args = s.connection.byUserProvider, []any{tenant, userID, providerID}
	}
	return s.connections(ctx, st, args...)
}

func (s *Store) connections(ctx context.Context, st *statement, args ...any) (list []vault.Connection, err error) {
	err = s.query(ctx, st, func(rows row) error {
		list = append(list, vault.Connection{})
		return scanConnection(rows, &list[len(list)-1])
	}, args...)
	return list, err
}

// Token implements vault.ConnectionStore.
func (s *Store) Token(ctx context.Context, id string) (vault.Connection, []byte, error) {
	if c, sealed, ok := s.known(ctx).takeConnection(id); ok {
		return c, sealed, nil
	}
	var sealed []byte
	packed, err := s.queryPacked(ctx, s.connection.token, []any{id}, &sealed)
	if err != nil {
		return vault.Connection{}, nil, noConnection(err)
	}
	c, err := unpackConnection(ctx, packed)
	return c, sealed, err
}

// Version implements vault.ConnectionStore.
func (s *Store) Version(ctx context.Context, id string) (int64, error) {
	var version int64
	err := s.queryRow(ctx, s.connection.version, []any{id}, &version)
	return version, noConnection(err)
}

// Update implements vault.ConnectionStore.
func (s *Store) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	return s.updateConnection(ctx, s.connection.update, c, sealed)
}

// UpdateAndRelease implements vault.LeaseStore.
func (s *Store) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, owner string) error {
	return s.updateConnection(ctx, s.connection.updateAndRelease, c, sealed, owner, owner)
}

func (s *Store) updateConnection(ctx context.Context, st *statement, c vault.Connection, sealed []byte, release ...any) error {
	var token any
	interrupted := 1 // as it is
	if sealed != nil {
		token, interrupted = sealed, 0
	}
	args := append(make([]any, 0, 25),
		c.DisplayName, c.FullName, c.Email, c.ProfileURL, c.ImageURL, c.Rank, c.ClientID, joinScopes(c.RequestedScopes),
		joinScopes(c.Scopes), string(c.Status),
		toMicros(c.StatusSince), c.LastError, toMicros(c.RefusedSince), c.Refusals, toMicros(c.UpdatedAt),
		toMicros(c.RefreshedAt), toMicros(c.ExpiresAt), c.Generation, toInt(c.Suspended), interrupted, token)
	args = append(args, release...)
	n, err := s.execOne(ctx, st, append(args, c.ID, c.Version)...)
	if err == nil && n == 0 {
		return vault.ErrStale
	}
	return err
}

// List implements vault.Lister.
func (s *Store) List(ctx context.Context, f vault.Filter, after string, limit int) (list []vault.Connection, err error) {
	err = s.query(ctx, s.connection.list, func(rows row) error {
		list = append(list, vault.Connection{})
		return scanConnection(rows, &list[len(list)-1])
	}, filterArgs(f, after, limit)...)
	return list, err
}

// SealedTokens implements vault.Lister.
func (s *Store) SealedTokens(ctx context.Context, f vault.Filter, after string, limit int) (list []vault.SealedToken, err error) {
	err = s.query(ctx, s.connection.sealedTokens, func(rows row) error {
		var packed string
		var t vault.SealedToken
		if err := rows.Scan(&packed, &t.Sealed); err != nil {
			return err
		}
		fields := sealedTokenFields(&t)
		err := unpack(packed, fields[:])
		list = append(list, t)
		return err
	}, filterArgs(f, after, limit)...)
	return list, err
}

// sealedTokenColumns are read into sealedTokenFields, in this order.
const sealedTokenColumns = `id, tenant, user_id, provider_id, created_at`

func sealedTokenFields(t *vault.SealedToken) [5]any {
	return [...]any{(*text)(&t.ID), (*text)(&t.Tenant), (*text)(&t.UserID), (*text)(&t.ProviderID), (*micros)(&t.CreatedAt)}
}

// filterArgs are the arguments of the condition of lists.
func filterArgs(f vault.Filter, after string, limit int) []any {
	one := func(condition bool) int {
		if condition {
			return 1
		}
		return 0
	}
	refreshed := int64(math.MinInt64)
	if !f.RefreshedAfter.IsZero() {
		refreshed = toMicros(f.RefreshedAfter)
	}
	resting := toMicros(f.RestingSince)
	return []any{
		after, one(!f.AllTenants), f.Tenant, one(f.ProviderID != ""), f.ProviderID, one(f.ClientID != ""), f.ClientID,
		one(f.Status != ""), string(f.Status), refreshed, one(f.Refused),
		one(!f.RestingSince.IsZero()), string(vault.NeedsReauthorization), resting, resting, max(limit, 0),
	}
}

func noConnection(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return vault.ErrNoConnection
	}
	return err
}
