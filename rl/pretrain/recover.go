package pretrain

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/trajectory"
)

// RecoverActions gives the episodes of a source with actions: one that has none, as of a video, gets those that the model thinks led from each observation to the next, by its
// mask of all actions. A model that learnt that question alone from a few episodes with actions is the inverse model of behavioural cloning from observation (Torabi et al.,
// IJCAI 2018; Baker et al., "Video PreTraining", 2022). Episodes that have actions stay as they are.
func RecoverActions(ctx context.Context, m *rl.Model, from trajectory.Source) (*trajectory.Memory, error) {
	s, about := m.Snapshot(), from.Meta()
	at, err := s.Environment(about.Environment)
	if err != nil {
		return nil, fmt.Errorf("pretrain: recover actions: %w", err)
	}
	all := &trajectory.Memory{About: about}
	o, a, most := about.Observation.Size(), about.Action.Size(), s.Context()-1
	var e trajectory.Episode
	for i := range from.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := from.Episode(i, &e); err != nil {
			return nil, fmt.Errorf("pretrain: recover actions: episode %d: %w", i, err)
		}
		if e.Actions == nil {
			e.Actions = make([]float32, e.Len()*a)
			for first := 0; first < e.Len(); first += most {
				n := min(most, e.Len()-first) // steps of a window, between n+1 observations
				if err := s.Inverse(e.Actions[first*a:][:n*a], at, e.Observations[first*o:][:(n+1)*o]); err != nil {
					return nil, fmt.Errorf("pretrain: recover actions: episode %d: %w", i, err)
				}
			}
		}
		if err := all.Add(&e); err != nil {
			return nil, fmt.Errorf("pretrain: recover actions: episode %d: %w", i, err)
		}
	}
	return all, nil
}
