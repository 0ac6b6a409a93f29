package trajectory

import (
	"context"
	"fmt"
	"sync"

	"github.com/fmkit/fmkit/rl/env"
)

// A RecordConfig says what Record plays.
type RecordConfig struct {
	Episodes int   // how many, the i-th seeded with Seed + i
	Seed     int64 // 0 or more
	Workers  int   // goroutines; 0 means 1
	Envs     int   // environments side by side in each, whose observations the policy sees together; 0 means 1
	MaxSteps int   // an episode that is longer never ends; 0 means 65,536
}

// maxEpisodes bounds a recording, and maxSteps an episode.
const (
	maxEpisodes = 1 << 32
	maxSteps    = 1 << 20
)

// Validate returns an error for what can't be played.
func (c RecordConfig) Validate() error {
	switch {
	case c.Episodes < 1 || c.Episodes > maxEpisodes:
		return fmt.Errorf("%w: episodes: got %d, want 1 to %d", env.ErrOption, c.Episodes, maxEpisodes)
	case c.Seed < 0 || c.Seed > 1<<62:
		return fmt.Errorf("%w: got %d, want 0 or more", env.ErrSeed, c.Seed)
	case c.Workers < 0 || c.Workers > 1<<10 || c.Envs < 0 || c.Envs > 1<<16:
		return fmt.Errorf("%w: got %d workers with %d environments, want 0 to 1024 with 0 to 65536", env.ErrOption, c.Workers, c.Envs)
	case c.MaxSteps < 0 || c.MaxSteps > maxSteps:
		return fmt.Errorf("%w: longest episode: got %d, want 0 to %d", env.ErrOption, c.MaxSteps, maxSteps)
	}
	return nil
}

func (c RecordConfig) defaults() RecordConfig {
	c.Workers, c.Envs = max(c.Workers, 1), max(c.Envs, 1)
	if c.MaxSteps == 0 {
		c.MaxSteps = 1 << 16
	}
	return c
}

// A Player writes an action for each of N environments: observations [N, O], actions [N, A]. Row i is step steps[i] of the episode with
// seed seeds[i]; a player that draws keys its random numbers by them. No row may depend on another.
type Player func(seeds []int64, steps []int, observations, actions []float32) error

// Faults count the episodes that were dropped, by cause.
type Faults struct {
	Panics    int `json:"panics"`     // the environment panicked
	Errors    int `json:"errors"`     // it returned an error
	NotFinite int `json:"not_finite"` // it gave NaN or an infinity
	Endless   int `json:"endless"`    // it went on beyond MaxSteps
}

// Total is how many were dropped.
func (f Faults) Total() int { return f.Panics + f.Errors + f.NotFinite + f.Endless }

// Record plays episodes and gives each to f, in the order of their seeds; it belongs to f until f returns. The episodes are the same bits for
// any number of workers and environments, if a reset with a seed determines an environment and players obey their contract.
//
// An episode in which the environment is at fault is dropped and counted, and its place is taken by a new environment; the others lose nothing.
// Environments that have a Close are closed.
// An error of the constructor, of a player, of an action or of f ends the recording, and so does ctx. A call of the environment that never
// returns isn't noticed: Go can't end it.
func Record(ctx context.Context, constructor env.Constructor, player func() (Player, error), c RecordConfig, f func(*Episode) error) (Faults, error) {
	if err := c.Validate(); err != nil {
		return Faults{}, err
	}
	c = c.defaults()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// A worker takes a token before it begins an episode, and it comes back when the episode is handed on: a slow episode holds up the others
	// before they fill the memory.
	window := 4 * c.Workers * c.Envs
	r := &recording{config: c, tokens: make(chan int, window), played: make(chan played, window), constructor: constructor}
	for i := range min(window, c.Episodes) {
		r.tokens <- i
	}
	var wg sync.WaitGroup
	for range c.Workers {
		wg.Go(func() {
			p, err := player()
			if err == nil {
				err = r.work(ctx, p)
			}
			if err != nil {
				cancel(err)
			}
		})
	}
	faults, err := r.collect(ctx, f)
	cancel(err)
	wg.Wait()
	return faults, err
}

// A recording is what workers and the collector share.
type recording struct {
	config      RecordConfig
	constructor env.Constructor
	tokens      chan int // episodes to begin
	played      chan played
}

// A played episode, or the fault that ended it.
type played struct {
	number  int
	episode *Episode
	fault   fault
}

// collect hands on what was played in the order of the numbers.
func (r *recording) collect(ctx context.Context, f func(*Episode) error) (Faults, error) {
	defer close(r.tokens)
	var faults Faults
	waiting, window := map[int]played{}, cap(r.tokens)
	for next := 0; next < r.config.Episodes; {
		select {
		case <-ctx.Done():
			return faults, context.Cause(ctx)
		case p := <-r.played:
			waiting[p.number] = p
		}
		for p, ok := waiting[next]; ok; p, ok = waiting[next] {
			delete(waiting, next)
			if p.fault != none {
				faults.count(p.fault)
			} else if err := f(p.episode); err != nil {
				return faults, err
			}
			if next+window < r.config.Episodes {
				r.tokens <- next + window
			}
			next++
		}
	}
	return faults, nil
}
