package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/text"
)

// newInspectModel says what a model folder is.
func newInspectModel(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "inspect-model MODEL", Short: "What a model (" + baseUsage + "; or rl/mini) holds, and what can be done with it", Args: exactly("MODEL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := findBase(cmd.Context(), c, args[0])
			if err != nil {
				return err
			}
			if other, err := inspectOther(b); err != nil {
				return err
			} else if other != nil {
				return c.answer(other, other.write)
			}
			i, err := text.InspectFS(b.fsys)
			if err != nil {
				return fmt.Errorf("%w (in %s)", err, b.name)
			}
			return c.answer(i, func(w io.Writer) error { return writeInfo(w, i) })
		},
	}
}

func writeInfo(w io.Writer, i *text.Info) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	row("architecture", "%s %s", i.ModelType, strings.Join(i.Architectures, ", "))
	row("size", "%d layers, %d wide, %d heads, %.1f million parameters", i.Layers, i.Hidden, i.Heads, float64(i.Parameters)/1e6)
	for _, d := range slices.Sorted(maps.Keys(i.DTypes)) {
		row("weights", "%d tensors of %s", i.DTypes[d], d)
	}
	row("tokenizer", "%s, vocabulary of %d, rows of up to %d tokens", i.Tokenizer, i.Vocab, i.MaxLength)
	if s := i.Sentence; s != nil {
		row("sentences", "pooling %s, normalize %t, up to %d tokens", s.Pooling, s.Normalize, s.MaxLength)
		if s.Module != "" {
			row("", "module %s is not supported", s.Module)
		}
	}
	if i.Task != "" {
		row("head", "%s %s", i.Task, strings.Join(i.Labels, ", "))
	}
	row("supports", "%s", strings.Join(i.Supports, ", "))
	row("fingerprint", "%s", i.Fingerprint)
	return t.Flush()
}
