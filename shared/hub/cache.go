package hub

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// A repo is the folder of one repository in the cache. Everything is written through root, which nothing gets out of.
type repo struct {
	dir   string
	locks string
	root  *os.Root
}

func (c *Client) openRepo(n Name) (*repo, error) {
	r := &repo{dir: filepath.Join(c.Cache, n.folder()), locks: filepath.Join(c.Cache, ".locks", n.folder())}
	for _, d := range []string{filepath.Join(r.dir, "blobs"), filepath.Join(r.dir, "refs"), filepath.Join(r.dir, "snapshots"), r.locks} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, fmt.Errorf("cache: %w", err)
		}
	}
	root, err := os.OpenRoot(r.dir)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	r.root = root
	return r, nil
}

func (r *repo) close() { r.root.Close() }

// snapshot is the folder of a commit.
func (r *repo) snapshot(commit string) string { return filepath.Join(r.dir, "snapshots", commit) }

// setRef says what commit a revision stands for.
func (r *repo) setRef(revision, commit string) error {
	name := path.Join("refs", revision)
	if raw, err := r.root.ReadFile(name); err == nil && string(raw) == commit {
		return nil
	}
	if err := r.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	if err := checkpoint.WriteFile(filepath.Join(r.dir, filepath.FromSlash(name)), []byte(commit)); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	return nil
}

// link puts a blob under its name in the snapshot of a commit: by a relative link or, where there are none, by a copy.
func (r *repo) link(commit, file, etag string) error {
	name := path.Join("snapshots", commit, file)
	if err := r.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	target := strings.Repeat("../", strings.Count(name, "/")) + "blobs/" + etag
	if have, err := r.root.Readlink(name); err == nil && filepath.ToSlash(have) == target {
		return nil
	}
	temp := name + ".linking"
	_ = r.root.Remove(temp) // of a process that ended
	err := r.root.Symlink(filepath.FromSlash(target), temp)
	if err != nil {
		err = r.copyBlob(temp, etag)
	}
	if err == nil {
		err = r.root.Rename(temp, name)
	}
	if err != nil {
		_ = r.root.Remove(temp)
		return fmt.Errorf("cache: %w", err)
	}
	return syncDir(filepath.Join(r.dir, filepath.FromSlash(path.Dir(name))))
}

func (r *repo) copyBlob(to, etag string) error {
	from, err := r.root.Open("blobs/" + etag)
	if err != nil {
		return err
	}
	defer from.Close()
	f, err := r.root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// has says that a blob is there, with the given size.
func (r *repo) has(etag string, size int64) bool {
	info, err := r.root.Stat("blobs/" + etag)
	return err == nil && info.Mode().IsRegular() && (size < 0 || info.Size() == size)
}

// syncDir makes the names in a folder durable, where the system can.
func syncDir(dir string) error {
	err := checkpoint.OS.SyncDir(dir)
	if err != nil && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("cache: %w", err)
	}
	return nil
}
