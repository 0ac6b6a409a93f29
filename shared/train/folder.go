package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
)

const (
	modelFile     = "model.safetensors"
	optimizerFile = "optimizer.safetensors"
	stateFile     = "state.json"
	bestFile      = "best.safetensors" // weights of a best evaluation whose own checkpoint could not be written
)

// A folder holds the checkpoints of one run.
type folder struct {
	fs   checkpoint.FS
	dir  string
	keep int
	bad  map[int]bool // steps whose checkpoint was found damaged
	log  func(format string, args ...any)
}

func (f *folder) path(step int) string {
	return filepath.Join(f.dir, checkpointPrefix+strconv.Itoa(step))
}

const checkpointPrefix = "checkpoint-"

// steps lists the steps that have a checkpoint, newest first.
func (f *folder) steps() ([]int, error) {
	names, err := f.fs.List(f.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("train: %w", err)
	}
	var steps []int
	for _, name := range names {
		digits, ok := strings.CutPrefix(name, checkpointPrefix)
		step, err := strconv.Atoi(strings.TrimSuffix(digits, "/"))
		if ok && err == nil && checkpointPrefix+strconv.Itoa(step)+"/" == name {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	slices.Reverse(steps)
	return steps, nil
}

// save writes the checkpoint of s with files of tensors, reads it back, and only then lets older ones go.
func (f *folder) save(s *state, files map[string][]checkpoint.Tensor) error {
	err := checkpoint.SaveTo(f.fs, f.path(s.Step), func(d *checkpoint.Dir) error {
		for _, name := range sortedKeys(files) {
			var about map[string]string
			if name != optimizerFile {
				about = map[string]string{"format": "pt"}
			}
			if err := d.WriteTensors(name, files[name], about); err != nil {
				return err
			}
		}
		s.Files = d.Sums()
		data, err := s.encode()
		if err != nil {
			return err
		}
		return d.WriteFile(stateFile, data)
	})
	if err != nil {
		return err
	}
	if _, err := f.verify(s.Step); err != nil {
		return fmt.Errorf("reading back: %w", err)
	}
	delete(f.bad, s.Step)
	return f.retain(s)
}

// retain deletes all checkpoints but the newest f.keep good ones and the best. The newest one has just been verified.
func (f *folder) retain(s *state) error {
	steps, err := f.steps()
	if err != nil {
		return err
	}
	kept := 0
	for _, step := range steps {
		if !f.bad[step] && step <= s.Step && kept < f.keep {
			kept++
			continue
		}
		if step == s.BestStep && step > 0 { // 0 means that there is none
			continue
		}
		if err := checkpoint.DeleteIn(f.fs, f.path(step)); err != nil {
			f.log("train: an old checkpoint stays: %v", err)
		}
	}
	return nil
}

// verify reads the state of a checkpoint and compares the SHA-256 of every file.
func (f *folder) verify(step int) (*state, error) {
	data, err := f.read(filepath.Join(f.path(step), stateFile), 1<<20)
	if err != nil {
		return nil, err
	}
	s, err := decodeState(data)
	if err != nil {
		return nil, err
	}
	if s.Step != step || s.Files[modelFile] == "" || s.Files[optimizerFile] == "" {
		return nil, fmt.Errorf("%s: %w: it is of another checkpoint", stateFile, ErrChecksum)
	}
	for name, want := range s.Files {
		r, size, err := f.fs.Open(filepath.Join(f.path(step), name))
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		_, err = io.Copy(h, io.NewSectionReader(r, 0, size))
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		if hex.EncodeToString(h.Sum(nil)) != want {
			return nil, fmt.Errorf("%s: %w", name, ErrChecksum)
		}
	}
	return s, nil
}

// restore reads the files of tensors of a verified checkpoint.
func (f *folder) restore(s *state, files map[string][]checkpoint.Tensor) error {
	for name, tensors := range files {
		if err := f.readTensors(filepath.Join(f.path(s.Step), name), tensors); err != nil {
			return err
		}
	}
	return nil
}

// readTensors fills tensors from a file that must hold exactly these names and shapes.
func (f *folder) readTensors(path string, tensors []checkpoint.Tensor) error {
	file, err := checkpoint.OpenIn(f.fs, path)
	if err != nil {
		return err
	}
	defer file.Close()
	if got := len(file.Names()); got != len(tensors) {
		return fmt.Errorf("%s: got %d tensors, want %d", filepath.Base(path), got, len(tensors))
	}
	for _, t := range tensors {
		info, err := file.Info(t.Name)
		if err != nil {
			return err
		}
		if !slices.Equal(info.Shape, t.Shape) {
			return &checkpoint.Error{
				File: filepath.Base(path), Tensor: t.Name, Err: checkpoint.ErrShape,
				Detail: fmt.Sprintf("got %v, want %v", info.Shape, t.Shape),
			}
		}
	}
	for _, t := range tensors {
		if err := file.Read(t.Name, t.Data); err != nil {
			return err
		}
	}
	return nil
}

// read returns a whole file of at most limit bytes.
func (f *folder) read(path string, limit int64) ([]byte, error) {
	r, size, err := f.fs.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if size > limit {
		return nil, fmt.Errorf("%s: got %d bytes, want at most %d", filepath.Base(path), size, limit)
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, io.NewSectionReader(r, 0, size))
	return b.Bytes(), err
}

// weights returns the parameters as tensors that share their values.
func weights(params []*nn.Param) []checkpoint.Tensor {
	tensors := make([]checkpoint.Tensor, len(params))
	for i, p := range params {
		tensors[i] = checkpoint.Tensor{Name: p.Name, Shape: p.Shape, Data: p.Value}
	}
	return tensors
}

// moments returns what the optimizer keeps as tensors that share its values.
func moments(opt graph.Optimizer) []checkpoint.Tensor {
	var tensors []checkpoint.Tensor
	for _, m := range opt.Moments() {
		tensors = append(tensors, checkpoint.Tensor{Name: m.Name, Shape: m.Param.Shape, Data: m.Values})
	}
	return tensors
}
