package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/cmd/bench"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env/mujoco"
)

// newEnvBench times steps.
func newEnvBench(c *console) *cobra.Command {
	var e bench.EnvOptions
	peers := []string{"python"}
	cmd, o := benchCommand(c, "bench", "Steps of environments on one core, alone and many side by side")
	cmd.Long += "\n\nThe peer is gymnasium.make for one environment; for many it is Gymnasium's vector environments, envpool or gymnax,\nwhichever is installed and the fastest."
	cmd.Flags().StringVar(&o.Peer, "peer", "", fmt.Sprintf("library to compare with: one of %v", peers))
	cmd.Flags().StringSliceVar(&e.Envs, "env", nil, "environments, of fm env list; none: CartPole-v1 and Acrobot-v1")
	mjcfFlag(cmd.Flags(), &e.MJCF)
	cmd.Flags().IntVar(&e.N, "n", 1024, "environments side by side")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := oneOf("--peer", o.Peer, peers...); err != nil {
			return err
		}
		if e.N < 1 || e.N > 1<<20 {
			return usagef("--n: got %d, want 1 to %d", e.N, 1<<20)
		}
		for _, id := range e.Envs {
			if _, err := mujoco.Find(id); err == nil {
				continue
			}
			if _, err := rl.Find(id); err != nil {
				return err
			}
		}
		e.Options = *o
		return runBench(c, *o, func() (bench.Report, error) { return bench.Envs(cmd.Context(), e) })
	}
	return cmd
}
