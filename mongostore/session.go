package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/accounts"
)

// A session is a document of the collection sessions.
type session struct {
	Hash            bson.Binary `bson:"_id"`
	Tenant          text        `bson:"tenant"`
	UserID          text        `bson:"user_id"`
	CreatedAt       time.Time   `bson:"created_at"`
	ExpiresAt       time.Time   `bson:"expires_at"`
	Remember        bool        `bson:"remember"`
	Address         text        `bson:"address"`
	UserAgent       text        `bson:"user_agent"`
	Via             text        `bson:"via"`
	LastSeenAt      time.Time   `bson:"last_seen_at"`
	ProvedAt        time.Time   `bson:"proved_at"`
	ConnectionID    text        `bson:"connection_id"`
	ProviderSession text        `bson:"provider_session,omitempty"` // absent where it is ""
	DeviceID        text        `bson:"device_id"`
	LimitedTo       text        `bson:"limited_to"`
	KeyHash         text        `bson:"key_hash"`
	OldKeyHash      text        `bson:"old_key_hash"`
	RotatedAt       time.Time   `bson:"rotated_at"`
}

func (d session) session() (accounts.Session, error) {
	s := accounts.Session{
		Tenant: string(d.Tenant), UserID: string(d.UserID), CreatedAt: d.CreatedAt, ExpiresAt: d.ExpiresAt,
		Remember: d.Remember, Address: string(d.Address), UserAgent: string(d.UserAgent), Via: string(d.Via),
		LastSeenAt: d.LastSeenAt, ProvedAt: d.ProvedAt, ConnectionID: string(d.ConnectionID), ProviderSession: string(d.ProviderSession),
		DeviceID: string(d.DeviceID), LimitedTo: string(d.LimitedTo),
		KeyHash: string(d.KeyHash), OldKeyHash: string(d.OldKeyHash), RotatedAt: d.RotatedAt,
	}
	if copy(s.Hash[:], d.Hash.Data) != len(s.Hash) {
		return s, fmt.Errorf("mongostore: a session's hash has %d bytes", len(d.Hash.Data))
	}
	return s, nil
}

func byHash(tenant string, hash [32]byte) bson.D {
	return bson.D{{Key: "_id", Value: bson.Binary{Data: hash[:]}}, {Key: "tenant", Value: text(tenant)}}
}

func ofUser(tenant, userID string) bson.D {
	return bson.D{{Key: "tenant", Value: text(tenant)}, {Key: "user_id", Value: text(userID)}}
}

// newestFirst is an order of sessions.
var newestFirst = bson.D{{Key: "created_at", Value: -1}, {Key: "_id", Value: 1}}

func expiresAfter(now time.Time) bson.E {
	return bson.E{Key: "expires_at", Value: bson.D{{Key: "$gt", Value: now}}}
}

// InsertSession implements accounts.Store. A session whose user is deleted at the same
// moment opens nothing.
func (d *database) InsertSession(ctx context.Context, s accounts.Session) error {
	if there, err := d.users.exists(ctx, byIDIn(s.Tenant, s.UserID)); err != nil {
		return err
	} else if !there {
		return accounts.ErrNoUser
	}
	return d.sessions.insert(ctx, session{
		Hash: bson.Binary{Data: s.Hash[:]}, Tenant: text(s.Tenant), UserID: text(s.UserID), CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt,
		Remember: s.Remember, Address: text(s.Address), UserAgent: text(s.UserAgent), Via: text(s.Via),
		LastSeenAt: s.LastSeenAt, ProvedAt: s.ProvedAt, ConnectionID: text(s.ConnectionID), ProviderSession: text(s.ProviderSession),
		DeviceID: text(s.DeviceID), LimitedTo: text(s.LimitedTo),
		KeyHash: text(s.KeyHash), OldKeyHash: text(s.OldKeyHash), RotatedAt: s.RotatedAt,
	})
}

// SessionUser implements accounts.Store, by two reads, each by the key. Not every server
// has $lookup, one command for both.
func (d *database) SessionUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	var found session
	if err := d.sessions.find(ctx, append(byHash(tenant, hash), expiresAfter(now)), &found); err != nil {
		return accounts.Session{}, accounts.User{}, orNone(err, accounts.ErrNoSession)
	}
	u, err := d.UserByID(ctx, tenant, string(found.UserID))
	if errors.Is(err, accounts.ErrNoUser) {
		err = accounts.ErrNoSession // just deleted
	}
	if err != nil {
		return accounts.Session{}, accounts.User{}, err
	}
	s, err := found.session()
	return s, u, err
}

// Sessions implements accounts.Store.
func (d *database) Sessions(ctx context.Context, tenant, userID string, now time.Time) ([]accounts.Session, error) {
	found, err := list[session](ctx, d.sessions, append(ofUser(tenant, userID), expiresAfter(now)),
		options.Find().SetSort(newestFirst))
	if err != nil {
		return nil, err
	}
	var all []accounts.Session
	for _, f := range found {
		s, err := f.session()
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// DeleteSession implements accounts.Store.
func (d *database) DeleteSession(ctx context.Context, tenant string, hash [32]byte) error {
	_, err := d.sessions.remove(ctx, byHash(tenant, hash))
	return err
}

// ProlongSession implements accounts.Store.
func (d *database) ProlongSession(ctx context.Context, tenant string, hash [32]byte, lastSeen, expires time.Time) error {
	older := bson.E{Key: "last_seen_at", Value: bson.D{{Key: "$lt", Value: lastSeen}}}
	_, err := d.sessions.update(ctx, append(byHash(tenant, hash), older),
		bson.D{{Key: "$set", Value: bson.D{{Key: "last_seen_at", Value: lastSeen}, {Key: "expires_at", Value: expires}}}})
	return err
}

// RotateSession implements accounts.Store.
func (d *database) RotateSession(ctx context.Context, tenant string, hash [32]byte, from, to string, now time.Time) (bool, error) {
	return d.sessions.update(ctx, append(byHash(tenant, hash), bson.E{Key: "key_hash", Value: text(from)}),
		bson.D{{Key: "$set", Value: bson.D{{Key: "old_key_hash", Value: text(from)}, {Key: "key_hash", Value: text(to)}, {Key: "rotated_at", Value: now}}}})
}

// LockSession implements accounts.Store. Only a change keeps other transactions from
// deleting the document.
func (d *database) LockSession(ctx context.Context, tenant string, hash [32]byte, now time.Time) error {
	there, err := d.sessions.update(ctx, append(byHash(tenant, hash), expiresAfter(now)),
		bson.D{{Key: "$inc", Value: bson.D{{Key: "locked", Value: 1}}}})
	if err == nil && !there {
		err = accounts.ErrNoSession
	}
	return err
}

// TrimSessions implements accounts.Store.
func (d *database) TrimSessions(ctx context.Context, tenant, userID, limitedTo string, newest [32]byte, keep int) (int, error) {
	others := append(ofUser(tenant, userID), bson.E{Key: "limited_to", Value: text(limitedTo)},
		bson.E{Key: "_id", Value: bson.D{{Key: "$ne", Value: bson.Binary{Data: newest[:]}}}})
	old, err := list[struct {
		Hash bson.Binary `bson:"_id"`
	}](ctx, d.sessions, others, options.Find().SetSort(newestFirst).SetSkip(int64(max(keep-1, 0))).SetProjection(byKey))
	if err != nil || len(old) == 0 {
		return 0, err
	}
	hashes := make(bson.A, len(old))
	for i, v := range old {
		hashes[i] = v.Hash
	}
	return d.sessions.remove(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: hashes}}}})
}

// DeleteSessions implements accounts.Store. Without a user it finds the sessions first,
// by the index of the provider's.
func (d *database) DeleteSessions(ctx context.Context, f accounts.SessionFilter) (map[string]int, error) {
	filter := bson.D{{Key: "tenant", Value: text(f.Tenant)}}
	for _, field := range []struct{ name, wanted string }{
		{"user_id", f.UserID}, {"via", f.Via}, {"provider_session", f.ProviderSession}, {"connection_id", f.ConnectionID},
		{"limited_to", f.LimitedTo},
	} {
		if field.wanted != "" {
			filter = append(filter, bson.E{Key: field.name, Value: text(field.wanted)})
		}
	}
	filter = append(filter, bson.E{Key: "_id", Value: bson.D{{Key: "$nin", Value: bson.A{
		bson.Binary{Data: f.Except[:]}, bson.Binary{Data: f.ExceptDevice[:]},
	}}}})
	ended := make(map[string]int)
	switch {
	case f.UserID != "":
		n, err := d.sessions.remove(ctx, filter)
		ended[f.UserID] = n
		return ended, err
	case f.ProviderSession == "":
		return nil, d.checkContext(ctx)
	}
	found, err := list[session](ctx, d.sessions, filter)
	for i := 0; i < len(found) && err == nil; i++ {
		var n int
		n, err = d.sessions.remove(ctx, bson.D{{Key: "_id", Value: found[i].Hash}})
		if n > 0 {
			ended[string(found[i].UserID)] += n
		}
	}
	return ended, err
}
