package mongostore

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/gosocial/social/vault"
)

// A lease is part of its connection's document.
type lease struct {
	Owner text      `bson:"owner"`
	Until time.Time `bson:"until"`
}

// Lease implements vault.LeaseStore.
func (d *database) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	given := bson.D{{Key: "lease", Value: lease{text(owner), until}}}
	// Each filter has a state in which the lease may be given, so that of many calls the
	// first changes it, and it matches no other. lease_interrupted stays until a token is
	// written, because until then it is unknown whether the earlier owner has used up the
	// refresh token.
	for _, give := range []struct{ when, set bson.D }{
		{bson.D{{Key: "lease", Value: bson.D{{Key: "$exists", Value: false}}}}, given},
		{bson.D{{Key: "lease.owner", Value: text(owner)}, {Key: "lease.until", Value: bson.D{{Key: "$gt", Value: now}}}}, given},
		{bson.D{{Key: "lease.until", Value: bson.D{{Key: "$lte", Value: now}}}},
			append(given, bson.E{Key: "lease_interrupted", Value: true})},
	} {
		var c connection
		err := d.connections.modify(ctx, append(byID(id), give.when...), bson.D{{Key: "$set", Value: give.set}}, &c)
		if err == nil {
			return c.connection(), c.Sealed, c.Interrupted, nil
		}
		if !errors.Is(err, mongo.ErrNoDocuments) {
			return vault.Connection{}, nil, false, err
		}
	}
	_, err := d.Version(ctx, id)
	if err == nil {
		err = vault.ErrLeased
	}
	return vault.Connection{}, nil, false, err
}

// Release implements vault.LeaseStore.
func (d *database) Release(ctx context.Context, id, owner string) error {
	_, err := d.connections.update(ctx, append(byID(id), bson.E{Key: "lease.owner", Value: text(owner)}),
		bson.D{{Key: "$unset", Value: bson.D{{Key: "lease", Value: ""}}}})
	return err
}
