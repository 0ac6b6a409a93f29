// Package env has Gymnasium's environments' contract: reset, step, and wrappers around both, with the semantics and names of Gymnasium
// 1.4.0.
//
// Below it, from the bottom up:
//
//	trig         sine and cosine with the same bits on every machine
//	nprandom     numpy's random numbers
//	spaces       what observations and actions look like
//	raster       simple pictures, GIF files and strips
//	classic      CartPole, MountainCar, MountainCarContinuous, Acrobot, Pendulum
//	sortingcell  an arm that sorts parts from a belt, with a camera
//	vector       many environments side by side
//	bridge       any environment of Python's Gymnasium, in a child process
//	mujoco       Gymnasium's robots over the MuJoCo library, with -tags mujoco
//	envtest      the tests that every environment should pass
//
// An environment owns nothing that its caller sees: observations are written to the caller's slice, so a step makes no garbage and
// the observation of one step is never overwritten by the next unless the caller wants it so.
//
// What differs from Gymnasium: a wrong action, a step before the first reset or after the end of an episode, and an unknown option
// are errors, where Gymnasium warns, goes on or ignores; and no random number comes from the clock, so an environment that never got
// a seed begins as with seed 0.
package env
