package social

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

const (
	purposeDataDeletion = "data-deletion"
	// dataDeletionKept is how long the status of a request can be read.
	dataDeletionKept = 90 * 24 * time.Hour
)

// ErrNoDataDeletion: there is no request with this code, or it was too long ago.
var ErrNoDataDeletion = errors.New("social: no such request to delete data")

// A DataDeletion is a request that a user made at a provider, to have what came from there
// deleted.
type DataDeletion struct {
	ProviderID string    `json:"provider_id"`
	At         time.Time `json:"at"`
	// Until is when the account is deleted too, or zero where it stays.
	Until time.Time `json:"until,omitzero"`
}

// Done reports whether everything is deleted that was asked for.
func (d *DataDeletion) Done(now time.Time) bool { return d.Until.IsZero() || !now.Before(d.Until) }

// A departure is a provider's word that a user has removed the application there.
type departure struct {
	subject  string
	clientID string // of which client, "" when the provider does not say
	at       time.Time
}

func departureOf(r *oauth.SignedRequest) departure {
	return departure{r.Subject, r.ClientID, r.IssuedAt}
}

// deauthorized removes the connection of a user who has removed the application at the
// provider. also is called in the transaction with the connection: the zero one when there is none, or
// one that the user has authorized since, or for another client. The provider sends a request
// once more when it got no answer, and the user may have come back before it arrives.
func (s *Social) deauthorized(ctx context.Context, providerID string, d departure, also func(ctx context.Context, c vault.Connection) error) error {
	outdated := false
	err := s.inTx(ctx, func(ctx context.Context) error {
		outdated = false
		c, err := s.vault.ByIdentity(ctx, providerID, d.subject)
		other := c.ClientID != "" && d.clientID != "" && c.ClientID != d.clientID
		if errors.Is(err, vault.ErrNoConnection) || err == nil && other {
			return also(ctx, vault.Connection{})
		}
		if err != nil {
			return err
		}
		_, err = s.disconnect(ctx, vault.Removal{
			UserID: c.UserID, ProviderID: providerID, ProviderUserID: d.subject, NotAfter: d.at, GrantEnded: true,
		}, func(ctx context.Context) error { return also(ctx, c) })
		outdated = errors.Is(err, vault.ErrAuthorizedSince)
		if outdated || errors.Is(err, vault.ErrNoConnection) { // removed a moment ago
			return also(ctx, vault.Connection{})
		}
		return err
	})
	if err == nil && outdated {
		s.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "social: a provider's word is outdated: the user has authorized the connection since",
			slog.String("provider", providerID), slog.Time("issued_at", d.at))
	}
	return err
}

// decideDeauthorized does what follows from a user's removing the application.
func (s *Social) decideDeauthorized(ctx context.Context, providerID string, d departure) error {
	var e Deauthorized
	err := s.deauthorized(ctx, providerID, d, func(ctx context.Context, c vault.Connection) error {
		if e = (Deauthorized{UserID: c.UserID, ProviderID: providerID, ConnectionID: c.ID}); c.UserID == "" {
			return nil
		}
		return s.record(ctx, e)
	})
	if err == nil && e.UserID != "" {
		s.emit(ctx, e)
	}
	return err
}

// decideDataDeletion deletes what came from the provider, and the account where
// Config.DeleteAccounts says so, and returns the code by which the user reads the status. A
// request that is sent once more has the same code.
func (s *Social) decideDataDeletion(ctx context.Context, providerID string, r *oauth.SignedRequest) (code string, err error) {
	// Nobody guesses it: the request's ID comes from its signature.
	sum := sha256.Sum256([]byte("social/data-deletion\x00" + Tenant(ctx) + "\x00" + providerID + "\x00" + r.ID))
	code = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20]))
	switch _, err := s.DataDeletion(ctx, code); {
	case err == nil:
		return code, nil
	case !errors.Is(err, ErrNoDataDeletion):
		return "", err
	}
	var e DataDeletionRequested
	err = s.deauthorized(ctx, providerID, departureOf(r), func(ctx context.Context, c vault.Connection) error {
		userID := c.UserID
		d := DataDeletion{ProviderID: providerID, At: s.cfg.Now()}
		e = DataDeletionRequested{UserID: userID, ProviderID: providerID}
		if userID != "" {
			if s.cfg.DeleteAccounts {
				var refusal Refusal // there is no such account any more
				if d.Until, err = s.deleter.ScheduleDeletion(ctx, userID); err != nil && !errors.As(err, &refusal) {
					return err
				}
			}
			if err := s.record(ctx, e); err != nil {
				return err
			}
		}
		return s.keepDataDeletion(ctx, code, d)
	})
	if err != nil {
		if _, kept := s.DataDeletion(ctx, code); kept == nil { // the same request in parallel
			return code, nil
		}
		return "", fmt.Errorf("social: deleting data: %w", err)
	}
	if e.UserID != "" {
		s.emit(ctx, e)
	}
	return code, nil
}

// dataDeletionID is the ID of the row of a code, which is not stored.
func dataDeletionID(code string) string {
	sum := sha256.Sum256([]byte("social/data-deletion\x00" + code))
	return hex.EncodeToString(sum[:])
}

func (s *Social) keepDataDeletion(ctx context.Context, code string, d DataDeletion) error {
	expires := d.At.Add(dataDeletionKept)
	v := onetime.Value{ID: dataDeletionID(code), Tenant: Tenant(ctx), Purpose: purposeDataDeletion, NotBefore: expires, Expires: expires}
	plaintext, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := v.Seal(s.cfg.Keys, plaintext); err != nil {
		return err
	}
	return s.store.PutOneTime(ctx, v)
}

// DataDeletion returns the request to delete data that has the code, or ErrNoDataDeletion.
func (s *Social) DataDeletion(ctx context.Context, code string) (DataDeletion, error) {
	var d DataDeletion
	v, err := s.store.OneTime(ctx, dataDeletionID(code), s.cfg.Now())
	if errors.Is(err, onetime.ErrNone) || err == nil && (v.Tenant != Tenant(ctx) || v.Purpose != purposeDataDeletion) {
		return d, ErrNoDataDeletion
	}
	if err != nil {
		return d, err
	}
	plaintext, err := v.Open(s.cfg.Keys)
	if err == nil {
		err = json.Unmarshal(plaintext, &d)
	}
	return d, err
}
