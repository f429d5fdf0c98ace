package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/accounts"
)

// A factor is a document of the collection factors. Its ID is made of tenant, user, kind
// and ID.
type factor struct {
	Tenant      text        `bson:"tenant"`
	UserID      text        `bson:"user_id"`
	Kind        text        `bson:"kind"`
	FactorID    text        `bson:"factor_id"`
	Name        text        `bson:"name"`
	Secret      bson.Binary `bson:"secret"`
	Counter     int64       `bson:"counter"`
	CreatedAt   time.Time   `bson:"created_at"`
	ConfirmedAt time.Time   `bson:"confirmed_at"`
	LastUsedAt  time.Time   `bson:"last_used_at"`
}

func (f factor) factor() accounts.StoredFactor {
	secret := f.Secret.Data
	if len(secret) == 0 {
		secret = nil
	}
	return accounts.StoredFactor{Tenant: string(f.Tenant), UserID: string(f.UserID), Kind: string(f.Kind), ID: string(f.FactorID),
		Name: string(f.Name), Secret: secret, Counter: f.Counter, CreatedAt: f.CreatedAt, ConfirmedAt: f.ConfirmedAt, LastUsedAt: f.LastUsedAt}
}

func byFactor(tenant, userID, kind, id string) bson.D {
	return byIDIn(tenant, string(keyIn(userID, string(keyIn(kind, id)))))
}

// PutFactor implements accounts.Store.
func (d *database) PutFactor(ctx context.Context, f accounts.StoredFactor) error {
	if there, err := d.users.exists(ctx, byIDIn(f.Tenant, f.UserID)); err != nil {
		return err
	} else if !there {
		return accounts.ErrNoUser
	}
	secret := f.Secret
	if secret == nil {
		secret = []byte{}
	}
	change := bson.D{{Key: "$set", Value: factor{text(f.Tenant), text(f.UserID), text(f.Kind), text(f.ID), text(f.Name),
		bson.Binary{Data: secret}, f.Counter, f.CreatedAt, f.ConfirmedAt, f.LastUsedAt}}}
	for {
		_, err := d.factors.update(ctx, byFactor(f.Tenant, f.UserID, f.Kind, f.ID), change, options.UpdateOne().SetUpsert(true))
		if !mongo.IsDuplicateKeyError(err) || d.joined(ctx) {
			return err
		}
		// Another call has made the document.
	}
}

// Factors implements accounts.Store.
func (d *database) Factors(ctx context.Context, tenant, userID string) ([]accounts.StoredFactor, error) {
	found, err := list[factor](ctx, d.factors, ofUser(tenant, userID),
		options.Find().SetSort(up("kind", "factor_id")))
	if err != nil {
		return nil, err
	}
	var all []accounts.StoredFactor
	for _, f := range found {
		all = append(all, f.factor())
	}
	return all, nil
}

// UseFactor implements accounts.Store.
func (d *database) UseFactor(ctx context.Context, use accounts.FactorUse) error {
	compare := "$lt"
	if use.Counter == 0 { // which only one that does not count may have
		compare = "$eq"
	}
	lower := bson.E{Key: "counter", Value: bson.D{{Key: compare, Value: use.Counter}}}
	return d.changeFactor(ctx, append(byFactor(use.Tenant, use.UserID, use.Kind, use.ID), lower),
		bson.D{{Key: "counter", Value: use.Counter}, {Key: "last_used_at", Value: use.At}})
}

// RenameFactor implements accounts.Store.
func (d *database) RenameFactor(ctx context.Context, f accounts.FactorFilter, name string) error {
	_, err := d.factors.update(ctx, byFactor(f.Tenant, f.UserID, f.Kind, f.ID), bson.D{{Key: "$set", Value: bson.D{{Key: "name", Value: text(name)}}}})
	return err
}

// ResealFactor implements accounts.Store.
func (d *database) ResealFactor(ctx context.Context, f accounts.StoredFactor, sealed []byte) error {
	old := bson.E{Key: "secret", Value: bson.Binary{Data: f.Secret}}
	return d.changeFactor(ctx, append(byFactor(f.Tenant, f.UserID, f.Kind, f.ID), old),
		bson.D{{Key: "secret", Value: bson.Binary{Data: sealed}}})
}

// changeFactor sets fields of the factor that the filter finds, or returns ErrNoFactor.
func (d *database) changeFactor(ctx context.Context, filter, set bson.D) error {
	changed, err := d.factors.update(ctx, filter, bson.D{{Key: "$set", Value: set}})
	if err == nil && !changed {
		err = accounts.ErrNoFactor
	}
	return err
}

// DeleteFactors implements accounts.Store.
func (d *database) DeleteFactors(ctx context.Context, f accounts.FactorFilter) (int, error) {
	filter := ofUser(f.Tenant, f.UserID)
	if f.Kind != "" {
		filter = append(filter, bson.E{Key: "kind", Value: text(f.Kind)})
	}
	if f.ID != "" {
		filter = append(filter, bson.E{Key: "factor_id", Value: text(f.ID)})
	}
	if !f.Since.IsZero() {
		since := bson.D{{Key: "$gte", Value: f.Since}}
		filter = append(filter, bson.E{Key: "$or", Value: bson.A{bson.D{{Key: "created_at", Value: since}}, bson.D{{Key: "confirmed_at", Value: since}}}})
	}
	return d.factors.remove(ctx, filter)
}
