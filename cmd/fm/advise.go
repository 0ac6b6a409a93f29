package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	classifytrain "github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/hub"
	"github.com/fmkit/fmkit/vision/dataset"
)

// adviseFlags are the choices of advise.
type adviseFlags struct {
	data, task   string
	bases        []string
	latency      time.Duration
	memory, size string
	sample       int
	seconds      int
	taskFlags
}

// newAdvise recommends a base.
func newAdvise(c *console) *cobra.Command {
	var f adviseFlags
	cmd := &cobra.Command{
		Use:   "advise --data FILE",
		Short: "Which base and method suit labelled examples, in under a minute",
		Long: "On a sample of labelled texts or pictures, logistic regression over the vectors of every base as it is, cross-validated beside TF-IDF + linear or HOG + linear SVM, " +
			"with what every base needs. It recommends a base and a method that keep the limits, or the baseline where no base beats it on the sample. Nothing is tuned: " +
			"what that adds is measured by fm report transfer.",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "data"); err != nil {
				return err
			}
			a, err := f.run(cmd.Context(), c)
			if err != nil {
				return err
			}
			return c.answer(a, a.WriteText)
		},
	}
	s := cmd.Flags()
	f.set = s
	s.StringVar(&f.data, "data", "", "labelled texts, a file, or labelled pictures, a folder or a manifest")
	s.StringVar(&f.task, "task", "classify", "what the base is for: classify")
	s.StringSliceVar(&f.bases, "bases", nil, "bases to probe, each "+baseUsage+" (default those of this program and those in the hub's cache)")
	s.DurationVar(&f.latency, "max-latency", 0, "most that an answer may take, at the 99th percentile, such as 5ms")
	s.StringVar(&f.memory, "max-memory", "", "most bytes of weights in memory, such as 100MB")
	s.StringVar(&f.size, "max-size", "", "most bytes of the files of base and adapter, such as 20MB")
	s.IntVar(&f.sample, "sample", 0, "most examples to probe on (default 400)")
	s.IntVar(&f.seconds, "seconds", 50, "time for all: bases that it isn't enough for are left out")
	f.addColumns(s)
	return cmd
}

func (f *adviseFlags) run(ctx context.Context, c *console) (*classifytrain.Advice, error) {
	if err := oneOf("--task", f.task, "classify"); err != nil {
		return nil, err
	}
	if f.sample < 0 || f.seconds < 1 || f.latency < 0 {
		return nil, usagef("advise: got --sample %d, --seconds %d, --max-latency %v, want none below 0 and a second at least", f.sample, f.seconds, f.latency)
	}
	limits := classifytrain.Limits{Latency: f.latency}
	var err error
	if limits.Memory, err = parseBytes("--max-memory", f.memory); err != nil {
		return nil, err
	}
	if limits.Size, err = parseBytes("--max-size", f.size); err != nil {
		return nil, err
	}
	begin := time.Now()
	bases, err := f.candidates(ctx, c)
	if err != nil {
		return nil, err
	}
	texts, items, err := f.read()
	if err != nil {
		return nil, err
	}
	if items == nil {
		p := classifytrain.AdviseTexts(texts, candidates(bases, false, func(b *base) (classifytrain.Encoder[data.Labelled], error) {
			m, err := b.load()
			if err != nil {
				return classifytrain.Encoder[data.Labelled]{}, err
			}
			return classifytrain.TextEncoder(m)
		}))
		p.Limits, p.Sample, p.Time, p.Log = limits, f.sample, time.Duration(f.seconds)*time.Second-time.Since(begin), c.log
		return p.Run(ctx)
	}
	p := classifytrain.AdvisePictures(items, candidates(bases, true, func(b *base) (classifytrain.Encoder[dataset.Item], error) {
		m, err := b.loadVision()
		if err != nil {
			return classifytrain.Encoder[dataset.Item]{}, err
		}
		return classifytrain.PictureEncoder(m)
	}), adviseSide)
	p.Limits, p.Sample, p.Time, p.Log = limits, f.sample, time.Duration(f.seconds)*time.Second-time.Since(begin), c.log
	return p.Run(ctx)
}

// adviseSide is the side of the pictures that the baseline reads, as for vision/mini.
const adviseSide = 28

// read reads labelled texts, or where the data are none, pictures.
func (f *adviseFlags) read() ([]data.Labelled, []dataset.Item, error) {
	c := classifytrain.Defaults()
	f.classify(&c)
	d, asTexts := classifytrain.Task().ReadData(f.data, "", c)
	if asTexts == nil {
		return d.Train, nil, nil
	}
	p, asPictures := classifytrain.ReadPictures(f.data, "", classifytrain.PictureDefaults())
	switch {
	case asPictures == nil:
		return nil, p.Train, nil
	case errors.Is(asTexts, fs.ErrNotExist):
		return nil, nil, badData(asTexts)
	}
	return nil, nil, badData(fmt.Errorf("neither labelled texts (%w) nor labelled pictures (%w)", asTexts, asPictures))
}

// candidates finds the bases.
func (f *adviseFlags) candidates(ctx context.Context, c *console) ([]*base, error) {
	names := f.bases
	if len(names) == 0 {
		names = []string{"text/mini", "text/mini-distilled", "vision/mini"}
		for _, s := range hub.New(os.Getenv).Cached() {
			names = append(names, s.Name)
		}
	}
	var all []*base
	for _, name := range names {
		b, err := findBase(ctx, c, name)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// candidates makes those of the bases candidates that read pictures, or those that read texts.
func candidates[E any](bases []*base, pictures bool, open func(b *base) (classifytrain.Encoder[E], error)) []classifytrain.Candidate[E] {
	var all []classifytrain.Candidate[E]
	for _, b := range bases {
		if b.vision() == pictures {
			all = append(all, classifytrain.Candidate[E]{Name: b.name, Bytes: b.bytes(), Open: func() (classifytrain.Encoder[E], error) { return open(b) }})
		}
	}
	return all
}

// bytes are those of the base's files, 0 where they can't be told.
func (b *base) bytes() (n int64) {
	err := fs.WalkDir(b.fsys, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := fs.Stat(b.fsys, path) // what a link of the hub's cache leads to
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		return 0
	}
	return n
}

// parseBytes reads a number of bytes such as 20MB; "" is 0.
func parseBytes(flag, s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	digits, unit := s, 1.0
	for _, u := range []struct {
		name string
		size float64
	}{{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}} {
		if n, ok := strings.CutSuffix(s, u.name); ok {
			digits, unit = n, u.size
			break
		}
	}
	v, err := strconv.ParseFloat(digits, 64)
	if v *= unit; err != nil || !(v >= 1 && v <= 1e15) {
		return 0, usagef("%s: got %q, want bytes such as 20MB", flag, s)
	}
	return int64(v), nil
}
