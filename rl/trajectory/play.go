package trajectory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/fmkit/fmkit/rl/env"
)

// A fault is why an episode was dropped.
type fault int

const (
	none fault = iota
	panicked
	failed
	notFinite
	endless
)

func (f *Faults) count(why fault) {
	switch why {
	case panicked:
		f.Panics++
	case failed:
		f.Errors++
	case notFinite:
		f.NotFinite++
	case endless:
		f.Endless++
	}
}

// A seat is a place at which one environment plays one episode after another.
type seat struct {
	env     env.Env
	number  int
	episode *Episode // nil: nobody plays
}

// work plays until there are no episodes left to begin.
func (r *recording) work(ctx context.Context, player Player) error {
	t := &table{recording: r, seats: make([]seat, r.config.Envs)}
	defer func() {
		for i := range t.seats {
			t.seats[i].leave()
		}
	}()
	for {
		busy, err := t.begin(ctx)
		if err != nil || busy == 0 {
			return err
		}
		if err := t.ask(player, busy); err != nil {
			return err
		}
		for i, s := range t.playing {
			if err := t.step(ctx, s, t.actions[i*t.action:][:t.action]); err != nil {
				return err
			}
		}
	}
}

// A table has the seats of a worker, and what its player sees: the rows of those who play.
type table struct {
	*recording
	seats                 []seat
	playing               []*seat
	seeds                 []int64
	steps                 []int
	observations, actions []float32
	observation, action   int // sizes
}

// begin fills free seats and gives how many are taken. It waits for an episode only where no other is under way.
func (t *table) begin(ctx context.Context) (int, error) {
	t.playing = t.playing[:0]
	for i := range t.seats {
		s := &t.seats[i]
		for s.episode == nil {
			number, ok, err := t.next(ctx, len(t.playing) == 0 && !t.busyFrom(i))
			if err != nil {
				return 0, err
			}
			if !ok {
				break
			}
			if err := t.sit(ctx, s, number); err != nil {
				return 0, err
			}
		}
		if s.episode != nil {
			t.playing = append(t.playing, s)
		}
	}
	return len(t.playing), nil
}

func (t *table) busyFrom(i int) bool {
	for _, s := range t.seats[i:] {
		if s.episode != nil {
			return true
		}
	}
	return false
}

// next takes an episode to begin; there is none when all are begun, or, without wait, when the others are behind.
func (t *table) next(ctx context.Context, wait bool) (number int, ok bool, err error) {
	if !wait {
		select {
		case number, ok = <-t.tokens:
		default:
		}
		return number, ok, ctx.Err()
	}
	select {
	case <-ctx.Done():
		return 0, false, ctx.Err()
	case number, ok = <-t.tokens:
		return number, ok, nil
	}
}

// sit begins an episode.
func (t *table) sit(ctx context.Context, s *seat, number int) error {
	if s.env == nil {
		e, err := construct(t.constructor)
		if err != nil {
			return err
		}
		if t.observation == 0 {
			t.observation, t.action = e.ObservationSpace().Size(), e.ActionSpace().Size()
		}
		s.env = e
	}
	s.number = number
	s.episode = &Episode{Seed: t.config.Seed + int64(number), Observations: make([]float32, t.observation), Actions: []float32{}, Rewards: []float64{}}
	why := guard(func() error {
		_, err := s.env.Reset(s.episode.Observations, s.episode.Seed, nil)
		return err
	})
	if why == nil && !finite(s.episode.Observations) {
		why = errNotFinite
	}
	return t.end(ctx, s, why)
}

// ask lets the player act on the last observation of everyone who plays.
func (t *table) ask(player Player, n int) error {
	t.seeds, t.steps, t.observations = t.seeds[:0], t.steps[:0], t.observations[:0]
	for _, s := range t.playing {
		e := s.episode
		t.seeds, t.steps = append(t.seeds, e.Seed), append(t.steps, e.Len())
		t.observations = append(t.observations, e.Observations[len(e.Observations)-t.observation:]...)
	}
	if len(t.actions) != n*t.action {
		t.actions = make([]float32, n*t.action)
	}
	if err := guard(func() error { return player(t.seeds, t.steps, t.observations, t.actions) }); err != nil {
		return fmt.Errorf("trajectory: player: %w", err)
	}
	if !finite(t.actions) {
		return fmt.Errorf("trajectory: player: %w: got %v, want finite numbers", env.ErrAction, t.actions)
	}
	return nil
}

// step takes one action.
func (t *table) step(ctx context.Context, s *seat, action []float32) error {
	e := s.episode
	at := len(e.Observations)
	e.Observations = append(e.Observations, make([]float32, t.observation)...)
	var o env.Outcome
	why := guard(func() (err error) {
		o, err = s.env.Step(e.Observations[at:], action)
		return err
	})
	if errors.Is(why, env.ErrAction) {
		return fmt.Errorf("trajectory: episode %d, step %d: %w", s.number, e.Len(), why)
	}
	e.Actions, e.Rewards = append(e.Actions, action...), append(e.Rewards, o.Reward)
	e.Terminated, e.Truncated = o.Terminated, o.Truncated
	switch {
	case why != nil:
	case !finite(e.Observations[at:]) || math.IsNaN(o.Reward) || math.IsInf(o.Reward, 0):
		why = errNotFinite
	case o.Done():
		why = errDone
	case e.Len() == t.config.MaxSteps:
		why = errEndless
	}
	return t.end(ctx, s, why)
}

// Why an episode ended; any other error is the environment's.
var (
	errDone      = errors.New("done")
	errNotFinite = errors.New("not finite")
	errEndless   = errors.New("endless")
)

// end clears the seat if the episode ended. What a faulty environment looks like inside nobody knows: it goes.
func (t *table) end(ctx context.Context, s *seat, why error) error {
	p := played{number: s.number, episode: s.episode}
	switch why {
	case nil:
		return nil
	case errDone:
	case ErrPanic:
		p.fault = panicked
	case errNotFinite:
		p.fault = notFinite
	case errEndless:
		p.fault = endless
	default:
		p.fault = failed
	}
	if s.episode = nil; p.fault != none {
		p.episode = nil
		s.leave()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case t.played <- p:
		return nil
	}
}

// leave closes the seat's environment, if it has something to close. What it says doesn't matter to episodes that are played.
func (s *seat) leave() {
	if s.env == nil {
		return
	}
	if c, ok := env.As[io.Closer](s.env); ok {
		_ = guard(c.Close)
	}
	s.env = nil
}

// guard turns a panic of f into ErrPanic.
func guard(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = ErrPanic
		}
	}()
	return f()
}

func construct(c env.Constructor) (env.Env, error) {
	var e env.Env
	err := guard(func() (err error) {
		e, err = c()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("trajectory: environment: %w", err)
	}
	return e, nil
}

func finite(x []float32) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
