package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
)

// A token is a document of the collection api_tokens.
type token struct {
	Hash       bson.Binary `bson:"_id"`
	Tenant     text        `bson:"tenant"`
	UserID     text        `bson:"user_id"`
	TokenID    text        `bson:"token_id"`
	Name       text        `bson:"name"`
	Scopes     []text      `bson:"scopes"`
	CreatedAt  time.Time   `bson:"created_at"`
	ExpiresAt  time.Time   `bson:"expires_at"`
	LastUsedAt time.Time   `bson:"last_used_at"`
}

func (d token) token() (apitoken.Token, error) {
	t := apitoken.Token{Tenant: string(d.Tenant), UserID: string(d.UserID), ID: string(d.TokenID), Name: string(d.Name),
		Scopes: stringsOf(d.Scopes), CreatedAt: d.CreatedAt, ExpiresAt: d.ExpiresAt, LastUsedAt: d.LastUsedAt}
	if copy(t.Hash[:], d.Hash.Data) != len(t.Hash) {
		return t, fmt.Errorf("mongostore: a token's hash has %d bytes", len(d.Hash.Data))
	}
	return t, nil
}

// InsertToken implements accounts.Store. A token whose user is deleted at the same moment
// opens nothing.
func (d *database) InsertToken(ctx context.Context, t apitoken.Token) error {
	if there, err := d.users.exists(ctx, byIDIn(t.Tenant, t.UserID)); err != nil {
		return err
	} else if !there {
		return accounts.ErrNoUser
	}
	return d.tokens.insert(ctx, token{bson.Binary{Data: t.Hash[:]}, text(t.Tenant), text(t.UserID), text(t.ID), text(t.Name),
		textsOf(t.Scopes), t.CreatedAt, t.ExpiresAt, t.LastUsedAt})
}

// TokenUser implements accounts.Store, by two reads, as SessionUser.
func (d *database) TokenUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (apitoken.Token, accounts.User, error) {
	var found token
	if err := d.tokens.find(ctx, append(byHash(tenant, hash), expiresAfter(now)), &found); err != nil {
		return apitoken.Token{}, accounts.User{}, orNone(err, accounts.ErrNoToken)
	}
	u, err := d.UserByID(ctx, tenant, string(found.UserID))
	if errors.Is(err, accounts.ErrNoUser) {
		err = accounts.ErrNoToken // just deleted
	}
	if err != nil {
		return apitoken.Token{}, accounts.User{}, err
	}
	t, err := found.token()
	return t, u, err
}

// Tokens implements accounts.Store.
func (d *database) Tokens(ctx context.Context, tenant, userID string, now time.Time) ([]apitoken.Token, error) {
	found, err := list[token](ctx, d.tokens, append(ofUser(tenant, userID), expiresAfter(now)),
		options.Find().SetSort(newestFirst))
	if err != nil {
		return nil, err
	}
	var all []apitoken.Token
	for _, f := range found {
		t, err := f.token()
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// UseToken implements accounts.Store.
func (d *database) UseToken(ctx context.Context, tenant string, hash [32]byte, at time.Time) error {
	older := bson.E{Key: "last_used_at", Value: bson.D{{Key: "$lt", Value: at}}}
	_, err := d.tokens.update(ctx, append(byHash(tenant, hash), older),
		bson.D{{Key: "$set", Value: bson.D{{Key: "last_used_at", Value: at}}}})
	return err
}

// DeleteTokens implements accounts.Store.
func (d *database) DeleteTokens(ctx context.Context, f accounts.TokenFilter) (int, error) {
	filter := ofUser(f.Tenant, f.UserID)
	if f.ID != "" {
		filter = append(filter, bson.E{Key: "token_id", Value: text(f.ID)})
	}
	return d.tokens.remove(ctx, filter)
}
