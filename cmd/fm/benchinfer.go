package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/cmd/bench"
)

// inferPeers are those of newBenchInfer.
var inferPeers = []string{"torch", "onnxruntime", "hugot"}

// newBenchInfer may have several peers, and a model of the user's.
func newBenchInfer(c *console) *cobra.Command {
	var i bench.InferOptions
	cmd, o := benchCommand(c, "infer", "Reading with an encoder, from token ids to the last layer's vectors")
	cmd.Long += "\n\n" + `Without --base the encoder has MiniLM-L6's shape and random weights, and torch is the only peer. With --base every peer reads that model: torch
in eager mode (torch.compile stands beside it), onnxruntime from an ONNX export with its operators fused where that works, hugot in pure Go from the
same export, built with go from a checkout of this module. The vectors of all are compared before they are timed. What a new process takes
to its first vector is timed too: fm embed, sentence-transformers (with torch), onnxruntime with tokenizers (with onnxruntime).`
	cmd.Flags().StringVar(&i.Base, "base", "", "model to read with: "+baseUsage)
	cmd.Flags().StringArrayVar(&i.Peers, "peer", nil, fmt.Sprintf("library to compare with, may be given several times: of %v", inferPeers))
	cmd.Flags().StringVar(&i.Keep, "keep", "", "folder to keep the model in ONNX in, as onnxruntime and hugot read it")
	threadsFlag(cmd, o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkThreads(o.Threads); err != nil {
			return err
		}
		if err := checkInfer(i); err != nil {
			return err
		}
		if i.Base != "" {
			b, err := findBase(cmd.Context(), c, i.Base)
			if err != nil {
				return err
			}
			dir, done, err := b.folder()
			if err != nil {
				return err
			}
			defer done()
			i.Base = dir
		}
		i.Options = *o
		i.Program, _ = os.Executable() // where that isn't known its start isn't timed
		return runBench(c, *o, func() (bench.Report, error) { return bench.Infer(cmd.Context(), i) })
	}
	return cmd
}

// checkInfer refuses peers that aren't known or have nothing to read.
func checkInfer(o bench.InferOptions) error {
	for _, p := range o.Peers {
		if err := oneOf("--peer", p, inferPeers...); err != nil {
			return err
		}
		if p != "torch" && o.Base == "" {
			return usagef("--peer %s: it reads a model: --base is missing", p)
		}
	}
	return nil
}
