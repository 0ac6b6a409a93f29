package trajectory

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// Limits of a data set from strangers.
const (
	maxCount   = 1 << 24  // episodes
	maxNumbers = 1 << 25  // numbers of the observations, or the actions, of an episode
	maxJSON    = 64 << 20 // bytes of a file of JSON
)

// A Folder is a Source on a disk. An episode is read when it is asked for; in memory are where episodes lie, and up to 32 open files. It is
// safe for concurrent use.
type Folder struct {
	meta  Meta
	shelf *shelf
	set   set
}

// A set is one of the forms of data sets.
type set interface {
	len() int
	episode(s *shelf, m Meta, i int, e *Episode) error
}

// Open opens a folder of episodes: LeRobotDataset v3 (meta/info.json) as Create or Python's lerobot writes it, or Minari's Parquet form
// (data/metadata.json). What is wrong with the files is ErrFormat or ErrLimit. Close lets go of the files.
//
// In LeRobot's own data sets a feature observation.X is a part X of a Dict where there is more than one, rewards are zero where there are none,
// and the observation after the last step, which they lack, is that before it once more. Episodes end terminated if next.done says so, else
// truncated. Videos aren't read.
func Open(dir string) (*Folder, error) {
	f := &Folder{shelf: &shelf{root: dir}}
	var err error
	switch {
	case exists(dir, fileInfo):
		f.meta, f.set, err = openLeRobot(f.shelf)
	case exists(dir, "data", fileMinari):
		f.shelf.root = filepath.Join(dir, "data")
		f.meta, f.set, err = openMinari(f.shelf)
	case exists(dir, fileMinari):
		f.meta, f.set, err = openMinari(f.shelf)
	default:
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("trajectory: %w", err)
		}
		return nil, malformed(dir, "got neither %s nor data/%s", fileInfo, fileMinari)
	}
	if err != nil {
		f.shelf.close()
		return nil, err
	}
	return f, nil
}

func exists(parts ...string) bool {
	_, err := os.Stat(filepath.Join(parts...))
	return err == nil
}

// Meta implements Source.
func (f *Folder) Meta() Meta { return f.meta }

// Len implements Source.
func (f *Folder) Len() int { return f.set.len() }

// Episode implements Source.
func (f *Folder) Episode(i int, e *Episode) error {
	if i < 0 || i >= f.set.len() {
		return fmt.Errorf("trajectory: got episode %d of %d", i, f.set.len())
	}
	if err := f.set.episode(f.shelf, f.meta, i, e); err != nil {
		return fmt.Errorf("episode %d: %w", i, err)
	}
	if err := e.Validate(f.meta); err != nil {
		return fmt.Errorf("%w: episode %d: %w", ErrFormat, i, err)
	}
	if _, box := f.meta.Action.(*spaces.Box); !box {
		a := f.meta.Action.Size()
		for k := range e.Len() {
			if !f.meta.Action.Contains(e.Actions[k*a:][:a]) {
				return fmt.Errorf("%w: episode %d, step %d: got action %v, want one of %v", ErrFormat, i, k, e.Actions[k*a:][:a], f.meta.Action)
			}
		}
	}
	return nil
}

// Close closes the files. A Folder that isn't closed leaves that to the end of the program.
func (f *Folder) Close() error {
	f.shelf.close()
	return nil
}

// readJSON fills v by a file of JSON.
func readJSON(root, name string, v any) error {
	r, size, err := checkpoint.OS.Open(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	defer r.Close()
	if size > maxJSON {
		return fmt.Errorf("%w: %s: got %d bytes, want at most %d", ErrLimit, name, size, maxJSON)
	}
	b := make([]byte, size)
	if _, err := r.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	if err := strictjson.Decode(b, v, strictjson.Limits{Bytes: maxJSON, AllowUnknown: true}); err != nil {
		return malformed(name, "%v", err)
	}
	return nil
}
