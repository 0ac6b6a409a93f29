package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A cell is one fit and the score of every item.
type cell struct {
	Setting string    `json:"setting"`
	Train   int       `json:"train"`         // examples learnt from
	Num     []float64 `json:"num"`           // by item
	Den     []float64 `json:"den,omitempty"` // by item; none: 1 each
	Params  int       `json:"params,omitempty"`
	Bytes   int64     `json:"bytes,omitempty"`
	Fit     float64   `json:"fit_seconds"`
	Scoring float64   `json:"scoring_seconds"`
	Latency *Latency  `json:"latency,omitempty"`
}

func (c *cell) keep(items []metrics.Ratio) {
	c.Num, c.Den = make([]float64, len(items)), make([]float64, len(items))
	for i, r := range items {
		c.Num[i], c.Den[i] = r.Num, r.Den
	}
	if !slices.ContainsFunc(c.Den, func(d float64) bool { return d != 1 }) {
		c.Den = nil
	}
}

func (c *cell) ratios() []metrics.Ratio {
	if c.Den == nil {
		return metrics.Ratios(c.Num)
	}
	all := make([]metrics.Ratio, len(c.Num))
	for i := range all {
		all[i] = metrics.Ratio{Num: c.Num[i], Den: c.Den[i]}
	}
	return all
}

// cells are kept in a folder, a file each; with no folder they are not.
type cells struct{ dir string }

const identityFile = "comparison.json"

// openCells makes the folder, or checks that it is of the same comparison.
func openCells(dir string, identity any) (*cells, error) {
	s := &cells{dir: dir}
	if dir == "" {
		return s, nil
	}
	want, err := json.MarshalIndent(identity, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("transfer: identity: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "cells"), 0o755); err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	path := filepath.Join(dir, identityFile)
	got, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = checkpoint.WriteFile(path, want)
	case err == nil && !bytes.Equal(got, want):
		err = fmt.Errorf("%w: %s is of other data, base or settings: want another folder for these", finetune.ErrConfig, path)
	}
	if err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	return s, nil
}

func (s *cells) path(name string) string { return filepath.Join(s.dir, "cells", name+".json") }

// mostBytes bounds a cell's file: two numbers of 24 characters for each of a million items.
const mostBytes = 64 << 20

// read gives a cell, nil where there is none. One of another setting or of other numbers of examples is an error.
func (s *cells) read(name, setting string, train, test int) (*cell, error) {
	if s.dir == "" {
		return nil, nil
	}
	path := s.path(name)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var raw []byte
	switch {
	case err != nil:
	case info.Size() > mostBytes:
		err = fmt.Errorf("%s: got %d bytes, want at most %d", path, info.Size(), mostBytes)
	default:
		raw, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	c := &cell{}
	if err := strictjson.Decode(raw, c, strictjson.Limits{Bytes: mostBytes}); err != nil {
		return nil, fmt.Errorf("transfer: %s: %w", path, err)
	}
	switch {
	case c.Setting != setting || c.Train != train || len(c.Num) != test:
		return nil, fmt.Errorf("transfer: %w: %s: got %q on %d examples, %d items, want %q on %d, %d: remove it, or name another folder", finetune.ErrConfig, path, c.Setting, c.Train, len(c.Num), setting, train, test)
	case c.Den != nil && len(c.Den) != test, slices.ContainsFunc(slices.Concat(c.Num, c.Den), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }):
		return nil, fmt.Errorf("transfer: %w: %s: its scores are damaged: remove it", finetune.ErrConfig, path)
	}
	return c, nil
}

func (s *cells) write(name string, c *cell) error {
	if s.dir == "" {
		return nil
	}
	raw, err := json.Marshal(c)
	if err == nil {
		err = checkpoint.WriteFile(s.path(name), append(raw, '\n'))
	}
	if err != nil {
		return fmt.Errorf("transfer: %s: %w", name, err)
	}
	return nil
}
