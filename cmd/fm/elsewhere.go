package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/cmd/bench"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/bridge"
	"github.com/fmkit/fmkit/rl/env/mujoco"
)

// elsewhere makes the environments that package rl has not: python:ID of Python's Gymnasium, and MuJoCo's robots. It closes what it has made.
type elsewhere struct {
	python, mjcf string
	made         []io.Closer
}

func (w *elsewhere) flags(s *pflag.FlagSet) {
	s.StringVar(&w.python, "python", "", "interpreter for python:ID; none: FMKIT_PYTHON, or else python3")
	mjcfFlag(s, &w.mjcf)
}

// mjcfFlag is the folder of robots.
func mjcfFlag(s *pflag.FlagSet, dir *string) {
	s.StringVar(dir, "mjcf", "", "folder of Gymnasium's MJCF files, for Hopper-v5 and other robots; none: an InvertedPendulum-v5 of our own")
}

// of gives the constructor of an environment, with its time limit and checks; nil: it isn't one of these. show: it is to draw itself. It isn't to be called by two at once.
func (w *elsewhere) of(ctx context.Context, id string, show bool) (env.Constructor, error) {
	name, inPython := strings.CutPrefix(id, "python:")
	if w.python != "" && !inPython {
		return nil, usagef("--python: %s isn't an environment of Python's, they begin with python:", id)
	}
	if inPython {
		return func() (env.Env, error) {
			e, err := bridge.New(ctx, bridge.Config{ID: name, Render: show, Python: cmp.Or(w.python, bench.Python())})
			if err != nil {
				return nil, err
			}
			w.made = append(w.made, e)
			return env.Check(e), nil
		}, nil
	}
	if _, err := mujoco.Find(id); err == nil {
		return func() (env.Env, error) { return mujoco.Make(id, mujoco.Config{Dir: w.mjcf}) }, nil
	}
	return nil, nil
}

// close ends the processes of what was made.
func (w *elsewhere) close() error {
	var all []error
	for _, e := range w.made {
		all = append(all, e.Close())
	}
	w.made = nil
	return errors.Join(all...)
}
