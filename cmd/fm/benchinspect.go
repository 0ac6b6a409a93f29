package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/cmd/bench"
)

// newBenchInspect times single inspections.
func newBenchInspect(c *console) *cobra.Command {
	var i bench.InspectOptions
	peers := []string{"onnxruntime"}
	cmd, o := benchCommand(c, "inspect", "Inspecting one picture after the other, from the bytes of its file to the verdict")
	cmd.Long += "\n\n" + `An inspector with a memory bank, fitted on generated pictures, looks through a model of the preset mini with random weights, at 224x224 pixels: PNG files of
that size, and JPEG files of 640x480. The figures are what half of the inspections and what 99 of 100 take at most, in milliseconds; a ratio above 1 means that this
module is faster. The peer is Pillow with ONNX Runtime; its verdicts are compared before any are timed.`
	cmd.Flags().StringVar(&o.Peer, "peer", "", fmt.Sprintf("library to compare with: one of %v", peers))
	cmd.Flags().IntVar(&i.Pictures, "pictures", 200, "pictures of each kind of file, which each side inspects once")
	cmd.Flags().IntSliceVar(&o.Threads, "threads", []int{2}, "numbers of threads")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkThreads(o.Threads); err != nil {
			return err
		}
		if err := oneOf("--peer", o.Peer, peers...); err != nil {
			return err
		}
		if i.Pictures < 1 || i.Pictures > 10000 {
			return usagef("--pictures: got %d, want 1 to 10000", i.Pictures)
		}
		i.Options = *o
		return runBench(c, *o, func() (bench.Report, error) { return bench.Inspect(cmd.Context(), i) })
	}
	return cmd
}
