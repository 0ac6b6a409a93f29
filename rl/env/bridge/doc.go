// Package bridge plays any environment of Python's Gymnasium (https://gymnasium.farama.org), in a child process that runs a small script
// of this package against the user's gymnasium.
//
// Both sides talk in frames over the child's standard input and output, one request and one reply at a time:
//
//	0   4  "FMKB"
//	4   1  kind: h hello, r reset, s step, p picture, e error
//	5   3  zeros
//	8   4  J, bytes of JSON, little-endian, at most 1 MiB
//	12  4  N, bytes of numbers, little-endian, at most what the request expects
//	16  J  JSON: names, spaces, options, infos, errors
//	    N  numbers: actions, rewards, observations, pixels, little-endian
//
// Nothing is pickled. What the environment prints goes to standard error, whose last words are part of an error.
//
// Every exchange has a time limit. A child that is late, dies or sends something else than a frame is an error, and so is every call
// from then on; the child and the processes that it started are gone by the time the error is back. A child whose parent dies ends by
// itself. An exception inside the environment is an error too, but the child lives on: the state of the environment is then what Python
// left it in.
//
// Spaces: Box, Discrete, MultiDiscrete and Dict are those of package spaces, MultiBinary is a MultiDiscrete of twos, and Tuple a Dict
// whose names are numbers. A Box of uint8 stays one; all other numbers are float32 here, so a float64 observation is rounded, its space
// becomes Box(..., float32), and a whole number beyond 2^24 loses bits. Actions are rounded to whole numbers where the Box has no others. Rewards
// are float64. An info keeps what JSON has and small arrays, everything else is left out.
package bridge
