package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// newExport writes an adapter with its base for use elsewhere.
func newExport(c *console) *cobra.Command {
	var dir, baseName, out string
	var half bool
	cmd := &cobra.Command{
		Use:   "export --adapter DIR --out DIR",
		Short: "An adapter and its base as one folder for Python",
		Long: "An adapter and its base as one folder: question answering and tagging in the form of transformers, classification, labels and numbers of texts in that of " +
			"sentence-transformers, whose vectors are the logits of the labels in config.json's id2label, or the number; of pictures, with pooling cls, in that of transformers.",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "adapter", "out"); err != nil {
				return err
			}
			t, l, err := loadAdapter(cmd.Context(), c, dir, baseName)
			if err != nil {
				return err
			}
			if l.export == nil {
				return usagef("export: neither transformers nor sentence-transformers has a form for %s", t.name)
			}
			if err := l.export(out, half); err != nil {
				return err
			}
			return c.answer(map[string]any{"model": out, "task": t.name}, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, out)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&dir, "adapter", "", "adapter folder")
	cmd.Flags().StringVar(&baseName, "base", "", "base model, "+baseUsage+"; default the one that the adapter names")
	cmd.Flags().StringVar(&out, "out", "", "folder for the model, replaced if it holds one")
	cmd.Flags().BoolVar(&half, "half", false, "float16 weights, in half the space")
	return cmd
}
