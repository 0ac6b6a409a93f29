package transfer

import (
	"context"
	"slices"
	"time"
)

// A Latency is how long an answer takes alone, in milliseconds.
type Latency struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
}

// At most so many answers are timed, for so long.
const (
	mostTimed  = 200
	timedFor   = 2 * time.Second
	warmingUps = 3
)

// latency answers examples one by one.
func latency[E any](ctx context.Context, m *Model[E], examples []E) (*Latency, error) {
	if m.Alone != nil {
		return TimeAnswers(m.Alone)
	}
	i := 0
	return TimeAnswers(func() error {
		_, err := m.Answer(ctx, examples[i%len(examples):][:1])
		i++
		return err
	})
}

// TimeAnswers calls answer, after some calls that don't count, at most 200 times and for at most two seconds.
func TimeAnswers(answer func() error) (*Latency, error) {
	for range warmingUps {
		if err := answer(); err != nil {
			return nil, err
		}
	}
	var took []float64
	for begin := time.Now(); len(took) == 0 || len(took) < mostTimed && time.Since(begin) < timedFor; {
		at := time.Now()
		if err := answer(); err != nil {
			return nil, err
		}
		took = append(took, float64(time.Since(at))/float64(time.Millisecond))
	}
	slices.Sort(took)
	return &Latency{P50: took[len(took)/2], P99: took[len(took)*99/100]}, nil
}
