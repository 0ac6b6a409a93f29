package adapter

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// Agree compares what a passport says besides the digest with again, what its recipe, base and data give. Settings and scores, which follow from the
// weights, are compared where those are the same. The first difference is ErrRecipe with its name, for the base's tokenizer ErrBaseMismatch.
func (p *Passport) Agree(again *Passport) error {
	if p.Base.Tokenizer != again.Base.Tokenizer {
		return fmt.Errorf("adapter: %w: tokenizer: got %s, want %s", ErrBaseMismatch, again.Base.Tokenizer, p.Base.Tokenizer)
	}
	for _, f := range []struct {
		name      string
		got, want any
	}{
		{"method", p.Method, again.Method},
		{"dtype", cmp.Or(p.DType, checkpoint.F32.String()), again.DType},
		{"seed", p.Seed, again.Seed},
		{"steps", p.Steps, again.Steps},
		{"settings of the method", compact(p.Config), compact(again.Config)},
		{"labels", fmt.Sprintf("%q", p.Labels), fmt.Sprintf("%q", again.Labels)},
	} {
		if f.got != f.want {
			return fmt.Errorf("adapter: %w: %s of the passport: got %v, the recipe gives %v", ErrRecipe, f.name, f.got, f.want)
		}
	}
	if p.Digest != again.Digest {
		return nil
	}
	if got, want := compact(p.Settings), compact(again.Settings); got != want {
		return fmt.Errorf("adapter: %w: settings of the passport: got %s, the recipe gives %s", ErrRecipe, got, want)
	}
	if err := p.Metrics.agree(again.Metrics); err != nil {
		return fmt.Errorf("adapter: %w: %w", ErrRecipe, err)
	}
	return nil
}

// closeEnough is how far scores of the same predictions may lie apart: they are sums in float64, which compilers may round otherwise on other machines.
const closeEnough = 1e-9

// agree compares scores with those that were counted again.
func (s Scores) agree(again Scores) error {
	near := func(a, b float64) bool { return math.Abs(a-b) <= closeEnough*max(1, math.Abs(b)) }
	if s.N != again.N {
		return fmt.Errorf("metrics: n: got %d, the recipe gives %d", s.N, again.N)
	}
	for _, k := range slices.Sorted(maps.Keys(again.Values)) {
		if got, ok := s.Values[k]; !ok || !near(got, again.Values[k]) {
			return fmt.Errorf("metrics: %s: got %g, the recipe gives %g", k, got, again.Values[k])
		}
	}
	for k := range s.Values {
		if _, ok := again.Values[k]; !ok {
			return fmt.Errorf("metrics: got %q, which the recipe doesn't give", k)
		}
	}
	if len(s.Interval) != len(again.Interval) {
		return fmt.Errorf("metrics: got %d intervals, the recipe gives %d", len(s.Interval), len(again.Interval))
	}
	for _, k := range slices.Sorted(maps.Keys(again.Interval)) {
		got, want := s.Interval[k], again.Interval[k]
		if !near(got[0], want[0]) || !near(got[1], want[1]) {
			return fmt.Errorf("metrics: interval of %s: got %v, the recipe gives %v", k, got, want)
		}
	}
	return nil
}

// compact is v as JSON.
func compact(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error() // a valid passport has only what can be written
	}
	return string(raw)
}
