// Package mujoco has Gymnasium's InvertedPendulum-v5, Reacher-v5, Hopper-v5 and HalfCheetah-v5 over the MuJoCo library
// (https://mujoco.org), with Gymnasium's observations, rewards, terminations, frame skips and resets (Gymnasium 1.4.0).
//
// It needs a build with -tags mujoco, which takes cgo and the library: Debian's libmujoco-dev 2.2.2, or a later one by CGO_CFLAGS and
// CGO_LDFLAGS. Without the tag New gives ErrUnavailable and everything else is as it is.
//
// The robots are MJCF files of Gymnasium's names in a folder of the user's (gymnasium/envs/mujoco/assets has them). InvertedPendulum-v5 also
// works without one: this package has a model of its own for it, with the same masses, lengths and forces.
//
// A step gives the bits of the library that it is linked with, which differ between its versions and between machines: these
// environments are outside of the promise that every machine gives the same bits. What this package adds, resets, observations and
// rewards, is plain Go and tested without the library.
//
// What differs from Gymnasium: observations are float32, infos are left out, a simulation that breaks down is ErrUnstable, where MuJoCo
// warns and begins anew by itself, and no file MUJOCO_LOG.TXT is written.
package mujoco
