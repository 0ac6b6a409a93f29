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
	var dir, base string
	var steps int
	peers := []string{"python"}
	cmd, o := benchCommand(c, "bench", "Steps of environments on one core, alone and many side by side")
	cmd.Long += "\n\nThe peer is gymnasium.make for one environment; for many it is Gymnasium's vector environments, envpool or gymnax,\nwhichever is installed and the fastest.\n\n" +
		"With --policy it times the decisions of a policy while it plays its environment: what half of them and what 99 of 100 take at most."
	cmd.Flags().StringVar(&dir, "policy", "", "folder of a policy that fm adapt policy has left, to time instead of environments")
	cmd.Flags().StringVar(&base, "base", "", "base model of the policy; default the one that it names")
	cmd.Flags().IntVar(&steps, "steps", 5000, "decisions of the policy")
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
		if dir != "" {
			return benchPolicy(cmd, c, dir, base, steps, e)
		}
		if base != "" {
			return usagef("--base: it is the base of a --policy")
		}
		return runBench(c, *o, func() (bench.Report, error) { return bench.Envs(cmd.Context(), e) })
	}
	return cmd
}

// benchPolicy times decisions.
func benchPolicy(cmd *cobra.Command, c *console, dir, base string, steps int, e bench.EnvOptions) error {
	if e.Peer != "" || e.Envs != nil {
		return usagef("--policy: --peer and --env are for environments")
	}
	if steps < 1 || steps > 1<<24 {
		return usagef("--steps: got %d, want 1 to %d", steps, 1<<24)
	}
	p, err := openPolicy(cmd.Context(), c, dir, base)
	if err != nil {
		return err
	}
	w := &elsewhere{mjcf: e.MJCF}
	constructor, err := w.of(cmd.Context(), p.Settings().Environment.ID, false)
	if err != nil {
		return err
	}
	defer w.close()
	return runBench(c, e.Options, func() (bench.Report, error) {
		return bench.Policy(cmd.Context(), bench.PolicyOptions{Options: e.Options, Policy: p, New: constructor, Steps: steps})
	})
}
