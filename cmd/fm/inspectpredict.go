package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/vision/picture"
)

// inspectFields is the line of predict's help about inspectors.
const inspectFields = "  inspect    {\"image\": path}          {\"label\": ok, defect or abstain, \"score\", \"threshold\", \"class\", \"boxes\", \"verdict\", \"why\", \"milliseconds\"}; some want {\"image\": path, \"template\": path}\n"

// inspectPredict are the flags of predict that only inspectors have.
type inspectPredict struct {
	overlay, images, out, template string
	watch                          bool
	every                          time.Duration
}

func (f *inspectPredict) add(s *pflag.FlagSet) {
	s.StringVar(&f.overlay, "overlay", "", "inspect: folder for heat maps over the pictures, as PNG files")
	s.StringVar(&f.images, "images", "", "inspect: judge the pictures in this folder instead of lines of standard input")
	s.StringVar(&f.out, "out", "", "inspect: folder for results.csv and index.html of --images")
	s.StringVar(&f.template, "template", "", "inspect: picture of how it should be, for lines that name none and for --images, where the inspector compares with one")
	s.BoolVar(&f.watch, "watch", false, "inspect: keep looking for new pictures in --images until a signal comes")
	s.DurationVar(&f.every, "every", time.Second, "inspect: how often --watch looks; a picture is read when its file has stood still for that long")
}

// unused refuses the flags where they mean nothing.
func (f *inspectPredict) unused() error {
	if f.overlay != "" || f.images != "" || f.out != "" || f.template != "" || f.watch {
		return usagef("predict: --overlay, --images, --out, --template and --watch are for inspectors")
	}
	return nil
}

func (f *inspectPredict) run(ctx context.Context, c *console, dir, baseName string) error {
	switch {
	case (f.images == "") != (f.out == ""):
		return usagef("predict: --images and --out go together")
	case f.watch && f.images == "":
		return usagef("predict: --watch needs --images")
	case f.every <= 0:
		return usagef("predict: --every: got %v, want more than 0", f.every)
	}
	j, templates, err := openJudge(ctx, c, dir, baseName)
	switch {
	case err != nil:
		return err
	case f.template != "" && !templates:
		return usagef("predict: --template: the adapter compares with no template")
	case f.images != "" && templates && f.template == "":
		return usagef("predict: --images needs --template: the adapter compares with one")
	}
	if f.images != "" {
		return f.folder(ctx, c, j)
	}
	used := map[string]int{}
	return predictLines(ctx, c, func(_ context.Context, line []byte) (any, error) {
		var in struct {
			ID       string `json:"id"`
			Image    string `json:"image"`
			Template string `json:"template"`
		}
		if err := adapter.ParseLine(line, &in); err != nil {
			return nil, err
		}
		if in.Image == "" {
			return nil, adapter.Missing("image")
		}
		if in.Template = cmp.Or(in.Template, f.template); templates && in.Template == "" {
			return nil, adapter.Missing("template")
		}
		m, a, milliseconds, err := judgeFile(j, in.Image, in.Template)
		if err != nil {
			return nil, err
		}
		out := inspector.NewLine(in.ID, a, milliseconds)
		if f.overlay != "" {
			name := filepath.Base(in.Image)
			if used[name]++; used[name] > 1 { // pictures of other folders may have the same name
				name = fmt.Sprintf("%s-%d", name, used[name])
			}
			out.Overlay = filepath.Join(f.overlay, name+".png")
			if err := writeOverlay(j, out.Overlay, m, a); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// judgeFile judges the picture in a file, beside the one in template, "" for none, and says how long that took.
func judgeFile(j judge, path, template string) (*image.NRGBA, *inspector.Answer, float64, error) {
	begin := time.Now()
	m, err := picture.DecodeFile(path, picture.Limits{})
	if err != nil {
		return nil, nil, 0, err
	}
	var t *image.NRGBA
	if template != "" {
		if t, err = picture.DecodeFile(template, picture.Limits{}); err != nil {
			return nil, nil, 0, err
		}
		if m.Rect.Size() != t.Rect.Size() {
			return nil, nil, 0, inputError{fmt.Errorf("%s: got a template of %v, want the %v of the picture", template, t.Rect.Size(), m.Rect.Size())}
		}
	}
	a, err := j.Inspect(m, t)
	return m, a, float64(time.Since(begin).Microseconds()) / 1000, err
}

// writeOverlay writes the heat map over a picture.
func writeOverlay(j judge, path string, m *image.NRGBA, a *inspector.Answer) error {
	painted, err := j.Paint(m, a)
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if err := png.Encode(&raw, painted); err != nil {
		return err
	}
	return checkpoint.WriteFile(path, raw.Bytes())
}
