package mongostore

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/ticket"
)

// A user is a document of the collection users, with the names of their roles.
type user struct {
	Key       text      `bson:"_id"`
	Tenant    text      `bson:"tenant"`
	ID        text      `bson:"id"`
	State     userState `bson:",inline"`
	Login     tracking  `bson:"login"`
	Roles     []text    `bson:"roles"`
	CreatedAt time.Time `bson:"created_at"`
	Version   int64     `bson:"version"`
}

// A userState has the fields that UpdateUser writes. The keys are unique, and include
// the tenant. Without a name there is no key, and the index leaves the user out.
type userState struct {
	Email           text      `bson:"email"`
	EmailKey        text      `bson:"email_key,omitempty"`
	Username        text      `bson:"username"`
	UsernameKey     text      `bson:"username_key,omitempty"`
	PasswordHash    text      `bson:"password_hash"`
	Active          bool      `bson:"active"`
	EmailVerifiedAt time.Time `bson:"email_verified_at"`
	UpdatedAt       time.Time `bson:"updated_at"`
	DeletionAt      time.Time `bson:"deletion_at,omitempty"` // the index leaves out users without
	Language        text      `bson:"language"`
}

type tracking struct {
	LastAt         time.Time `bson:"last_at"`
	CurrentAt      time.Time `bson:"current_at"`
	LastAddress    text      `bson:"last_address"`
	CurrentAddress text      `bson:"current_address"`
	Count          int64     `bson:"count"`
}

func userStateOf(u accounts.User) userState {
	return userState{
		Email: text(u.Email), EmailKey: nameKey(u.Tenant, u.Email), Username: text(u.Username), UsernameKey: nameKey(u.Tenant, u.Username),
		PasswordHash: text(u.PasswordHash), Active: u.Active, EmailVerifiedAt: u.EmailVerifiedAt, UpdatedAt: u.UpdatedAt,
		DeletionAt: u.DeletionAt, Language: text(u.Language),
	}
}

func (d user) user() accounts.User {
	roles := stringsOf(d.Roles)
	slices.Sort(roles)
	return accounts.User{
		Tenant: string(d.Tenant), ID: string(d.ID), Email: string(d.State.Email), Username: string(d.State.Username),
		PasswordHash: string(d.State.PasswordHash), Active: d.State.Active, EmailVerifiedAt: d.State.EmailVerifiedAt,
		Roles: roles,
		Login: accounts.Tracking{LastAt: d.Login.LastAt, CurrentAt: d.Login.CurrentAt,
			LastAddress: string(d.Login.LastAddress), CurrentAddress: string(d.Login.CurrentAddress), Count: d.Login.Count},
		CreatedAt: d.CreatedAt, UpdatedAt: d.State.UpdatedAt, DeletionAt: d.State.DeletionAt, Language: string(d.State.Language), Version: d.Version,
	}
}

// InsertUser implements accounts.Store. One document holds the user and the names of the
// roles.
func (d *database) InsertUser(ctx context.Context, u accounts.User) error {
	roles := slices.Compact(slices.Sorted(slices.Values(u.Roles)))
	for _, role := range roles {
		if err := d.roleExists(ctx, u.Tenant, role); err != nil {
			return err
		}
	}
	return d.writeNames(ctx, u, func() error {
		return d.users.insert(ctx, user{
			Key: keyIn(u.Tenant, u.ID), Tenant: text(u.Tenant), ID: text(u.ID), State: userStateOf(u), Roles: textsOf(roles), CreatedAt: u.CreatedAt, Version: 1,
			Login: tracking{LastAt: u.Login.LastAt, CurrentAt: u.Login.CurrentAt, LastAddress: text(u.Login.LastAddress),
				CurrentAddress: text(u.Login.CurrentAddress), Count: u.Login.Count},
		})
	})
}

// writeNames writes a user unless another user has one of the names. It looks first,
// because a write that fails ends its transaction. Among parallel writes the unique
// indexes let one succeed.
func (d *database) writeNames(ctx context.Context, u accounts.User, write func() error) error {
	if err := d.namesTaken(ctx, u); err != nil {
		return err
	}
	err := write()
	if !mongo.IsDuplicateKeyError(err) || d.joined(ctx) { // a transaction has ended
		return err
	}
	// Not every server says which index refused it.
	if taken := d.namesTaken(ctx, u); taken != nil {
		return taken
	}
	return err
}

// namesTaken returns the error for the first of the user's names that another user has.
func (d *database) namesTaken(ctx context.Context, u accounts.User) error {
	for _, name := range []struct {
		field string
		key   text
		taken error
	}{
		{"email_key", nameKey(u.Tenant, u.Email), accounts.ErrEmailTaken},
		{"username_key", nameKey(u.Tenant, u.Username), accounts.ErrUsernameTaken},
	} {
		if name.key == "" {
			continue
		}
		var other struct {
			Key text `bson:"_id"`
		}
		err := d.users.find(ctx, bson.D{{Key: name.field, Value: name.key}}, &other, options.FindOne().SetProjection(byKey))
		switch {
		case err == nil && other.Key != keyIn(u.Tenant, u.ID):
			return name.taken
		case err != nil && !errors.Is(err, mongo.ErrNoDocuments):
			return err
		}
	}
	return nil
}

// UserByID implements accounts.Store.
func (d *database) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	return d.oneUser(ctx, byIDIn(tenant, id))
}

// UserByEmail implements accounts.Store.
func (d *database) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	return d.oneUser(ctx, bson.D{{Key: "email_key", Value: nameKey(tenant, email)}})
}

// UserByUsername implements accounts.Store.
func (d *database) UserByUsername(ctx context.Context, tenant, username string) (accounts.User, error) {
	return d.oneUser(ctx, bson.D{{Key: "username_key", Value: nameKey(tenant, username)}})
}

func (d *database) oneUser(ctx context.Context, filter bson.D) (accounts.User, error) {
	var found user
	if err := d.users.find(ctx, filter, &found); err != nil {
		return accounts.User{}, orNone(err, accounts.ErrNoUser)
	}
	return found.user(), nil
}

// Users implements accounts.Store.
func (d *database) Users(ctx context.Context, tenant, after string, limit int) ([]accounts.User, error) {
	if limit <= 0 {
		return nil, d.checkContext(ctx)
	}
	found, err := list[user](ctx, d.users, bson.D{{Key: "tenant", Value: text(tenant)},
		{Key: "_id", Value: bson.D{{Key: "$gt", Value: keyIn(tenant, after)}}}},
		options.Find().SetSort(byKey).SetLimit(int64(limit)))
	var all []accounts.User
	for _, u := range found {
		all = append(all, u.user())
	}
	return all, err
}

// Tenants implements accounts.Store.
func (d *database) Tenants(ctx context.Context) ([]string, error) {
	if err := d.users.ready(ctx); err != nil {
		return nil, err
	}
	cursor, err := d.users.of.Aggregate(ctx, bson.A{bson.D{{Key: "$group", Value: bson.D{{Key: "_id", Value: "$tenant"}}}}})
	if err != nil {
		return nil, wrap(ctx, err)
	}
	var found []struct {
		Tenant text `bson:"_id"`
	}
	if err := cursor.All(ctx, &found); err != nil {
		return nil, wrap(ctx, err)
	}
	var tenants []string
	for _, f := range found {
		tenants = append(tenants, string(f.Tenant))
	}
	slices.Sort(tenants)
	return tenants, nil
}

// UsersToDelete implements accounts.Store.
func (d *database) UsersToDelete(ctx context.Context, now time.Time, after accounts.User, limit int) ([]accounts.User, error) {
	if limit <= 0 {
		return nil, d.checkContext(ctx)
	}
	filter := bson.D{{Key: "deletion_at", Value: bson.D{{Key: "$gte", Value: after.DeletionAt}, {Key: "$lte", Value: now}}}}
	if after.ID != "" {
		filter = append(filter, bson.E{Key: "$or", Value: bson.A{
			bson.D{{Key: "deletion_at", Value: bson.D{{Key: "$gt", Value: after.DeletionAt}}}},
			bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: keyIn(after.Tenant, after.ID)}}}},
		}})
	}
	found, err := list[user](ctx, d.users, filter, options.Find().SetSort(up("deletion_at", "_id")).SetLimit(int64(limit)))
	var all []accounts.User
	for _, u := range found {
		all = append(all, u.user())
	}
	return all, err
}

// UpdateUser implements accounts.Store.
func (d *database) UpdateUser(ctx context.Context, u accounts.User) error {
	set := userStateOf(u)
	change := bson.D{{Key: "$set", Value: set}, {Key: "$inc", Value: bson.D{{Key: "version", Value: 1}}}}
	gone := bson.D{}
	if set.EmailKey == "" {
		gone = append(gone, bson.E{Key: "email_key", Value: ""})
	}
	if set.UsernameKey == "" {
		gone = append(gone, bson.E{Key: "username_key", Value: ""})
	}
	if set.DeletionAt.IsZero() {
		gone = append(gone, bson.E{Key: "deletion_at", Value: ""})
	}
	if len(gone) > 0 {
		change = append(change, bson.E{Key: "$unset", Value: gone})
	}
	return d.writeNames(ctx, u, func() error {
		// Of many updates of one version the first changes it, and the others match no
		// document.
		swapped, err := d.users.update(ctx, append(byIDIn(u.Tenant, u.ID), bson.E{Key: "version", Value: u.Version}), change)
		if err == nil && !swapped {
			return accounts.ErrStale
		}
		return err
	})
}

// DeleteUser implements accounts.Store.
func (d *database) DeleteUser(ctx context.Context, tenant, id string) error {
	return d.inTx(ctx, func(ctx context.Context) error {
		// The user first, because a session without its user opens nothing.
		n, err := d.users.remove(ctx, byIDIn(tenant, id))
		if err != nil {
			return err
		}
		if n == 0 {
			return accounts.ErrNoUser
		}
		if _, err = d.sessions.remove(ctx, ofUser(tenant, id)); err != nil {
			return err
		}
		if _, err := d.DeleteFactors(ctx, accounts.FactorFilter{Tenant: tenant, UserID: id}); err != nil {
			return err
		}
		if _, err := d.DeleteTokens(ctx, accounts.TokenFilter{Tenant: tenant, UserID: id}); err != nil {
			return err
		}
		return d.DeleteTickets(ctx, ticket.Filter{Tenant: tenant, UserID: id})
	})
}

// TrackLogin implements accounts.Store.
func (d *database) TrackLogin(ctx context.Context, l accounts.TrackedLogin) error {
	of := append(byIDIn(l.Tenant, l.UserID), bson.E{Key: "version", Value: l.Version})
	for {
		var before struct {
			Login tracking `bson:"login"`
		}
		err := d.users.find(ctx, of, &before, options.FindOne().SetProjection(bson.D{{Key: "login", Value: 1}}))
		if err != nil {
			return orNone(err, accounts.ErrStale)
		}
		last := before.Login
		// The filter has the count, which only rises, so that the values that move are
		// those that were read.
		swapped, err := d.users.update(ctx, append(slices.Clip(of), bson.E{Key: "login.count", Value: last.Count}),
			bson.D{{Key: "$set", Value: bson.D{{Key: "login", Value: tracking{
				LastAt: last.CurrentAt, LastAddress: last.CurrentAddress,
				CurrentAt: l.At, CurrentAddress: text(l.Address), Count: last.Count + 1,
			}}}}})
		if err != nil || swapped {
			return err
		}
	}
}

// LockUser implements accounts.Store. Only a change keeps other transactions from
// changing the document.
func (d *database) LockUser(ctx context.Context, tenant, id string, version int64) error {
	there, err := d.users.update(ctx, append(byIDIn(tenant, id), bson.E{Key: "version", Value: version}),
		bson.D{{Key: "$inc", Value: bson.D{{Key: "locked", Value: 1}}}})
	if err == nil && !there {
		err = accounts.ErrStale
	}
	return err
}
