package vault

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/jobs"
)

// Jobs returns what has to run beside the requests: revocations are tried again,
// one-time values that have expired are deleted, and connections are kept alive
// when Config.KeepAlive says so. See Run.
func (v *Vault) Jobs() []jobs.Job {
	all := []jobs.Job{
		{Name: "vault/revocations", Every: 15 * time.Second, Run: func(ctx context.Context) error {
			_, err := v.RevokeDue(ctx)
			return err
		}},
		{Name: "vault/expired", Every: time.Minute, Run: v.deleteExpired},
	}
	if v.idle > 0 {
		all = append(all, jobs.Job{Name: "vault/keep-alive", Every: v.keepAliveRound(), Run: func(ctx context.Context) error {
			_, err := v.KeepAlive(ctx)
			return err
		}})
	}
	return all
}

// Run does the vault's Jobs and further ones until ctx ends, and returns its
// error. Every process may run it: the claims of the store let one at a time do
// each job.
func (v *Vault) Run(ctx context.Context, further ...jobs.Job) error {
	return jobs.Run(ctx, jobs.Config{Claim: v.claim, Jobs: append(v.Jobs(), further...), Now: v.now, Logger: v.log})
}

func (v *Vault) claim(ctx context.Context, key []byte, now, until time.Time) (bool, error) {
	err := v.store.Claim(ctx, Claim{Key: key, Now: now, Until: until})
	if errors.Is(err, ErrClaimed) {
		return false, nil
	}
	return err == nil, err
}
