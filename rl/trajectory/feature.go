package trajectory

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

// Names of LeRobot's columns. Those that say which frame a row is are every data set's; next.terminated and next.truncated are ours, and so
// is final. in front of an observation, for the one after the last step, in meta/episodes.
const (
	columnState      = "observation.state"
	columnImage      = "observation.image"
	columnAction     = "action"
	columnReward     = "next.reward"
	columnDone       = "next.done"
	columnTerminated = "next.terminated"
	columnTruncated  = "next.truncated"
	columnTimestamp  = "timestamp"
	columnFrame      = "frame_index"
	columnEpisode    = "episode_index"
	columnIndex      = "index"
	columnTask       = "task_index"
	final            = "final."
)

// Types of features.
const (
	dtypeImage = "image"
	dtypeVideo = "video"
	dtypeInt   = "int64"
	dtypeFloat = "float32"
	dtypeReal  = "float64"
	dtypeBool  = "bool"
)

// A feature is an entry of info.json's features.
type feature struct {
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
	Names any    `json:"names"` // a list, or lists by name, or null
}

// size is how many numbers it has.
func (f feature) size() (int, error) {
	size := 1
	for _, n := range f.Shape {
		if n < 1 || n > maxSpace/size {
			return 0, fmt.Errorf("got shape %v, want 1 to %d numbers", f.Shape, maxSpace)
		}
		size *= n
	}
	return size, nil
}

// isPicture tells whether elements of a space are pictures [height, width, channels].
func isPicture(s spaces.Space) bool {
	b, ok := s.(*spaces.Box)
	if !ok || b.Type != spaces.Uint8 {
		return false
	}
	shape := b.Shape()
	return len(shape) == 3 && (shape[2] == 1 || shape[2] == 3)
}

// observationFeature is how we store observations of a space: its name and type.
func observationFeature(s spaces.Space) (string, feature) {
	if isPicture(s) {
		return columnImage, feature{dtypeImage, s.Shape(), []string{"height", "width", "channels"}}
	}
	return columnState, feature{DType: dtypeFloat, Shape: []int{s.Size()}}
}

// actionFeature is how we store actions of a space.
func actionFeature(s spaces.Space) feature {
	switch s.(type) {
	case *spaces.Discrete, *spaces.MultiDiscrete:
		return feature{DType: dtypeInt, Shape: []int{s.Size()}}
	}
	return feature{DType: dtypeFloat, Shape: []int{s.Size()}}
}

// features are all that we write.
func features(m Meta) map[string]feature {
	name, observation := observationFeature(m.Observation)
	one := func(dtype string) feature { return feature{DType: dtype, Shape: []int{1}} }
	return map[string]feature{
		name: observation, columnAction: actionFeature(m.Action), columnReward: one(dtypeReal), columnDone: one(dtypeBool),
		columnTerminated: one(dtypeBool), columnTruncated: one(dtypeBool), columnTimestamp: one(dtypeFloat), columnFrame: one(dtypeInt),
		columnEpisode: one(dtypeInt), columnIndex: one(dtypeInt), columnTask: one(dtypeInt),
	}
}
