package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/vault"
)

// A connection is a document of the collection connections.
type connection struct {
	ID             text            `bson:"_id"`
	Tenant         text            `bson:"tenant"`
	UserID         text            `bson:"user_id"`
	ProviderID     text            `bson:"provider_id"`
	ProviderUserID text            `bson:"provider_user_id"`
	CreatedAt      time.Time       `bson:"created_at"`
	State          connectionState `bson:",inline"`
	Version        int64           `bson:"version"`
	Sealed         []byte          `bson:"sealed,omitempty"` // nil when it was not read
	Lease          *lease          `bson:"lease,omitempty"`
	Interrupted    bool            `bson:"lease_interrupted,omitempty"`
}

// A connectionState has the fields that Update writes.
type connectionState struct {
	DisplayName  text      `bson:"display_name"`
	FullName     text      `bson:"full_name"`
	Email        text      `bson:"email"`
	ProfileURL   text      `bson:"profile_url"`
	ImageURL     text      `bson:"image_url"`
	Rank         int64     `bson:"rank"`
	ClientID     text      `bson:"client_id"`
	Requested    []text    `bson:"requested_scopes"`
	Scopes       []text    `bson:"scopes"`
	Status       text      `bson:"status"`
	StatusSince  time.Time `bson:"status_since"`
	LastError    text      `bson:"last_error"`
	RefusedSince time.Time `bson:"refused_since"`
	Refusals     int64     `bson:"refusals"`
	UpdatedAt    time.Time `bson:"updated_at"`
	RefreshedAt  time.Time `bson:"refreshed_at"`
	ExpiresAt    time.Time `bson:"expires_at"`
	Generation   int64     `bson:"generation"`
	Suspended    bool      `bson:"suspended"`
}

func stateOf(c vault.Connection) connectionState {
	return connectionState{
		DisplayName: text(c.DisplayName), FullName: text(c.FullName), Email: text(c.Email),
		ProfileURL: text(c.ProfileURL), ImageURL: text(c.ImageURL),
		Rank: int64(c.Rank), ClientID: text(c.ClientID), Requested: textsOf(c.RequestedScopes), Scopes: textsOf(c.Scopes),
		Status: text(c.Status), StatusSince: c.StatusSince, LastError: text(c.LastError),
		RefusedSince: c.RefusedSince, Refusals: int64(c.Refusals),
		UpdatedAt: c.UpdatedAt, RefreshedAt: c.RefreshedAt, ExpiresAt: c.ExpiresAt, Generation: c.Generation, Suspended: c.Suspended,
	}
}

func (d connection) connection() vault.Connection {
	s := d.State
	return vault.Connection{
		ID: string(d.ID), Tenant: string(d.Tenant), UserID: string(d.UserID), ProviderID: string(d.ProviderID), ProviderUserID: string(d.ProviderUserID),
		DisplayName: string(s.DisplayName), FullName: string(s.FullName), Email: string(s.Email),
		ProfileURL: string(s.ProfileURL), ImageURL: string(s.ImageURL),
		Rank: int(s.Rank), ClientID: string(s.ClientID), RequestedScopes: stringsOf(s.Requested), Scopes: stringsOf(s.Scopes),
		Status: vault.Status(s.Status), StatusSince: s.StatusSince, LastError: string(s.LastError),
		RefusedSince: s.RefusedSince, Refusals: int(s.Refusals),
		CreatedAt: d.CreatedAt, UpdatedAt: s.UpdatedAt, RefreshedAt: s.RefreshedAt, ExpiresAt: s.ExpiresAt,
		Version: d.Version, Generation: s.Generation, Suspended: s.Suspended,
	}
}

func byIdentity(i vault.Identity) bson.D {
	return bson.D{{Key: "tenant", Value: text(i.Tenant)}, {Key: "provider_id", Value: text(i.ProviderID)},
		{Key: "provider_user_id", Value: text(i.ProviderUserID)}}
}

func byID(id string) bson.D { return bson.D{{Key: "_id", Value: text(id)}} }

// connectionsOf filters a user's connections, those to one provider unless that is "".
func connectionsOf(tenant, userID, providerID string) bson.D {
	filter := bson.D{{Key: "tenant", Value: text(tenant)}, {Key: "user_id", Value: text(userID)}}
	if providerID != "" {
		filter = append(filter, bson.E{Key: "provider_id", Value: text(providerID)})
	}
	return filter
}

var (
	byRank       = bson.D{{Key: "provider_id", Value: 1}, {Key: "rank", Value: 1}, {Key: "_id", Value: 1}}
	withoutToken = bson.D{{Key: "sealed", Value: 0}}
)

// Insert implements vault.ConnectionStore.
func (d *database) Insert(ctx context.Context, c vault.Connection, sealed []byte) (rank int, err error) {
	if c.Rank >= 0 {
		return c.Rank, d.insertConnection(ctx, c, sealed)
	}
	err = d.inTx(ctx, func(ctx context.Context) error {
		// Of two transactions that find the same rank, the server undoes the second one
		// that writes this document, and it begins again.
		if err := d.touchOwner(ctx, c.Tenant, c.UserID); err != nil {
			return err
		}
		if c.Rank, err = d.lastRank(ctx, c.Tenant, c.UserID, c.ProviderID); err != nil {
			return err
		}
		c.Rank++
		return d.insertConnection(ctx, c, sealed)
	})
	return c.Rank, err
}

// lastRank returns the highest rank of a user's connections to a provider, -1 when
// there is none.
func (d *database) lastRank(ctx context.Context, tenant, userID, providerID string) (int, error) {
	var last struct {
		Rank int `bson:"rank"`
	}
	err := d.connections.find(ctx, connectionsOf(tenant, userID, providerID), &last,
		options.FindOne().SetSort(bson.D{{Key: "rank", Value: -1}}).SetProjection(bson.D{{Key: "rank", Value: 1}}))
	if errors.Is(err, mongo.ErrNoDocuments) {
		return -1, nil
	}
	return last.Rank, err
}

func (d *database) insertConnection(ctx context.Context, c vault.Connection, sealed []byte) error {
	// Looked up first, because an insert that fails ends its transaction.
	taken, err := d.connections.exists(ctx, byIdentity(c.Identity()))
	if err != nil {
		return err
	}
	if taken {
		return vault.ErrTaken
	}
	err = d.connections.insert(ctx, connection{
		ID: text(c.ID), Tenant: text(c.Tenant), UserID: text(c.UserID), ProviderID: text(c.ProviderID), ProviderUserID: text(c.ProviderUserID),
		CreatedAt: c.CreatedAt, State: stateOf(c), Version: 1, Sealed: sealed,
	})
	if !mongo.IsDuplicateKeyError(err) {
		return err
	}
	if d.joined(ctx) { // the transaction has ended, and a look-up would fail
		return fmt.Errorf("%w: %w", vault.ErrTaken, err)
	}
	// Among parallel inserts the unique index lets one succeed. Not every server says
	// which index refused the others.
	used, failed := d.connections.exists(ctx, byID(c.ID))
	switch {
	case failed != nil:
		return failed
	case used:
		return fmt.Errorf("mongostore: the connection ID %q is in use", c.ID)
	}
	return vault.ErrTaken
}

// ByID implements vault.ConnectionStore.
func (d *database) ByID(ctx context.Context, id string) (vault.Connection, error) {
	return d.oneConnection(ctx, byID(id))
}

// ByIdentity implements vault.ConnectionStore.
func (d *database) ByIdentity(ctx context.Context, i vault.Identity) (vault.Connection, error) {
	return d.oneConnection(ctx, byIdentity(i))
}

// ByAccount implements vault.ConnectionStore.
func (d *database) ByAccount(ctx context.Context, providerID, providerUserID string) ([]vault.Connection, error) {
	filter := bson.D{{Key: "provider_id", Value: text(providerID)}, {Key: "provider_user_id", Value: text(providerUserID)}}
	return d.manyConnections(ctx, filter, options.Find())
}

func (d *database) oneConnection(ctx context.Context, filter bson.D) (vault.Connection, error) {
	var found connection
	err := d.connections.find(ctx, filter, &found, options.FindOne().SetProjection(withoutToken))
	if err != nil {
		return vault.Connection{}, orNone(err, vault.ErrNoConnection)
	}
	return found.connection(), nil
}

// ByUser implements vault.ConnectionStore.
func (d *database) ByUser(ctx context.Context, tenant, userID, providerID string) ([]vault.Connection, error) {
	return d.manyConnections(ctx, connectionsOf(tenant, userID, providerID), options.Find().SetSort(byRank))
}

// Token implements vault.ConnectionStore.
func (d *database) Token(ctx context.Context, id string) (vault.Connection, []byte, error) {
	var found connection
	if err := d.connections.find(ctx, byID(id), &found); err != nil {
		return vault.Connection{}, nil, orNone(err, vault.ErrNoConnection)
	}
	return found.connection(), found.Sealed, nil
}

// Version implements vault.ConnectionStore.
func (d *database) Version(ctx context.Context, id string) (int64, error) {
	var found struct {
		Version int64 `bson:"version"`
	}
	err := d.connections.find(ctx, byID(id), &found, options.FindOne().SetProjection(bson.D{{Key: "version", Value: 1}}))
	return found.Version, orNone(err, vault.ErrNoConnection)
}

// Update implements vault.ConnectionStore.
func (d *database) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	updated, err := d.updateConnection(ctx, c, sealed, nil, nil)
	if err == nil && !updated {
		return vault.ErrStale
	}
	return err
}

// UpdateAndRelease implements vault.LeaseStore.
func (d *database) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, owner string) error {
	updated, err := d.updateConnection(ctx, c, sealed,
		bson.D{{Key: "lease.owner", Value: text(owner)}}, bson.D{{Key: "$unset", Value: bson.D{{Key: "lease", Value: ""}}}})
	if err != nil || updated {
		return err
	}
	// There is no lease of this owner, and there will be none while it makes this call.
	return d.Update(ctx, c, sealed)
}

// updateConnection updates a connection that has the version, and matches further
// conditions, and reports whether there was one.
func (d *database) updateConnection(ctx context.Context, c vault.Connection, sealed []byte, when, further bson.D) (bool, error) {
	set := struct {
		State       connectionState `bson:",inline"`
		Sealed      *[]byte         `bson:"sealed,omitempty"`
		Interrupted *bool           `bson:"lease_interrupted,omitempty"`
	}{State: stateOf(c)}
	if sealed != nil {
		set.Sealed, set.Interrupted = &sealed, new(bool)
	}
	// The filter has the version that is replaced: of many updates of one version the
	// first changes it, and the others match no document.
	return d.connections.update(ctx,
		append(bson.D{{Key: "_id", Value: text(c.ID)}, {Key: "version", Value: c.Version}}, when...),
		append(bson.D{{Key: "$set", Value: set}, {Key: "$inc", Value: bson.D{{Key: "version", Value: 1}}}}, further...))
}

// List implements vault.Lister.
func (d *database) List(ctx context.Context, f vault.Filter, after string, limit int) ([]vault.Connection, error) {
	if limit <= 0 {
		return nil, d.checkContext(ctx)
	}
	return d.manyConnections(ctx, filterOf(f, after), options.Find().SetSort(byKey).SetLimit(int64(limit)))
}

// SealedTokens implements vault.Lister.
func (d *database) SealedTokens(ctx context.Context, f vault.Filter, after string, limit int) ([]vault.SealedToken, error) {
	if limit <= 0 {
		return nil, d.checkContext(ctx)
	}
	found, err := list[connection](ctx, d.connections, filterOf(f, after), options.Find().SetSort(byKey).SetLimit(int64(limit)).
		SetProjection(bson.D{{Key: "tenant", Value: 1}, {Key: "user_id", Value: 1}, {Key: "provider_id", Value: 1}, {Key: "created_at", Value: 1}, {Key: "sealed", Value: 1}}))
	var all []vault.SealedToken
	for _, c := range found {
		one := c.connection()
		all = append(all, vault.SealedToken{
			ID: one.ID, Tenant: one.Tenant, UserID: one.UserID, ProviderID: one.ProviderID, CreatedAt: one.CreatedAt, Sealed: c.Sealed,
		})
	}
	return all, err
}

// filterOf returns what selects the connections of f that follow after.
func filterOf(f vault.Filter, after string) bson.D {
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: text(after)}}}}
	if !f.AllTenants {
		filter = append(filter, bson.E{Key: "tenant", Value: text(f.Tenant)})
	}
	for _, field := range [...]struct{ name, value string }{
		{"provider_id", f.ProviderID}, {"client_id", f.ClientID}, {"status", string(f.Status)},
	} {
		if field.value != "" {
			filter = append(filter, bson.E{Key: field.name, Value: text(field.value)})
		}
	}
	if !f.RefreshedAfter.IsZero() {
		filter = append(filter, bson.E{Key: "refreshed_at", Value: bson.D{{Key: "$gt", Value: f.RefreshedAfter}}})
	}
	if f.Refused {
		filter = append(filter, bson.E{Key: "refusals", Value: bson.D{{Key: "$gt", Value: 0}}})
	}
	if since := f.RestingSince; !since.IsZero() {
		filter = append(filter,
			bson.E{Key: "suspended", Value: bson.D{{Key: "$ne", Value: true}}},
			bson.E{Key: "$nor", Value: bson.A{bson.D{{Key: "status", Value: text(vault.NeedsReauthorization)}}}},
			bson.E{Key: "$or", Value: bson.A{
				bson.D{{Key: "updated_at", Value: bson.D{{Key: "$lte", Value: since}}}},
				bson.D{{Key: "expires_at", Value: bson.D{{Key: "$gt", Value: time.Time{}}, {Key: "$lt", Value: since}}}},
			}})
	}
	return filter
}

func (d *database) manyConnections(ctx context.Context, filter bson.D, o *options.FindOptionsBuilder) ([]vault.Connection, error) {
	found, err := list[connection](ctx, d.connections, filter, o.SetProjection(withoutToken))
	var all []vault.Connection
	for _, c := range found {
		all = append(all, c.connection())
	}
	return all, err
}

// byKey sorts by the key, or returns that alone.
var byKey = bson.D{{Key: "_id", Value: 1}}
