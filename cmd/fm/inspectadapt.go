package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/vision"
)

// inspectFlags are the choices of adapt inspect. Those of the settings count only where they are set.
type inspectFlags struct {
	base, data, out, config string
	size                    int
	layers                  []int
	s                       inspector.Settings
	learn                   detectFlags
	set                     *pflag.FlagSet
}

func newAdaptInspect(c *console) *cobra.Command {
	f := &inspectFlags{}
	cmd := &cobra.Command{
		Use: inspector.Task + " --base MODEL --data PATH --out DIR", Short: "Tell defective pictures from good ones, learning from good ones only or from marked defects", Args: none,
		Long: "Tell defective pictures from good ones, learning from good ones only: a memory of patches as the base sees them, and of what good pictures are like on the " +
			"whole. PATH is an MVTec folder, of which train/good is read, other labelled pictures, of which those labelled good are, or a folder of good pictures. With --names, defects are " +
			"also named, after a few defective pictures of each label, wherever in them the defects are.\n\n" +
			"With --method, other than memory_bank, find kinds of defects and name them, learning from pictures in which they are marked: by masks or boxes; " +
			"labels of whole pictures teach it little, use --names for those. PATH is then an MVTec folder, of which train/good and the defects under test are read (eval leaves out what was learnt from), a manifest with boxes, or " +
			"DeepPCB's folders. Where the pictures have templates and the base reads three channels, pictures are compared with those.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "base", "data", "out"); err != nil {
				return err
			}
			if m := f.learn.method; m != "" && m != inspector.MemoryBank {
				return f.detect(cmd, c)
			}
			if err := f.goes("--method full, head, scratch, lora or another of few parameters", detectNames); err != nil {
				return err
			}
			return f.run(cmd, c)
		},
	}
	s := cmd.Flags()
	f.set = s
	s.StringVar(&f.base, "base", "", "vision model: vision/mini, a folder, or org/name[@revision] of the hub")
	s.StringVar(&f.data, "data", "", "pictures to learn from")
	s.StringVar(&f.out, "out", "", "folder for the adapter, replaced if it holds one")
	s.StringVar(&f.config, "config", "", "settings in JSON, as an adapter's fmkit.json has them under recipe; other flags win")
	s.IntVar(&f.size, "size", 0, "pixels of the longer side at which pictures are looked at; default their own, up to 256")
	s.IntSliceVar(&f.layers, "layers", nil, "layers of the base whose states are compared, such as 1,2; 0 is the embedding")
	s.IntVar(&f.s.View.Step, "step", 0, "pixels from one window of the base's size to the next; default its size, less for overlap")
	s.IntVar(&f.s.View.Cell, "cell", 0, "side of the square of patches that are compared as one")
	s.BoolVar(&f.s.View.Standardize, "standardize", false, "bring every picture to mean 0 and the standard deviation that good pictures have on average first, so that exposure and contrast don't count")
	s.IntVar(&f.s.Neighbourhood, "neighbourhood", 0, "side of the square of vectors that each is averaged over, odd")
	s.Float64Var(&f.s.Whiten, "whiten", 0, "ridge of whitening, in units of the mean variance; 0 means none")
	s.BoolVar(&f.s.Whole, "whole", true, "judge pictures on the whole, too")
	s.Float64Var(&f.s.Coreset, "coreset", 0, "share of the patches to keep")
	s.Float64Var(&f.s.FalseAlarms, "false-alarms", 0, "share of good pictures that may be called defective; default 0.01, which takes 99 pictures")
	s.Float64Var(&f.s.Abstain, "abstain", 0, "further share of good pictures that nothing is said about; with --method further false boxes a picture")
	s.IntVar(&f.s.Names, "names", 0, "defective pictures of each label, by seed, that kinds of defects are named after; 0 means defects have no names")
	s.BoolVar(&f.s.Few, "few", false, "with too few pictures for --false-alarms, abstain from verdicts and give scores only")
	s.Float64Var(&f.s.Blur, "blur", 0, "standard deviation of the blur of maps, pixels")
	s.IntVar(&f.s.MinArea, "min-area", 0, "pixels of the smallest box")
	s.Uint64Var(&f.s.Seed, "seed", 0, "seed of everything random")
	f.learn.add(s)
	return cmd
}

// goes refuses flags of the other way to learn.
func (f *inspectFlags) goes(with string, names []string) error {
	for _, name := range names {
		if f.set.Changed(name) {
			return usagef("--%s goes with %s", name, with)
		}
	}
	return nil
}

// settings are those recommended, then the file's, then the flags'.
func (f *inspectFlags) settings(base *vision.Model, s *inspector.Settings) error {
	if f.config != "" {
		raw, err := readBounded(f.config, 1<<20)
		if err != nil {
			return err
		}
		if err := strictjson.Decode(raw, s, strictjson.Limits{}); err != nil {
			return fmt.Errorf("%s: %w", f.config, err)
		}
	}
	for name, put := range map[string]func(){
		"layers": func() { s.View.Layers = f.layers }, "step": func() { s.View.Step = f.s.View.Step }, "cell": func() { s.View.Cell = f.s.View.Cell },
		"standardize": func() { s.View.Standardize = f.s.View.Standardize }, "neighbourhood": func() { s.Neighbourhood = f.s.Neighbourhood },
		"whiten": func() { s.Whiten = f.s.Whiten }, "whole": func() { s.Whole = f.s.Whole }, "names": func() { s.Names = f.s.Names }, "coreset": func() { s.Coreset = f.s.Coreset },
		"false-alarms": func() { s.FalseAlarms = f.s.FalseAlarms }, "abstain": func() { s.Abstain = f.s.Abstain }, "few": func() { s.Few = f.s.Few },
		"blur": func() { s.Blur = f.s.Blur }, "min-area": func() { s.MinArea = f.s.MinArea }, "seed": func() { s.Seed = f.s.Seed },
	} {
		if f.set.Changed(name) {
			put()
		}
	}
	if f.set.Changed("standardize") && s.View.Standardize {
		var err error
		if s.View.Contrast, err = inspector.Contrast(base, f.data, *s); err != nil {
			return err
		}
	} else if !s.View.Standardize {
		s.View.Contrast = 0
	}
	return s.Validate()
}

func (f *inspectFlags) run(cmd *cobra.Command, c *console) error {
	if f.size < 0 {
		return usagef("--size: got %d, want 0 or more", f.size)
	}
	for _, path := range []string{f.data, f.config} {
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return usageError{err}
		}
	}
	base, err := loadVision(cmd.Context(), c, f.base)
	if err != nil {
		return err
	}
	s, err := inspector.Recommended(base, f.data, f.size)
	if err != nil {
		return err
	}
	if err := f.settings(base, &s); err != nil {
		return err
	}
	begin := time.Now()
	station, p, err := inspector.Adapt(cmd.Context(), base, f.data, s, f.out)
	if err != nil {
		return err
	}
	seconds := time.Since(begin).Seconds()
	answer := map[string]any{
		"adapter": f.out, "task": p.Task, "method": p.Method, "digest": p.Digest, "seconds": seconds,
		"pictures": p.Metrics.N, "bank": station.Bank().Len(), "width": station.Bank().Width(), "false_alarms": s.FalseAlarms,
	}
	if s.Names > 0 {
		answer["kinds"], answer["named"] = station.Kinds(), p.Metrics.Values["named"]
	}
	return c.answer(answer, func(w io.Writer) error {
		if s.Names > 0 {
			fmt.Fprintf(w, "kinds %q, %.1f %% of %d pictures of each named right by the others\n", station.Kinds(), 100*p.Metrics.Values["named"], s.Names)
		}
		_, err := fmt.Fprintf(w, "%s: %d vectors of %d from %d good pictures, %.1f s\n%s\n", f.out, station.Bank().Len(), station.Bank().Width(), p.Metrics.N, seconds, p.Digest)
		return err
	})
}
