package train

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/fmkit/fmkit/shared/metrics"
)

// A teller tells a person how training goes.
type teller struct {
	w        io.Writer
	terminal bool
	all      int
	began    time.Time
	last     time.Time
	recent   []float64 // returns of the last episodes
}

func (t *teller) tell(steps int, loss float64, finished []float64) {
	t.recent = append(t.recent, finished...)
	t.recent = slices.Delete(t.recent, 0, max(0, len(t.recent)-100))
	now := time.Now()
	if t.began.IsZero() {
		t.began = now
	}
	interval := 10 * time.Second
	if t.terminal {
		interval = 200 * time.Millisecond
	}
	if t.w == nil || steps < t.all && now.Sub(t.last) < interval {
		return
	}
	t.last = now
	text := fmt.Sprintf("step %d/%d  loss %.4f", steps, t.all, loss)
	if len(t.recent) > 0 {
		text += fmt.Sprintf("  return %.1f", metrics.Mean(t.recent))
	}
	if s := now.Sub(t.began).Seconds(); s > 0 && steps < t.all {
		text += fmt.Sprintf("  %.0f steps/s", float64(steps)/s)
	}
	if t.terminal {
		fmt.Fprintf(t.w, "\r%s\x1b[K", text)
		return
	}
	fmt.Fprintln(t.w, text)
}

func (t *teller) end() {
	if t.w != nil && t.terminal {
		fmt.Fprintln(t.w)
	}
}
