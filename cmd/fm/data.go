package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision/dataset"
)

const squadHelp = `squad takes a file of SQuAD JSON, version 1.1 or 2.0, and writes train.json and held.json, whole articles on one side; so are articles that share a
paragraph. Questions of the files named by --join, such as those without an answer, go to the paragraphs that they ask about.`

// newData converts data sets.
func newData(c *console) *cobra.Command {
	return group("data", "Known data sets into our layouts", newDataPrepare(c), newDataOverlap(c))
}

func newDataPrepare(c *console) *cobra.Command {
	var (
		src, out string
		strict   bool
		o        data.PrepareOptions
		pictures dataset.PrepareOptions
	)
	names := slices.Concat(data.PrepareNames(), dataset.PrepareNames(), []string{corpusName, trajectoriesName})
	slices.Sort(names)
	cmd := &cobra.Command{
		Use:   "prepare NAME --src PATH --out DIR",
		Short: "Convert a data set as published into files that adapt, eval and pretrain read",
		Long:  "Convert a data set as published into files that adapt, eval and pretrain read.\n\nNames: " + strings.Join(names, ", ") + ".\n\n" + corpusHelp + "\n\n" + picturesHelp + "\n\n" + squadHelp + "\n\n" + trajectoriesHelp,
		Args:  prepareArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(names, args[0]) {
				return usagef("data prepare: unknown data set %q, want one of: %s", args[0], strings.Join(names, ", "))
			}
			if len(args) == 3 {
				if cmd.Flags().Changed("src") || cmd.Flags().Changed("out") {
					return usagef("data prepare: got paths as arguments and --src or --out, want one or the other")
				}
				src, out = args[1], args[2]
			} else if err := need(cmd, "src", "out"); err != nil {
				return err
			}
			if cmd.Flags().Changed("held-back") && !(o.Held > 0 && o.Held < 1) {
				return usagef("--held-back: got %g, want between 0 and 1", o.Held)
			}
			if len(o.Join) > 0 && args[0] != "squad" {
				return usagef("data prepare %s: --join is for squad only", args[0])
			}
			for _, path := range append([]string{src}, o.Join...) {
				if _, err := os.Stat(path); err != nil {
					return usageError{err}
				}
			}
			if err := pictureFlags(cmd, args[0]); err != nil {
				return err
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
			if args[0] == trajectoriesName {
				for _, f := range []string{"held-back", "seed"} {
					if cmd.Flags().Changed(f) {
						return usagef("data prepare trajectories: --%s does not apply: episodes are held back when they are learnt from", f)
					}
				}
				return prepareTrajectories(cmd.Context(), c, src, out)
			}
			if slices.Contains(dataset.PrepareNames(), args[0]) {
				pictures.Held, pictures.Seed = o.Held, o.Seed
				files, err := dataset.Prepare(cmd.Context(), args[0], src, out, pictures)
				if err != nil {
					return badData(err)
				}
				return answerFiles(c, files)
			}
			_, missing := os.Stat(out)
			files, err := data.Prepare(args[0], src, out, o)
			if err != nil {
				if missing != nil {
					_ = os.Remove(out) // made for nothing; stays if it holds something
				}
				return badData(err)
			}
			return answerFiles(c, files)
		},
	}
	cmd.Flags().StringVar(&src, "src", "", "file or folder of the data set")
	cmd.Flags().StringVar(&out, "out", "", "folder for the result, made when missing")
	cmd.Flags().Float64Var(&o.Held, "held-back", 0, "fraction held back, where the data set has no split of its own; without it none of labelled texts, a tenth of squad; of deeppcb boards")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "seed of that split")
	cmd.Flags().StringSliceVar(&o.Join, "join", nil, "squad: more files, whose questions join those on the same paragraphs")
	cmd.Flags().IntVar(&pictures.Train, "train", 0, "textile: nominal pictures to train on; 0 means 200")
	cmd.Flags().StringSliceVar(&pictures.Classes, "classes", nil, "idx: names of the classes, the first one for label 0")
	cmd.Flags().BoolVar(&strict, "strict", false, "corpus: fail at text of an evaluation set instead of dropping it")
	return cmd
}

// prepareArgs takes a name, or a name and two paths in the place of --src and --out.
func prepareArgs(cmd *cobra.Command, args []string) error {
	if len(args) != 1 && len(args) != 3 {
		return usagef("%s: got %d arguments, want NAME, or NAME SRC DST", cmd.CommandPath(), len(args))
	}
	return nil
}

// answerFiles says what was written.
func answerFiles(c *console, files []data.Prepared) error {
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
}
