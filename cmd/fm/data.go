package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/shared/data"
)

// newData converts data sets.
func newData(c *console) *cobra.Command {
	return group("data", "Known data sets into our layouts", newDataPrepare(c), newDataOverlap(c))
}

func newDataPrepare(c *console) *cobra.Command {
	var (
		src, out string
		strict   bool
		o        data.PrepareOptions
	)
	names := append(data.PrepareNames(), corpusName)
	slices.Sort(names)
	cmd := &cobra.Command{
		Use:   "prepare NAME --src PATH --out DIR",
		Short: "Convert a data set as published into files that adapt, eval and pretrain read",
		Long:  "Convert a data set as published into files that adapt, eval and pretrain read.\n\nNames: " + strings.Join(names, ", ") + ".\n\n" + corpusHelp,
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(names, args[0]) {
				return usagef("data prepare: unknown data set %q, want one of: %s", args[0], strings.Join(names, ", "))
			}
			if err := need(cmd, "src", "out"); err != nil {
				return err
			}
			if cmd.Flags().Changed("held-back") && !(o.Held > 0 && o.Held < 1) {
				return usagef("--held-back: got %g, want between 0 and 1", o.Held)
			}
			if _, err := os.Stat(src); err != nil {
				return usageError{err}
			}
			if args[0] == corpusName {
				for _, f := range []string{"held-back", "seed"} {
					if cmd.Flags().Changed(f) {
						return usagef("data prepare corpus: --%s does not apply: the file says it", f)
					}
				}
				return prepareCorpus(cmd.Context(), c, src, out, strict)
			}
			if strict {
				return usagef("data prepare %s: --strict is for %s only", args[0], corpusName)
			}
			_, missing := os.Stat(out)
			files, err := data.Prepare(args[0], src, out, o)
			if err != nil {
				if missing != nil {
					_ = os.Remove(out) // made for nothing; stays if it holds something
				}
				return badData(err)
			}
			return c.answer(map[string]any{"files": files}, func(w io.Writer) error {
				for _, f := range files {
					fmt.Fprintf(w, "%s  %d rows", f.Path, f.Rows)
					if f.Bad > 0 {
						fmt.Fprintf(w, ", %d bad ones skipped", f.Bad)
					}
					fmt.Fprintln(w)
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&src, "src", "", "file or folder of the data set")
	cmd.Flags().StringVar(&out, "out", "", "folder for the result, made when missing")
	cmd.Flags().Float64Var(&o.Held, "held-back", 0, "fraction held back, where the data set has no split of its own; without it none of labelled texts, a tenth of squad")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "seed of that split")
	cmd.Flags().BoolVar(&strict, "strict", false, "corpus: fail at text of an evaluation set instead of dropping it")
	return cmd
}
