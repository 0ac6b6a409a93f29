package bench

import (
	"context"
	"fmt"
	"io"
	"math"
)

// A contender is a library that reads the same model as we.
type contender struct {
	name     string // as the flag has it
	programs []program
	ways     map[string][]string // by a program's name: those that later readings try; without an entry all are
}

// A program is one form of a contender: one build, one mode.
type program struct {
	name  string // of the form; empty where there is only one
	start func(ctx context.Context, threads int, s reading) (*Peer, error)
}

// A choice is how a contender does a piece of work the fastest.
type choice struct {
	program program
	way     string
	tried   map[string]float64 // seconds of every way of every program
}

// label names a way of the program.
func (p program) label(way string) string {
	if p.name == "" {
		return way
	}
	return p.name + ", " + way
}

// A way that took more than hopeless times as long as the fastest, and more than costly seconds, isn't tried on later, larger shapes.
const (
	hopeless = 3
	costly   = 0.1
)

// choose tries every way of every program. Those that don't work are only mentioned while one does.
func (c *contender) choose(ctx context.Context, threads int, s reading, log io.Writer) (choice, error) {
	best, least := choice{tried: map[string]float64{}}, math.Inf(1)
	all := make([]Prepared, len(c.programs))
	var failed error
	for i, p := range c.programs {
		ways, seen := c.ways[p.name]
		if seen && len(ways) == 0 {
			continue
		}
		var err error
		if all[i], err = p.try(ctx, threads, s, ways); err != nil {
			failed = err
			fmt.Fprintf(log, "%s, %s: left out: %v\n", s, p.label(c.name), err)
			continue
		}
		for way, why := range all[i].Failed {
			fmt.Fprintf(log, "%s, %s: left out: %s\n", s, p.label(way), why)
		}
		for way, seconds := range all[i].Tried {
			best.tried[p.label(way)] = seconds
			if seconds < least {
				least, best.program, best.way = seconds, p, way
			}
		}
	}
	if len(best.tried) == 0 {
		return best, fmt.Errorf("bench: %s: %s: no way works: %w", s, c.name, failed)
	}
	c.prune(all, least)
	return best, ctx.Err()
}

// prune keeps the ways that are worth trying again, by what each program has tried.
func (c *contender) prune(all []Prepared, least float64) {
	ways := map[string][]string{}
	for i, p := range c.programs {
		ways[p.name] = nil
		for _, way := range sorted(all[i].Tried) {
			if t := all[i].Tried[way]; t <= max(costly, hopeless*least) {
				ways[p.name] = append(ways[p.name], way)
			}
		}
	}
	c.ways = ways
}

func (p program) try(ctx context.Context, threads int, s reading, ways []string) (Prepared, error) {
	peer, err := p.start(ctx, threads, s)
	if err != nil {
		return Prepared{}, err
	}
	defer peer.Close()
	return peer.Prepare(s.String(), ways...)
}

// against times ours beside the contender's fastest way, in a process that knows no other, so that its memory is that of the way. compared
// says that both read the same model.
func (c *contender) against(ctx context.Context, o Options, r *reader, threads int, s reading, compared bool) (x Result, peak int64, err error) {
	best, err := c.choose(ctx, threads, s, o.Log)
	if err != nil {
		return x, 0, err
	}
	peer, err := best.program.start(ctx, threads, s)
	if err != nil {
		return x, 0, err
	}
	defer peer.Close()
	d := r.duel(s, threads, o)
	d.Peer, d.Way = peer, best.way
	if !compared {
		d.Output = nil
	}
	if x, err = d.Fight(ctx); err != nil {
		return x, 0, err
	}
	x.PeerName, x.Way, x.Tried = peer.Name, best.program.label(best.way), best.tried
	peak, err = peer.PeakBytes()
	return x, peak, err
}
