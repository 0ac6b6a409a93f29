package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/vision/dataset"
)

// inspect scores an inspector on good and defective pictures.
func (f *evalFlags) inspect(cmd *cobra.Command, c *console) error {
	if err := need(cmd, "data", "adapter"); err != nil {
		return err
	}
	if f.predictions != "" || f.baseline != "" {
		return usagef("eval inspect: --predictions and --baseline do not apply")
	}
	set, err := dataset.Open(f.data)
	if err != nil {
		return badData(err)
	}
	station, err := openStation(cmd.Context(), c, f.adapter, f.base)
	if err != nil {
		return err
	}
	s, err := inspector.Evaluate(cmd.Context(), station, inspector.Tests(set.Items))
	if err != nil {
		return badData(err)
	}
	return c.answer(s, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, s)
		return err
	})
}
