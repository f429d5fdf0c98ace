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
	Hash      bson.Binary `bson:"_id"`
	UserID    text        `bson:"user_id"`
	CreatedAt time.Time   `bson:"created_at"`
	ExpiresAt time.Time   `bson:"expires_at"`
	FreshAt   time.Time   `bson:"fresh_at"`
	Remember  bool        `bson:"remember"`
	Address   text        `bson:"address"`
	UserAgent text        `bson:"user_agent"`
	Via       text        `bson:"via"`
}

func (d session) session() (accounts.Session, error) {
	s := accounts.Session{
		UserID: string(d.UserID), CreatedAt: d.CreatedAt, ExpiresAt: d.ExpiresAt, FreshAt: d.FreshAt,
		Remember: d.Remember, Address: string(d.Address), UserAgent: string(d.UserAgent), Via: string(d.Via),
	}
	if copy(s.Hash[:], d.Hash.Data) != len(s.Hash) {
		return s, fmt.Errorf("mongostore: a session's hash has %d bytes", len(d.Hash.Data))
	}
	return s, nil
}

func byHash(hash [32]byte) bson.D {
	return bson.D{{Key: "_id", Value: bson.Binary{Data: hash[:]}}}
}

func later(now time.Time) bson.E {
	return bson.E{Key: "expires_at", Value: bson.D{{Key: "$gt", Value: now}}}
}

// InsertSession implements accounts.Store. A session of a user that is not there is
// ErrNoUser; one whose user is deleted at the same moment opens nothing.
func (d *Documents) InsertSession(ctx context.Context, s accounts.Session) error {
	if there, err := d.users.exists(ctx, byID(s.UserID)); err != nil {
		return err
	} else if !there {
		return accounts.ErrNoUser
	}
	return d.sessions.insert(ctx, session{
		Hash: bson.Binary{Data: s.Hash[:]}, UserID: text(s.UserID), CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt,
		FreshAt: s.FreshAt, Remember: s.Remember, Address: text(s.Address), UserAgent: text(s.UserAgent), Via: text(s.Via),
	})
}

// SessionUser implements accounts.Store, by two reads, each by the key: one command
// for both, $lookup, not every server has.
func (d *Documents) SessionUser(ctx context.Context, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	var found session
	if err := d.sessions.find(ctx, append(byHash(hash), later(now)), &found); err != nil {
		return accounts.Session{}, accounts.User{}, orNone(err, accounts.ErrNoSession)
	}
	u, err := d.UserByID(ctx, string(found.UserID))
	if errors.Is(err, accounts.ErrNoUser) {
		err = accounts.ErrNoSession // deleted a moment ago
	}
	if err != nil {
		return accounts.Session{}, accounts.User{}, err
	}
	s, err := found.session()
	return s, u, err
}

// Sessions implements accounts.Store.
func (d *Documents) Sessions(ctx context.Context, userID string, now time.Time) ([]accounts.Session, error) {
	found, err := list[session](ctx, d.sessions, append(ofUser(userID), later(now)),
		options.Find().SetSort(bson.D{{Key: "created_at", Value: -1}, {Key: "_id", Value: 1}}))
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

// UpdateSession implements accounts.Store.
func (d *Documents) UpdateSession(ctx context.Context, s accounts.Session) error {
	found, err := d.sessions.update(ctx, byHash(s.Hash), bson.D{{Key: "$set", Value: bson.D{
		{Key: "expires_at", Value: s.ExpiresAt}, {Key: "fresh_at", Value: s.FreshAt}}}})
	if err == nil && !found {
		return accounts.ErrNoSession
	}
	return err
}

// DeleteSession implements accounts.Store.
func (d *Documents) DeleteSession(ctx context.Context, hash [32]byte) error {
	_, err := d.sessions.remove(ctx, byHash(hash))
	return err
}

// DeleteSessions implements accounts.Store.
func (d *Documents) DeleteSessions(ctx context.Context, userID string, except [32]byte) (int, error) {
	return d.sessions.remove(ctx, append(ofUser(userID),
		bson.E{Key: "_id", Value: bson.D{{Key: "$ne", Value: bson.Binary{Data: except[:]}}}}))
}

func ofUser(userID string) bson.D { return bson.D{{Key: "user_id", Value: text(userID)}} }
