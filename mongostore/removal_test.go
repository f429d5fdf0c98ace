package mongostore_test

import (
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosocial/social/vault"
)

// A removal that died between its decision and its deletion leaves the decision
// behind, and the next one acts on it: a connection that was to go is no way to log
// in any more.
func TestRemovalThatDied(t *testing.T) {
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
		{Key: "leaving", Value: bson.A{"google"}}})
	check(t, err)

	_, err = s.Remove(ctx, vault.Removal{UserID: "ann", ProviderID: "twitter", KeepLogin: both})
	if !errors.Is(err, vault.ErrLastLogin) {
		t.Errorf("error %v, want %v", err, vault.ErrLastLogin)
	}
	if _, err := s.ByID(ctx, "google"); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("what was to go is there: %v", err)
	}
	removed, err := s.Remove(ctx, vault.Removal{UserID: "ann", ProviderID: "facebook", KeepLogin: both})
	if err != nil || len(removed) != 1 || removed[0].ID != "facebook" {
		t.Errorf("removed %v, %v, want facebook", removed, err)
	}

	// With the last connection the owner's document goes too.
	_, err = s.Remove(ctx, vault.Removal{UserID: "ann"})
	check(t, err)
	if n, err := owners.CountDocuments(ctx, bson.D{}); err != nil || n != 0 {
		t.Errorf("%d owners are left, %v, want 0", n, err)
	}
}
