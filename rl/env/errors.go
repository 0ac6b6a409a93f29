package env

import "errors"

var (
	// ErrResetNeeded means a step before the first reset, or after the end of an episode.
	ErrResetNeeded = errors.New("env: the environment needs a reset")
	// ErrAction means an action that isn't one of the environment's.
	ErrAction = errors.New("env: invalid action")
	// ErrObservation means a slice for observations of the wrong length.
	ErrObservation = errors.New("env: a slice for observations of the wrong length")
	// ErrOption means an option of a reset or a constructor that isn't known or has no such value.
	ErrOption = errors.New("env: invalid option")
	// ErrSeed means a negative seed other than Continue.
	ErrSeed = errors.New("env: invalid seed")
	// ErrSpace means an environment whose spaces don't fit a wrapper.
	ErrSpace = errors.New("env: unsuitable space")
)
