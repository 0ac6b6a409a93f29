// Fm pretrains encoders, adapts them to tasks, scores and runs the result.
//
// Every verb reads standard input and files, writes its answer to standard output and what it is doing to standard error. With --json the
// last line of standard output is one JSON object. Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3 the loss was not
// finite, 130 and 143 stopped by SIGINT and SIGTERM with the state saved.
package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/shared/kernels"
)

// run does what args say. It is the whole program but for signals and the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if err := kernels.CheckPath(); err != nil {
		return badData(err)
	}
	c := &console{in: stdin, out: stdout, log: stderr}
	root := group("fm", "Pretrain a small encoder, adapt it to tasks, predict", verbs(c)...)
	root.PersistentFlags().BoolVar(&c.json, "json", false, "make the last line of standard output one JSON object")
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usagef("%s: %w", cmd.CommandPath(), err) })
	return root.ExecuteContext(ctx)
}

// verbs are all that fm can do.
func verbs(c *console) []*cobra.Command {
	return []*cobra.Command{
		newDemo(c),
		newTokenizer(c),
		newPretrain(c),
		newAdapt(c),
		newEval(c),
		newPredict(c),
		newEmbed(c),
		newServe(c),
		newGenerate(c),
		newExport(c),
		newInspectModel(c),
		newVerify(c),
		newReport(c),
		newAdvise(c),
		newPull(c),
		newData(c),
		newEnv(c),
		newBench(c),
	}
}

// group is a command that only has others.
func group(name, short string, subs ...*cobra.Command) *cobra.Command {
	var names []string
	for _, s := range subs {
		names = append(names, s.Name())
	}
	cmd := &cobra.Command{
		Use: name, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("%s: unknown verb %q, want one of: %s", cmd.CommandPath(), args[0], strings.Join(names, ", "))
			}
			if err := cmd.Help(); err != nil {
				return err
			}
			return usagef("%s: want one of: %s", cmd.CommandPath(), strings.Join(names, ", "))
		},
	}
	cmd.AddCommand(subs...)
	return cmd
}

// exactly refuses any other number of arguments than the names given.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usagef("%s: got %d arguments, want %d: %s", cmd.CommandPath(), len(args), len(names), strings.Join(names, " "))
		}
		return nil
	}
}

// none refuses arguments.
func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s: unexpected argument %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// need reports the first of the flags that isn't set.
func need(cmd *cobra.Command, flags ...string) error {
	for _, f := range flags {
		if !cmd.Flags().Changed(f) {
			return usagef("%s: --%s is missing", cmd.CommandPath(), f)
		}
	}
	return nil
}
