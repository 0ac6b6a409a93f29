package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// A line of metrics.jsonl is about one step or one evaluation.
type line struct {
	Step    int                `json:"step"` // steps done
	Loss    *float64           `json:"loss,omitempty"`
	Rate    float64            `json:"lr,omitempty"`
	Norm    *float64           `json:"grad_norm,omitempty"`
	Skipped string             `json:"skipped,omitempty"` // why the step changed nothing
	Eval    map[string]float64 `json:"eval,omitempty"`
}

// A metricsFile appends lines. It never leaves half a line behind an error.
type metricsFile struct {
	f    file
	size int64
	sunk int64 // bytes that are durable
	lost bool  // a sync has failed: another one on this descriptor could succeed and mean nothing
}

// A file is what a metricsFile needs of an *os.File.
type file interface {
	io.WriteSeeker
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// openMetrics opens metrics.jsonl and cuts it back to the state s: lines of later steps, of evaluations
// that s does not know, and half a line at the end go.
func openMetrics(path string, s *state) (*metricsFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("train: %w", err), f.Close())
	}
	m := &metricsFile{f: f}
	for l, size := range lines(data) {
		if l.Step > s.Step || l.Eval != nil && l.Step > s.Evaluated {
			break
		}
		m.size = size
	}
	if err := m.cut(); err != nil {
		return nil, errors.Join(fmt.Errorf("train: %w", err), f.Close())
	}
	return m, nil
}

// lines yields the whole, valid lines of data up to the first that is not, with the number of bytes up to its end.
func lines(data []byte) func(func(line, int64) bool) {
	return func(yield func(line, int64) bool) {
		for at := 0; ; {
			n := bytes.IndexByte(data[at:], '\n')
			if n < 0 {
				return
			}
			var l line
			if json.Unmarshal(data[at:at+n], &l) != nil || l.Step == 0 && l.Eval == nil {
				return
			}
			at += n + 1
			if !yield(l, int64(at)) {
				return
			}
		}
	}
}

// cut truncates the file to the lines written so far.
func (m *metricsFile) cut() error {
	if err := m.f.Truncate(m.size); err != nil {
		return err
	}
	_, err := m.f.Seek(m.size, io.SeekStart)
	return err
}

// write appends one line.
func (m *metricsFile) write(l line) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	n, err := m.f.Write(append(data, '\n'))
	if err != nil {
		return errors.Join(err, m.cut())
	}
	m.size += int64(n)
	return nil
}

// sync makes the lines written so far durable; the name of the file becomes so when the folder is synced for a checkpoint. A failure is
// returned once.
func (m *metricsFile) sync() error {
	if m.lost || m.sunk == m.size {
		return nil
	}
	if err := m.f.Sync(); err != nil {
		m.lost = true
		return fmt.Errorf("sync: %w", err)
	}
	m.sunk = m.size
	return nil
}
