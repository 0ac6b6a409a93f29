package mujoco

import "errors"

var (
	// ErrUnavailable means a program that was built without MuJoCo.
	ErrUnavailable = errors.New("mujoco: this program was built without -tags mujoco")
	// ErrUnknown means a name that no environment has.
	ErrUnknown = errors.New("mujoco: unknown environment")
	// ErrModel means an MJCF file that can't be loaded or isn't the environment's robot.
	ErrModel = errors.New("mujoco: unsuitable model")
	// ErrUnstable means a simulation whose numbers are out of bounds. The environment needs a reset.
	ErrUnstable = errors.New("mujoco: the simulation is unstable")
	// ErrLibrary means a failure inside MuJoCo. The environment is of no use any more.
	ErrLibrary = errors.New("mujoco: the library failed")
)
