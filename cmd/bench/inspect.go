package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// InspectOptions say which inspections are timed. Zero fields have the values in brackets.
type InspectOptions struct {
	Options
	Preset       string        // of the model [mini]
	Image, Patch int           // of the model, pixels [224, 16]
	Good         int           // pictures that the bank is fitted on [100]
	Pictures     int           // of each kind of file that are inspected [200]
	Files        []PictureFile // kinds of files [PNG of the model's size, JPEG of 640x480]
}

func (o InspectOptions) filledInspect() InspectOptions {
	o.Options = o.filled()
	if o.Preset == "" {
		o.Preset = "mini"
	}
	for _, f := range []struct {
		to    *int
		value int
	}{{&o.Image, 224}, {&o.Patch, 16}, {&o.Good, 100}, {&o.Pictures, 200}} {
		if *f.to == 0 {
			*f.to = f.value
		}
	}
	if o.Files == nil {
		o.Files = []PictureFile{{Width: o.Image, Height: o.Image}, {Width: 640, Height: 480, JPEG: true}}
	}
	return o
}

// Inspect times the inspection of one picture after the other, from the bytes of its file to the verdict: score, label and map. An inspector with a memory bank
// looks through a model with random weights; both sides read the model, the bank and the pictures from the same files. Ours gives the boxes of what is above the threshold
// too, the peer doesn't. Scores, labels and maps of all pictures are compared before any is timed, and max_abs_difference has the largest difference of a score.
func Inspect(ctx context.Context, o InspectOptions) (Report, error) {
	o = o.filledInspect()
	r := Report{Machine: ThisMachine(), Memory: map[string]int64{}}
	dir, err := os.MkdirTemp("", "fm-bench-")
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	station, err := o.station(ctx, dir)
	if err != nil {
		return r, fmt.Errorf("bench: inspect: %w", err)
	}
	args := []string{dir}
	var kinds []inspections
	for i, f := range o.Files {
		k := inspections{station: station, file: f, folder: filepath.Join(dir, fmt.Sprint("pictures", i))}
		if k.raw, err = f.write(k.folder, "inspect", o.Pictures, true); err != nil {
			return r, fmt.Errorf("bench: inspect: %w", err)
		}
		kinds, args = append(kinds, k), append(args, f.String()+"="+k.folder)
	}
	before := kernels.Workers()
	defer kernels.SetWorkers(before)
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		if err := r.inspect(ctx, o, kinds, threads, args); err != nil {
			return r, err
		}
	}
	r.Memory["ours"] = PeakBytes()
	return r, nil
}

// inspect adds the results with one number of threads.
func (r *Report) inspect(ctx context.Context, o InspectOptions, kinds []inspections, threads int, args []string) error {
	var peer *Peer
	if o.Peer != "" {
		var err error
		if peer, err = StartPeer(ctx, "peer_inspect.py", threads, append([]string{strconv.Itoa(threads)}, args...)...); err != nil {
			return err
		}
		defer peer.Close()
		r.Peer = peer.Name
	}
	for _, k := range kinds {
		l := Latency{
			Name: "inspect " + k.file.String(), Threads: threads, Items: len(k.raw), Peer: peer, Work: k.file.String(), Pairs: o.Pairs,
			Ours:    func(i int) error { _, err := k.judge(i); return err },
			Compare: k.compare,
		}
		all, err := l.Fight(ctx)
		if err != nil {
			return err
		}
		r.add(all...)
		for _, x := range all {
			line(o.Log, x)
		}
	}
	if peer == nil {
		return nil
	}
	n, err := peer.PeakBytes()
	r.Memory["peer"] = max(r.Memory["peer"], n)
	return err
}

// station fits an inspector on good pictures of all kinds, as is recommended for the first, and writes the model to base and the inspector to adapter, in dir.
func (o InspectOptions) station(ctx context.Context, dir string) (*inspector.Station, error) {
	c, err := vision.Preset(o.Preset, o.Image, o.Patch)
	if err != nil {
		return nil, err
	}
	base, err := vision.New(c, picture.NewProcessor(o.Image, o.Image, c.Channels), 1)
	if err != nil {
		return nil, err
	}
	if err := base.Save(filepath.Join(dir, "base"), vision.SaveOptions{}); err != nil {
		return nil, err
	}
	good := filepath.Join(dir, "good")
	for i, f := range o.Files {
		n := (o.Good + len(o.Files) - 1 - i) / len(o.Files)
		if _, err := f.write(good, fmt.Sprint(i, "good"), n, false); err != nil {
			return nil, err
		}
	}
	s, err := inspector.Recommended(base, good, 0)
	if err != nil {
		return nil, err
	}
	if s.Width != o.Image || s.Height != o.Image {
		return nil, fmt.Errorf("the first file's size: got pictures that are looked at in %dx%d pixels, want the model's %d", s.Width, s.Height, o.Image)
	}
	out := filepath.Join(dir, "adapter")
	if _, _, err := inspector.Adapt(ctx, base, good, s, out); err != nil {
		return nil, err
	}
	return inspector.Open(out, base)
}

// inspections are those of one kind of file.
type inspections struct {
	station *inspector.Station
	file    PictureFile
	folder  string
	raw     [][]byte
}

// judge inspects one picture.
func (k *inspections) judge(i int) (*inspector.Answer, error) {
	m, err := picture.Decode(k.raw[i], picture.Limits{})
	if err != nil {
		return nil, err
	}
	return k.station.Judge(m)
}

// How far apart verdicts may be: scores as a share of ours where that is above 1, for they are counted in standard deviations of good pictures; values of maps as a share of the
// highest. Decoders of JPEG differ by some levels in how they bring colours to full size: scores of good pictures were up to 0.035 apart, maps up to 0.006.
const (
	verdictTolerance = 1e-3
	jpegTolerance    = 0.1
)

// compare gives the difference of scores; x is what the peer gives of picture i: map [H, W], score, 1 for a defect.
func (k *inspections) compare(i int, x []float32) (float64, error) {
	a, err := k.judge(i)
	if err != nil {
		return 0, err
	}
	n := len(a.Map.Values)
	if len(x) != n+2 {
		return 0, fmt.Errorf("the peer gives %d values, want a map of %d, a score and a label", len(x), n)
	}
	tolerance := verdictTolerance
	if k.file.JPEG {
		tolerance = jpegTolerance
	}
	score, defect := float64(x[n]), x[n+1] == 1
	room, d := tolerance*max(1, math.Abs(a.Score)), math.Abs(a.Score-score)
	if !(d <= room) { // NaN too
		return d, fmt.Errorf("score: got %g, the peer %g: not the same work", a.Score, score)
	}
	if a.Threshold == nil {
		return d, errors.New("the inspector abstains: want more good pictures")
	}
	if (a.Label == inspector.Defect) != defect && math.Abs(a.Score-*a.Threshold) > room {
		return d, fmt.Errorf("label: got %s at a score of %g, the peer another: not the same work", a.Label, a.Score)
	}
	most := slices.Max(a.Map.Values)
	for j, v := range a.Map.Values {
		if !(math.Abs(float64(v-x[j])) <= tolerance*float64(most)) {
			return d, fmt.Errorf("map: value %d: got %g, the peer %g: not the same work", j, v, x[j])
		}
	}
	return d, nil
}
