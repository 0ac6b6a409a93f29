package main

import (
	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/cmd/fm/demo"
)

// newDemo shows the main job in under two minutes.
func newDemo(c *console) *cobra.Command {
	o := demo.Options{Log: c.log}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Adapt text/mini to the documentation of the Go installation, summarize a page of it, inspect cloth and balance a pole, in under two minutes",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := demo.Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			return c.answer(r, r.WriteText)
		},
	}
	cmd.Flags().StringVar(&o.Dir, "out", "", "folder for the report; without it a new temporary one")
	cmd.Flags().StringVar(&o.GOROOT, "goroot", "", "Go installation to read; none means the text that comes with this program")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "seed of everything random")
	return cmd
}
