package mongostore

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/vault"
)

// An owner is a document of the collection owners. A call that decides something about
// all connections of a user changes it, so that of two such calls one decides after the
// other.
type owner struct {
	ID text `bson:"_id"` // keyIn of tenant and user
	// State is new after every change, also when the document was deleted and made again.
	State bson.ObjectID `bson:"state"`
	// Removing are the connections that a removal has decided to delete. It is deleting
	// them, or its process has ended before it could.
	Removing []text `bson:"removing"`
}

func (o owner) unchanged() bson.D {
	return bson.D{{Key: "_id", Value: o.ID}, {Key: "state", Value: o.State}}
}

func (d *database) touchOwner(ctx context.Context, tenant, userID string) error {
	change := bson.D{{Key: "$set", Value: bson.D{{Key: "state", Value: bson.NewObjectID()}}},
		{Key: "$setOnInsert", Value: bson.D{{Key: "removing", Value: bson.A{}}}}}
	for {
		_, err := d.owners.update(ctx, byIDIn(tenant, userID), change, options.UpdateOne().SetUpsert(true))
		if !mongo.IsDuplicateKeyError(err) || d.joined(ctx) {
			return err
		}
		// Another call has made the document.
	}
}

// Remove implements vault.ConnectionStore.
func (d *database) Remove(ctx context.Context, r vault.Removal) (removed []vault.Removed, err error) {
	err = d.inTx(ctx, func(ctx context.Context) error {
		removed, err = d.removeConnections(ctx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}

// removeConnections decides by one compare-and-swap of the owner's document, so that it
// also works among parallel removals without a transaction: the swap replaces the state
// that the decision was made on, and notes the connections that the next removal must
// not count.
func (d *database) removeConnections(ctx context.Context, r vault.Removal) ([]vault.Removed, error) {
	for {
		o, err := d.owner(ctx, r.Tenant, r.UserID)
		if err != nil {
			return nil, err
		}
		// The connections are read after the deletions of an earlier removal are finished.
		if _, err := d.deleteRemoving(ctx, o); err != nil {
			return nil, err
		}
		found, err := list[connection](ctx, d.connections, connectionsOf(r.Tenant, r.UserID, ""), options.Find().SetSort(byRank))
		if err != nil {
			return nil, err
		}
		all := make([]vault.Removed, len(found))
		for i, c := range found {
			all[i] = c.removed()
		}
		removing, err := r.Select(all)
		if err != nil {
			return nil, err
		}
		swapped, err := d.noteRemoving(ctx, &o, removing)
		if err != nil {
			return nil, err
		}
		if !swapped {
			continue
		}
		deleted, err := d.deleteRemoving(ctx, o)
		if err != nil {
			return nil, err
		}
		return removedOf(removing, deleted), d.clearRemoving(ctx, o, len(found) > len(removing))
	}
}

func (d *database) owner(ctx context.Context, tenant, userID string) (owner, error) {
	o := owner{ID: keyIn(tenant, userID)}
	err := d.owners.find(ctx, byIDIn(tenant, userID), &o)
	if errors.Is(err, mongo.ErrNoDocuments) {
		err = nil
	}
	return o, err
}

// noteRemoving notes which connections to delete, unless another call has changed the
// document since o was read.
func (d *database) noteRemoving(ctx context.Context, o *owner, removing []vault.Removed) (swapped bool, err error) {
	read := *o
	o.State = bson.NewObjectID()
	o.Removing = nil
	for _, c := range removing {
		o.Removing = append(o.Removing, text(c.ID))
	}
	if read.State.IsZero() { // there was no document: of many inserts one succeeds
		err := d.owners.insert(ctx, o)
		if mongo.IsDuplicateKeyError(err) && !d.joined(ctx) {
			return false, nil
		}
		return err == nil, err
	}
	return d.owners.update(ctx, read.unchanged(), bson.D{{Key: "$set", Value: bson.D{
		{Key: "state", Value: o.State}, {Key: "removing", Value: o.Removing}}}})
}

// deleteRemoving deletes the connections that the document notes, and returns them as
// they were then.
func (d *database) deleteRemoving(ctx context.Context, o owner) (map[text]connection, error) {
	deleted := map[text]connection{}
	for _, id := range o.Removing {
		var c connection
		err := d.connections.take(ctx, bson.D{{Key: "_id", Value: id}}, &c)
		switch {
		case err == nil:
			deleted[id] = c
		case !errors.Is(err, mongo.ErrNoDocuments): // another removal has deleted it
			return nil, err
		}
	}
	return deleted, nil
}

// clearRemoving notes that the deletions are done, unless the next removal has changed
// the document.
func (d *database) clearRemoving(ctx context.Context, o owner, remain bool) error {
	if !remain {
		_, err := d.owners.remove(ctx, o.unchanged())
		return err
	}
	_, err := d.owners.update(ctx, o.unchanged(), bson.D{{Key: "$set", Value: bson.D{{Key: "removing", Value: bson.A{}}}}})
	return err
}

// removedOf returns the connections that were deleted: each as it was at the end, or as
// it was read when another removal deleted it.
func removedOf(removing []vault.Removed, deleted map[text]connection) []vault.Removed {
	for i, c := range removing {
		if last, ok := deleted[text(c.ID)]; ok {
			removing[i] = last.removed()
		}
	}
	return removing
}

func (d connection) removed() vault.Removed {
	return vault.Removed{Connection: d.connection(), Sealed: d.Sealed}
}
