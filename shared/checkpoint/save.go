package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Save makes or replaces the folder dir: write fills a temporary sibling, which then takes dir's place in one step.
// When Save returns nil the new folder survives a power cut; a crash or an error at any earlier
// point leaves what was there before, or the new folder, never a mixture. Missing parents are made.
//
// An existing folder is replaced only if the new one has every file that it has: Save is no way
// to delete somebody's folder (ErrNotReplaceable). Each Save first removes what an earlier, killed one left behind;
// one process at a time may save to one dir.
//
// Where the file system cannot exchange two folders (Windows, some network ones), replacing takes two
// renames; a crash between them leaves dir missing until the next Save or Recover.
func Save(dir string, write func(d *Dir) error) error { return SaveTo(OS, dir, write) }

// SaveTo is Save on any FS.
func SaveTo(fsys FS, dir string, write func(d *Dir) error) error {
	dir = filepath.Clean(dir)
	parent := filepath.Dir(dir)
	if err := mkdirAll(fsys, parent); err != nil {
		return fmt.Errorf("checkpoint: save: %w", err)
	}
	if err := RecoverIn(fsys, dir); err != nil {
		return err
	}
	temp := sibling(dir, tempSuffix)
	err := fill(fsys, temp, write)
	if err == nil {
		err = publish(fsys, dir, temp)
	}
	if err != nil {
		if !errors.As(err, new(*unsure)) {
			_ = removeAll(fsys, temp) // a stray that stays is removed by the next Save
		}
		return fmt.Errorf("checkpoint: save: %w", err)
	}
	// From here on the new folder is durable: what fails now only leaves a stray.
	_ = removeAll(fsys, temp)
	return nil
}

// fill makes the folder temp and makes everything that write puts into it durable.
func fill(fsys FS, temp string, write func(d *Dir) error) error {
	if err := fsys.Mkdir(temp); err != nil {
		return err
	}
	d := &Dir{fsys: fsys, path: temp, sums: map[string]string{}}
	if err := write(d); err != nil {
		return err
	}
	if d.open != 0 {
		return fmt.Errorf("%d files were not closed", d.open)
	}
	return d.sync()
}

// An unsure error comes from a sync of the parent after the names changed: both
// folders must stay until a later sync succeeds.
type unsure struct{ error }

func (u *unsure) Unwrap() error { return u.error }

// publish puts the durable folder temp in the place of dir. What dir was, if anything, is then called temp.
func publish(fsys FS, dir, temp string) error {
	parent := filepath.Dir(dir)
	_, err := fsys.List(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		err = fsys.Rename(temp, dir)
	case err != nil:
		return err
	default:
		if err := replaceable(fsys, dir, temp); err != nil {
			return err
		}
		err = fsys.Exchange(temp, dir)
		if errors.Is(err, errors.ErrUnsupported) {
			return publishByRename(fsys, dir, temp)
		}
	}
	if err != nil {
		return err
	}
	if err := fsys.SyncDir(parent); err != nil {
		return &unsure{err}
	}
	return nil
}

// publishByRename replaces dir in two renames; Recover undoes the first where the second did not happen.
func publishByRename(fsys FS, dir, temp string) error {
	parent, aside := filepath.Dir(dir), sibling(dir, asideSuffix)
	if err := fsys.Rename(dir, aside); err != nil {
		return err
	}
	if err := fsys.Rename(temp, dir); err != nil {
		return &unsure{errors.Join(err, fsys.Rename(aside, dir))}
	}
	if err := fsys.SyncDir(parent); err != nil {
		return &unsure{err}
	}
	_ = removeAll(fsys, aside)
	return nil
}

// replaceable returns ErrNotReplaceable if a name in the folder dir, or below it, is not in temp.
func replaceable(fsys FS, dir, temp string) error {
	old, err := fsys.List(dir)
	if err != nil {
		return err
	}
	have, err := fsys.List(temp)
	if err != nil {
		return err
	}
	for _, name := range old {
		if !slices.Contains(have, name) {
			return fmt.Errorf("%w: the new one has no %q", ErrNotReplaceable, name)
		}
		if strings.HasSuffix(name, "/") {
			if err := replaceable(fsys, filepath.Join(dir, name), filepath.Join(temp, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	tempSuffix  = ".saving"
	asideSuffix = ".replaced"
	strayBytes  = 6 // random bytes in a stray's name
)

// WriteFile makes or replaces the file at path: a crash leaves the old or the new content, whole, and the new
// one if WriteFile returned nil. Missing parents are made.
func WriteFile(path string, data []byte) error { return WriteFileTo(OS, path, data) }

// WriteFileTo is WriteFile on any FS.
func WriteFileTo(fsys FS, path string, data []byte) error {
	path = filepath.Clean(path)
	parent := filepath.Dir(path)
	if err := mkdirAll(fsys, parent); err != nil {
		return fmt.Errorf("checkpoint: write: %w", err)
	}
	if err := RecoverIn(fsys, path); err != nil {
		return err
	}
	temp := sibling(path, tempSuffix)
	err := writeSynced(fsys, temp, data)
	if err == nil {
		err = fsys.Rename(temp, path)
	}
	if err != nil {
		_ = removeAll(fsys, temp)
		return fmt.Errorf("checkpoint: write: %w", err)
	}
	if err := fsys.SyncDir(parent); err != nil {
		return fmt.Errorf("checkpoint: write: %w", err)
	}
	return nil
}

// writeSynced makes a new durable file.
func writeSynced(fsys FS, path string, data []byte) error {
	f, err := fsys.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
