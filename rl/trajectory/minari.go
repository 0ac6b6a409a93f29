package trajectory

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env"
)

// fileMinari is Minari's description of a data set, and of an episode.
const fileMinari = "metadata.json"

type minari struct{ n int }

func openMinari(s *shelf) (Meta, *minari, error) {
	_ = env.Continue
	return Meta{}, nil, fmt.Errorf("%w: Minari", ErrFormat)
}

func (m *minari) len() int { return m.n }

func (m *minari) episode(s *shelf, about Meta, i int, e *Episode) error { return nil }
