package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env/mujoco"
)

// newEnv lists environments, plays them and times them.
func newEnv(c *console) *cobra.Command {
	return group("env", "Environments to learn in: Gymnasium's classic ones and a sorting cell", newEnvList(c), newEnvRollout(c), newEnvRender(c), newEnvBench(c))
}

// A listing is an environment as fm env list shows it.
type listing struct {
	ID              string   `json:"id"`
	Observations    string   `json:"observation_space"`
	Actions         string   `json:"action_space"`
	MaxEpisodeSteps int      `json:"max_episode_steps"`
	RewardThreshold *float64 `json:"reward_threshold"`
}

func newEnvList(c *console) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: "list", Short: "Every environment with its spaces, time limit and the mean return that counts as solved", Args: none,
		Long: "Every environment with its spaces, time limit and the mean return that counts as solved. Built with -tags mujoco, fm lists MuJoCo's robots too: those of --mjcf.",
		RunE: func(*cobra.Command, []string) error {
			var all []listing
			for _, s := range rl.Specs() {
				e, err := s.New()
				if err != nil {
					return err
				}
				all = append(all, listing{s.ID, e.ObservationSpace().String(), e.ActionSpace().String(), s.MaxEpisodeSteps, s.RewardThreshold})
			}
			for _, s := range mujoco.Specs() {
				e, err := mujoco.New(s.ID, mujoco.Config{Dir: dir})
				if errors.Is(err, mujoco.ErrUnavailable) || errors.Is(err, mujoco.ErrModel) && dir == "" { // its robot is in nobody's folder
					continue
				}
				if err != nil {
					return err
				}
				all = append(all, listing{s.ID, e.ObservationSpace().String(), e.ActionSpace().String(), s.MaxEpisodeSteps, &s.RewardThreshold})
			}
			return c.answer(map[string][]listing{"environments": all}, func(w io.Writer) error { return writeListings(w, all) })
		},
	}
	mjcfFlag(cmd.Flags(), &dir)
	return cmd
}

func writeListings(w io.Writer, all []listing) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "environment\tactions\tsteps\tsolved\tobservations\n")
	for _, l := range all {
		threshold := "-"
		if l.RewardThreshold != nil {
			threshold = fmt.Sprint(*l.RewardThreshold)
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\n", l.ID, l.Actions, l.MaxEpisodeSteps, threshold, l.Observations)
	}
	return t.Flush()
}
