package mongostore

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/vault"
)

// An owner is a user as far as their connections go. The document is there to be
// changed by whoever decides something about all connections of the user, so that
// one decides after the other.
type owner struct {
	ID text `bson:"_id"` // keyIn of tenant and user
	// State is another after every change, also where the document went and came.
	State bson.ObjectID `bson:"state"`
	// Leaving are connections that are as good as gone: a removal has decided so and
	// deletes them now, or died before it could.
	Leaving []text `bson:"leaving"`
}

func (o owner) unchanged() bson.D {
	return bson.D{{Key: "_id", Value: o.ID}, {Key: "state", Value: o.State}}
}

func (d *Documents) touchOwner(ctx context.Context, tenant, userID string) error {
	change := bson.D{{Key: "$set", Value: bson.D{{Key: "state", Value: bson.NewObjectID()}}},
		{Key: "$setOnInsert", Value: bson.D{{Key: "leaving", Value: bson.A{}}}}}
	for {
		_, err := d.owners.update(ctx, byIDIn(tenant, userID), change, options.UpdateOne().SetUpsert(true))
		if !mongo.IsDuplicateKeyError(err) || d.joined(ctx) {
			return err
		}
		// Somebody else made it meanwhile.
	}
}

// Remove implements vault.ConnectionStore.
func (d *Documents) Remove(ctx context.Context, r vault.Removal) (removed []vault.Removed, err error) {
	err = d.together(ctx, func(ctx context.Context) error {
		removed, err = d.removeConnections(ctx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}

// removeConnections decides by one compare-and-swap of the owner's document, which
// holds among parallel removals without a transaction too: what the swap replaces is
// the very state that the decision was made on, and what it writes says which
// connections the next one must not count any more.
func (d *Documents) removeConnections(ctx context.Context, r vault.Removal) ([]vault.Removed, error) {
	for {
		o, err := d.owner(ctx, r.Tenant, r.UserID)
		if err != nil {
			return nil, err
		}
		// Before the connections are read: what one removal decided, the next finishes.
		if _, err := d.deleteLeaving(ctx, o); err != nil {
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
		leaving, err := r.Select(all)
		if err != nil {
			return nil, err
		}
		swapped, err := d.leave(ctx, &o, leaving)
		if err != nil {
			return nil, err
		}
		if !swapped {
			continue
		}
		gone, err := d.deleteLeaving(ctx, o)
		if err != nil {
			return nil, err
		}
		return removedOf(leaving, gone), d.settle(ctx, o, len(found) > len(leaving))
	}
}

func (d *Documents) owner(ctx context.Context, tenant, userID string) (owner, error) {
	o := owner{ID: keyIn(tenant, userID)}
	err := d.owners.find(ctx, byIDIn(tenant, userID), &o)
	if errors.Is(err, mongo.ErrNoDocuments) {
		err = nil
	}
	return o, err
}

// leave writes down what goes, if nobody decided anything since o was read.
func (d *Documents) leave(ctx context.Context, o *owner, leaving []vault.Removed) (swapped bool, err error) {
	read := *o
	o.State = bson.NewObjectID()
	o.Leaving = nil
	for _, c := range leaving {
		o.Leaving = append(o.Leaving, text(c.ID))
	}
	if read.State.IsZero() { // there was none: of many inserts one succeeds
		err := d.owners.insert(ctx, o)
		if mongo.IsDuplicateKeyError(err) && !d.joined(ctx) {
			return false, nil
		}
		return err == nil, err
	}
	return d.owners.update(ctx, read.unchanged(), bson.D{{Key: "$set", Value: bson.D{
		{Key: "state", Value: o.State}, {Key: "leaving", Value: o.Leaving}}}})
}

// deleteLeaving deletes what has been decided to go, and returns the documents as
// they were then.
func (d *Documents) deleteLeaving(ctx context.Context, o owner) (map[text]connection, error) {
	gone := map[text]connection{}
	for _, id := range o.Leaving {
		var c connection
		err := d.connections.take(ctx, bson.D{{Key: "_id", Value: id}}, &c)
		switch {
		case err == nil:
			gone[id] = c
		case !errors.Is(err, mongo.ErrNoDocuments): // another removal was here
			return nil, err
		}
	}
	return gone, nil
}

// settle crosses out what is deleted, unless the next removal has decided meanwhile.
func (d *Documents) settle(ctx context.Context, o owner, remain bool) error {
	if !remain {
		_, err := d.owners.remove(ctx, o.unchanged())
		return err
	}
	_, err := d.owners.update(ctx, o.unchanged(), bson.D{{Key: "$set", Value: bson.D{{Key: "leaving", Value: bson.A{}}}}})
	return err
}

// removedOf returns what was deleted: each connection as it was at the end, or, where
// another removal deleted it, as it was read.
func removedOf(leaving []vault.Removed, gone map[text]connection) []vault.Removed {
	for i, c := range leaving {
		if last, ok := gone[text(c.ID)]; ok {
			leaving[i] = last.removed()
		}
	}
	return leaving
}

func (d connection) removed() vault.Removed {
	return vault.Removed{Connection: d.connection(), Sealed: d.Sealed}
}
