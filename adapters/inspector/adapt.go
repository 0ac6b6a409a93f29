package inspector

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// Recommended are the settings for a base and pictures like those at path, of which it decodes one: its own size, but the longer side at most most pixels.
// Zero means 256.
func Recommended(base *vision.Model, path string, most int) (Settings, error) {
	items, _, err := learnt(path, &Settings{})
	if err != nil {
		return Settings{}, err
	}
	m, err := items[0].Picture(picture.Limits{})
	if err != nil {
		return Settings{}, err
	}
	if most == 0 {
		most = 256
	}
	v := DefaultView(&base.Config)
	width, height := v.Size(&base.Config, m.Rect.Dx(), m.Rect.Dy(), most)
	s := Default(base.Config.Channels, height, width)
	s.View, s.Whiten, s.Whole, s.Neighbourhood = v, 1, true, 1
	cell := base.Config.PatchSize * v.Cell
	s.Coreset = min(s.Coreset, recommendedBank/float64(len(items)*(height/cell)*(width/cell)))
	return s, nil
}

// recommendedBank bounds the vectors of a bank whose share nobody has chosen: choosing k of n takes k*n steps.
const recommendedBank = 5000

// Adapt fits an inspector on the good pictures at path, in a layout of package dataset, looking through base, and saves it as the adapter folder out. With
// an empty out nothing is written. Where the settings want names, it also learns from that many defective pictures of each label; the passport's score "named" is the share of those
// that the others name right.
func Adapt(ctx context.Context, base *vision.Model, path string, s Settings, out string) (*Station, *adapter.Passport, error) {
	items, bad, err := learnt(path, &s)
	if err != nil {
		return nil, nil, err
	}
	about := adapter.Passport{Base: base.Identity(), Seed: s.Seed, Metrics: adapter.Scores{N: len(items)}}
	if about.Data, err = sources(ctx, path, items, bad); err != nil {
		return nil, nil, err
	}
	if about.Recipe, err = json.Marshal(s); err != nil {
		return nil, nil, fmt.Errorf("inspector: recipe: %w", err)
	}
	w, err := NewWindows(base, s)
	if err != nil {
		return nil, nil, err
	}
	p, err := Fit(ctx, w, Items{items, w}, s)
	if err != nil {
		return nil, nil, err
	}
	if len(bad) > 0 {
		kinds := dataset.Labels(bad)
		named, called, err := p.Naming(ctx, Items{bad, w}, kinds)
		if err != nil {
			return nil, nil, err
		}
		right := make([]float64, len(bad))
		for i, k := range kinds {
			if called[i] == k {
				right[i] = 1
			}
		}
		i, err := metrics.Bootstrap(right, adapter.BootstrapSeed)
		if err != nil {
			return nil, nil, fmt.Errorf("inspector: named: %w", err)
		}
		about.Metrics.Values, about.Metrics.Interval = map[string]float64{"named": i.Mean}, map[string][2]float64{"named": {i.Low, i.High}}
		p = named
	}
	saved, err := p.Save(out, about, nil)
	if err != nil {
		return nil, nil, err
	}
	return NewStation(p, w), saved, nil
}

// Verify fits the inspector in dir again from its recipe and pictures, and compares the digests. Pictures that aren't what they were are
// adapter.ErrDataChanged.
func Verify(ctx context.Context, dir string, base *vision.Model) (adapter.Verification, error) {
	begin := time.Now()
	folder, err := adapter.Open(dir)
	if err != nil {
		return adapter.Verification{}, err
	}
	defer folder.Close()
	was := folder.Passport
	if err := was.Attach(Task, base.Fingerprint()); err != nil {
		return adapter.Verification{}, err
	}
	stored, err := folder.Digest()
	if err != nil {
		return adapter.Verification{}, err
	}
	if stored != was.Digest {
		return adapter.Verification{}, fmt.Errorf("inspector: %w: got %s, want %s", adapter.ErrDigest, stored, was.Digest)
	}
	var s Settings
	if err := strictjson.Decode(was.Recipe, &s, strictjson.Limits{}); err != nil {
		return adapter.Verification{}, fmt.Errorf("inspector: %w: recipe: %w", adapter.ErrPassport, err)
	}
	want := 1
	if s.Names > 0 {
		want = 2
	}
	if len(was.Data) != want {
		return adapter.Verification{}, fmt.Errorf("inspector: %w: data: got %d sources, want %d", adapter.ErrPassport, len(was.Data), want)
	}
	items, bad, err := learnt(was.Data[0].Path, &s)
	if err != nil {
		return adapter.Verification{}, err
	}
	now, err := sources(ctx, was.Data[0].Path, items, bad)
	if err != nil {
		return adapter.Verification{}, err
	}
	for i, d := range now {
		if d.SHA256 != was.Data[i].SHA256 {
			return adapter.Verification{}, fmt.Errorf("inspector: %s: %s: %w: got %s, want %s", d.Path, d.Role, adapter.ErrDataChanged, d.SHA256, was.Data[i].SHA256)
		}
	}
	_, again, err := Adapt(ctx, base, was.Data[0].Path, s, "")
	if err != nil {
		return adapter.Verification{}, err
	}
	if err := was.Agree(again); err != nil {
		return adapter.Verification{}, err
	}
	v := adapter.Verification{Want: was.Digest, Got: again.Digest, Match: again.Digest == was.Digest}
	v.Seconds = time.Since(begin).Seconds()
	return v, nil
}
