package trajectory

import "slices"

// A Source is a set of episodes of one environment, in memory or on a disk. Reading is safe for concurrent use.
type Source interface {
	Meta() Meta
	// Len is the number of episodes.
	Len() int
	// Episode reads the i-th episode into e, whose slices are reused.
	Episode(i int, e *Episode) error
}

// Memory is a Source of episodes in memory.
type Memory struct {
	About    Meta
	Episodes []Episode
}

// Add appends a copy of an episode.
func (m *Memory) Add(e *Episode) error {
	if err := e.Validate(m.About); err != nil {
		return err
	}
	m.Episodes = append(m.Episodes, Episode{
		Seed: e.Seed, Observations: slices.Clone(e.Observations), Actions: slices.Clone(e.Actions), Rewards: slices.Clone(e.Rewards),
		Terminated: e.Terminated, Truncated: e.Truncated,
	})
	return nil
}

// Meta implements Source.
func (m *Memory) Meta() Meta { return m.About }

// Len implements Source.
func (m *Memory) Len() int { return len(m.Episodes) }

// Episode implements Source.
func (m *Memory) Episode(i int, e *Episode) error {
	from := &m.Episodes[i]
	e.Seed, e.Terminated, e.Truncated = from.Seed, from.Terminated, from.Truncated
	e.Observations = append(e.Observations[:0], from.Observations...)
	e.Rewards = append(e.Rewards[:0], from.Rewards...)
	if e.Actions = append(e.Actions[:0], from.Actions...); from.Actions == nil {
		e.Actions = nil
	}
	return nil
}
