package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
)

const (
	// starts is how often each program is started at most.
	starts = 5
	// sentence is what each turns into a vector.
	sentence = "How long does a transfer to another bank take?"
)

// A Startup is what one sentence costs from the start of a process to its vector of length 1, the mean over its tokens.
type Startup struct {
	Name       string  `json:"name"`
	Threads    int     `json:"threads"`
	Runs       int     `json:"runs"`
	Seconds    float64 `json:"seconds"`                      // median, to the whole vector
	Bytes      int64   `json:"bytes"`                        // largest resident size, median; 0 where the system doesn't say
	Difference float64 `json:"max_abs_difference,omitempty"` // from our vector
}

// A starter is a program that reads a line and writes its vector as a line of JSON, then perhaps its name.
type starter struct {
	name    string
	command func(ctx context.Context) *exec.Cmd
	runs    []spawned
}

// starters are fm itself and the Python peers that read the base; scripts is the folder of those.
func (f *field) starters(o InferOptions, scripts string, threads int) []*starter {
	all := []*starter{{name: "fm embed", command: func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, o.Program, "embed", "--base", f.base, "--normalize")
	}}}
	for _, c := range f.contenders {
		if c.name == "torch" || c.name == "onnxruntime" {
			all = append(all, &starter{name: c.name, command: func(ctx context.Context) *exec.Cmd {
				return python(ctx, scripts, "peer_startup.py", c.name, f.base, f.onnx, strconv.Itoa(threads))
			}})
		}
	}
	return all
}

// startup starts every program in turn, several times, with the most threads. A peer that can't run is only mentioned.
func (f *field) startup(ctx context.Context, o InferOptions) ([]Startup, error) {
	if f.base == "" || o.Program == "" {
		return nil, nil
	}
	scripts, err := unpack()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scripts)
	rounds := starts
	if o.Pairs > 0 {
		rounds = min(rounds, o.Pairs)
	}
	threads := slices.Max(o.Threads)
	all := f.starters(o, scripts, threads)
	for range rounds {
		for _, s := range slices.Clone(all) {
			run, err := spawn(s.command(ctx), threads)
			if err == nil {
				s.runs = append(s.runs, run)
				continue
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if s == all[0] {
				return nil, fmt.Errorf("bench: startup: %s: %w", s.name, err)
			}
			fmt.Fprintf(o.Log, "startup, %s: left out: %v\n", s.name, err)
			all = slices.DeleteFunc(all, func(x *starter) bool { return x == s })
		}
	}
	return summarise(all, threads)
}

// summarise gives the medians of every program and compares its vector with ours, which are the first's.
func summarise(all []*starter, threads int) ([]Startup, error) {
	var out []Startup
	for _, s := range all {
		x := Startup{Name: s.name, Threads: threads, Runs: len(s.runs)}
		var seconds, bytes []float64
		for _, r := range s.runs {
			seconds, bytes = append(seconds, r.seconds), append(bytes, float64(r.bytes))
		}
		x.Seconds, x.Bytes = median(seconds), int64(median(bytes))
		last := s.runs[len(s.runs)-1]
		if last.name != "" {
			x.Name = last.name
		}
		var err error
		if x.Difference, err = difference(all[0].runs[0].vector, last.vector); err != nil {
			return nil, fmt.Errorf("bench: startup: %s: %w", x.Name, err)
		}
		out = append(out, x)
	}
	return out, nil
}

// vectorAndName are the lines that a starter writes.
func vectorAndName(d *json.Decoder) (vector []float32, name string, err error) {
	if err := d.Decode(&vector); err != nil {
		return nil, "", err
	}
	if d.More() {
		err = d.Decode(&name)
	}
	return vector, name, err
}
