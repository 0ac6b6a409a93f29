// Inspect judges pictures: inspect --base DIR --adapter DIR PICTURE...
//
// Base and adapter are folders as fm pretrain vision and fm adapt inspect leave them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "inspect:", err)
		os.Exit(1)
	}
}

// run writes a line for every picture: its name, ok, defect or abstain, its score and the box round the worst place.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("inspect", flag.ContinueOnError)
	base, adapter := flags.String("base", "", "folder of the base model"), flags.String("adapter", "", "folder of the adapter")
	if err := flags.Parse(args); err != nil || flags.NArg() < 1 || *base == "" || *adapter == "" {
		return errors.Join(err, errors.New("want --base, --adapter and at least one picture"))
	}
	m, err := vision.Load(*base)
	if err := errors.Join(kernels.CheckPath(), err); err != nil {
		return err
	}
	station, err := inspector.Open(*adapter, m)
	if err != nil {
		return err
	}
	for _, name := range flags.Args() {
		p, err := picture.DecodeFile(name, picture.Limits{})
		if err != nil {
			return err
		}
		a, err := station.Judge(p)
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		worst := ""
		if len(a.Boxes) > 0 {
			b := a.Boxes[0].Box
			worst = fmt.Sprintf("%.0f,%.0f-%.0f,%.0f", b.XMin, b.YMin, b.XMax, b.YMax)
		}
		fmt.Fprintf(out, "%s\t%s\t%.3f\t%s\n", name, a.Label, a.Score, worst)
	}
	return nil
}
