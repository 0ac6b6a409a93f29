package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// A Snapshot is a model on this machine.
type Snapshot struct {
	Name   string // what finds it again: a folder, or org/name@commit
	Dir    string // the model folder
	Commit string // empty where it is not from a hub
	Files  []File // config.json last; nil for a folder that Resolve was given
	Bytes  int64  // of all files
}

// A File is one of a model folder.
type File struct {
	Name string // slash-separated, relative to the folder
	Size int64  // bytes
}

// snapshot finds the model that the cache has of a commit, nil if there is no configuration with whole weights. What comes beside them may be missing where
// another program has fetched only what it needed: sure is true if a tokenizer or a preprocessor is there. This package links
// the weights after those.
func (s *store) snapshot(r ref, commit string) (found *Snapshot, sure bool) {
	if commit == "" {
		return nil, false
	}
	dir := s.at("snapshots", commit)
	names := filesIn(dir, "")
	chosen, err := choose(names)
	if err != nil {
		return nil, false
	}
	if slices.Contains(chosen, indexFile) {
		index, err := readIndex(filepath.Join(dir, indexFile))
		if err != nil {
			return nil, false
		}
		if chosen, err = withShards(chosen, names, index); err != nil {
			return nil, false
		}
	}
	found = &Snapshot{Name: ref{r.repo, commit}.String(), Dir: dir, Commit: commit}
	for _, name := range chosen {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, false
		}
		found.Files = append(found.Files, File{name, info.Size()})
		found.Bytes += info.Size()
		sure = sure || slices.Contains([]string{"tokenizer.json", "vocab.txt", "vocab.json", "preprocessor_config.json"}, name)
	}
	return found, sure
}

// filesIn lists the files of a model folder, with a slash between a module's folder and its files. A folder that can't be read has none.
func filesIn(dir, prefix string) []string {
	entries, err := os.ReadDir(filepath.Join(dir, prefix))
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		name := path.Join(prefix, e.Name())
		switch {
		case e.IsDir() && prefix == "" && isModule(name):
			names = append(names, filesIn(dir, name)...)
		case isFile(filepath.Join(dir, filepath.FromSlash(name)), -1):
			names = append(names, name)
		}
	}
	return names
}

// readIndex reads an index of shards.
func readIndex(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxIndexBytes+1))
	if err == nil && len(raw) > maxIndexBytes {
		err = fmt.Errorf("%w: %s: more than %d bytes", ErrLimit, indexFile, maxIndexBytes)
	}
	return raw, err
}

// CopyTo makes or replaces the folder dir, atomically, with the files of the snapshot.
func (s *Snapshot) CopyTo(ctx context.Context, dir string) error {
	err := checkpoint.Save(dir, func(d *checkpoint.Dir) error {
		for _, f := range s.Files {
			from, err := os.Open(filepath.Join(s.Dir, filepath.FromSlash(f.Name)))
			if err != nil {
				return err
			}
			err = copyInto(ctx, d, f, from)
			if err := errors.Join(err, from.Close()); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("hub: %s: %w", s.Name, err)
	}
	return nil
}

// copyInto writes a file of exactly f.Size bytes into a folder being saved.
func copyInto(ctx context.Context, d *checkpoint.Dir, f File, from io.Reader) error {
	w, err := d.Create(f.Name)
	if err != nil {
		return err
	}
	n, err := io.Copy(w, &withContext{ctx, io.LimitReader(from, f.Size+1)})
	if err == nil && n != f.Size {
		err = fmt.Errorf("%w: got %d bytes, want %d", ErrCorrupt, n, f.Size)
	}
	return errors.Join(err, w.Close())
}
