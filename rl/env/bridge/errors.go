package bridge

import "errors"

var (
	// ErrConfig means settings that can't be.
	ErrConfig = errors.New("bridge: invalid setting")
	// ErrPython means that there is no such Python, or that it lacks gymnasium.
	ErrPython = errors.New("bridge: Python with gymnasium is needed")
	// ErrMake means that gymnasium doesn't make the environment, or one whose spaces can't be here.
	ErrMake = errors.New("bridge: no such environment")
	// ErrEnvironment means an exception inside the environment.
	ErrEnvironment = errors.New("bridge: the environment failed")
	// ErrTimeout means a child that didn't answer in time.
	ErrTimeout = errors.New("bridge: no answer in time")
	// ErrDied means a child that ended without an answer.
	ErrDied = errors.New("bridge: the child process ended")
	// ErrProtocol means a child that sends what it shouldn't.
	ErrProtocol = errors.New("bridge: an answer that isn't one")
	// ErrClosed means a call after Close.
	ErrClosed = errors.New("bridge: the environment is closed")
)
