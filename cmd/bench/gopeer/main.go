// Gopeer is inference in pure Go for `fm bench infer`: GoMLX's "go" backend on a model in ONNX, which is what hugot runs without cgo, called
// directly so that none of hugot's copies are timed.
//
//	gopeer MODEL.onnx IDS NAME...
//
// NAME is B<batch> T<length>, and the folder IDS has its tokens in <NAME>.ids, little-endian int32. It is a module of its own, so that what it needs stays out
// of fmkit's.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// configs are the backend's ways to multiply matrices that are worth trying.
var configs = []string{"go", "go:packgemm"}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("gopeer: got %d arguments, want a model, a folder of tokens and names", len(args))
	}
	out := os.Stdout
	os.Stdout = os.Stderr // the library prints
	ways := map[string][]way{}
	for _, name := range args[2:] {
		ids, shape, err := readIDs(filepath.Join(args[1], name+".ids"), name)
		if err != nil {
			return err
		}
		for _, c := range configs {
			ways[name] = append(ways[name], way{c, func() (*model, error) { return load(args[0], c, ids, shape) }})
		}
	}
	return (&server{out: out, ways: ways}).serve(os.Stdin, version())
}
