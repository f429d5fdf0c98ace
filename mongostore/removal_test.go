package mongostore_test

import (
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosocial/social/vault"
)

// A removal whose process ended between the decision and the deletions is finished by
// the next one, for which the connections are no way to log in any more.
func TestUnfinishedRemoval(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), databases.URL(t)
	s := openUnsafe(t, url)
	for _, id := range []string{"google", "twitter", "facebook"} {
		_, err := s.Insert(ctx, vault.Connection{ID: id, UserID: "ann", ProviderID: id, ProviderUserID: "1"}, []byte("x"))
		check(t, err)
	}
	both := []string{"google", "twitter"}
	owners := database(t, url).Collection("social_owners")
	_, err := owners.InsertOne(ctx, bson.D{{Key: "_id", Value: "0:ann"}, {Key: "state", Value: bson.NewObjectID()},
		{Key: "removing", Value: bson.A{"google"}}})
	check(t, err)

	_, err = s.Remove(ctx, vault.Removal{UserID: "ann", ProviderID: "twitter", KeepLogin: both})
	if !errors.Is(err, vault.ErrLastLogin) {
		t.Errorf("error %v, want %v", err, vault.ErrLastLogin)
	}
	if _, err := s.ByID(ctx, "google"); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("the connection was not removed: %v", err)
	}
	removed, err := s.Remove(ctx, vault.Removal{UserID: "ann", ProviderID: "facebook", KeepLogin: both})
	if err != nil || len(removed) != 1 || removed[0].ID != "facebook" {
		t.Errorf("removed %v, %v, want facebook", removed, err)
	}

	// With the last connection the owner's document is deleted too.
	_, err = s.Remove(ctx, vault.Removal{UserID: "ann"})
	check(t, err)
	if n, err := owners.CountDocuments(ctx, bson.D{}); err != nil || n != 0 {
		t.Errorf("%d owners are left, %v, want 0", n, err)
	}
}
