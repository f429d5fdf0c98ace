package mongostore

import (
	"context"
	"encoding/binary"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/vault"
)

// claimID filters the claim of a tenant's key: its ID is the length of the tenant,
// the tenant and the key.
func claimID(tenant string, key []byte) bson.D {
	id := binary.AppendUvarint(nil, uint64(len(tenant)))
	id = append(append(id, tenant...), key...)
	return bson.D{{Key: "_id", Value: bson.Binary{Data: id}}}
}

// Claim implements vault.ClaimStore.
func (d *database) Claim(ctx context.Context, c vault.Claim) error {
	id := claimID(c.Tenant, c.Key)
	if d.joined(ctx) {
		// An insert that fails would end the transaction.
		running := append(id, bson.E{Key: "expires_at", Value: bson.D{{Key: "$gt", Value: c.Now}}})
		taken, err := d.claims.exists(ctx, running)
		if err != nil {
			return err
		}
		if taken {
			return vault.ErrClaimed
		}
	}
	// A claim that runs does not match the filter, and the insert that follows fails,
	// because the key is unique. An expired claim matches for the first caller.
	_, err := d.claims.update(ctx, append(id, bson.E{Key: "expires_at", Value: bson.D{{Key: "$lte", Value: c.Now}}}),
		bson.D{{Key: "$set", Value: bson.D{{Key: "expires_at", Value: c.Until}, {Key: "tenant", Value: text(c.Tenant)}}}},
		options.UpdateOne().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) {
		return vault.ErrClaimed
	}
	return err
}
