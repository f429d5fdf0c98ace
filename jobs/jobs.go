// Package jobs runs what a program does beside its requests: jobs that come round
// again and again, each in one process at a time.
//
// A package that has such work offers it as a list of jobs, and the program calls
// [Run] with all of them, in every process.
package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// A Job is work that is to be done at intervals.
type Job struct {
	// Name is for logs, and tells the jobs of all processes apart.
	Name string
	// Every is the length of a turn: in each one process does the job, once.
	Every time.Duration
	// Run does the job. It should return soon after ctx ends. It may take longer than a
	// turn: no other process begins it in between, and it runs again in the turn in which
	// it returned, or in the next one when that turn is nearly over. An error or a panic
	// is logged, and the job is tried again in its next turn.
	Run func(ctx context.Context) error
}

// Config is what Run needs. Claim and Jobs are needed.
type Config struct {
	// Claim takes a key of 32 bytes until a deadline, and reports whether this
	// process has got it: of all processes that ask for it, one.
	Claim func(ctx context.Context, key []byte, now, until time.Time) (bool, error)
	Jobs  []Job

	Now    func() time.Time // time.Now when nil
	Logger *slog.Logger     // slog.Default() when nil
}

// Run does the jobs until ctx ends, and returns ctx's error when all of them have
// returned. Any number of processes may run the same jobs. A process that ends
// during a job is followed by another one, two turns later at most.
//
// It returns at once when something is missing from the Config.
func Run(ctx context.Context, c Config) error {
	if c.Claim == nil {
		return errors.New("jobs: Config.Claim is missing")
	}
	names := map[string]bool{}
	for _, j := range c.Jobs {
		switch {
		case j.Name == "" || j.Run == nil || j.Every <= 0:
			return fmt.Errorf("jobs: the job %q lacks a name, Run, or a positive Every", j.Name)
		case names[j.Name]:
			return fmt.Errorf("jobs: two jobs are named %q", j.Name)
		}
		names[j.Name] = true
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Logger = cmp.Or(c.Logger, slog.Default())
	var all sync.WaitGroup
	for _, j := range c.Jobs {
		all.Go(func() {
			(&runner{Job: j, Config: c, held: -1, done: -1}).loop(ctx)
		})
	}
	all.Wait()
	<-ctx.Done()
	return ctx.Err()
}
