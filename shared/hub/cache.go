package hub

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// A store is the folder of one repository in the cache. Nothing is made before open.
type store struct {
	c      *Client
	folder string // models--org--name
	dir    string // with the cache before it
	root   *os.Root
}

// Permissions are left to the umask, as huggingface_hub does: a cache may be shared.
const (
	filePerm = 0o666
	dirPerm  = 0o777
)

func (c *Client) store(r ref) *store {
	folder := "models--" + strings.ReplaceAll(r.repo, "/", "--")
	return &store{c: c, folder: folder, dir: filepath.Join(c.Cache, folder)}
}

// open makes the store ready for writing, which happens through its root only.
func (s *store) open() error {
	if err := os.MkdirAll(s.dir, dirPerm); err != nil {
		return fmt.Errorf("hub: cache: %w", err)
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return fmt.Errorf("hub: cache: %w", err)
	}
	s.root = root
	for _, name := range []string{"blobs", "refs", "snapshots"} {
		if err := mkdirAll(root, name); err != nil {
			return errors.Join(fmt.Errorf("hub: cache: %w", err), root.Close())
		}
	}
	return nil
}

// at joins slash-separated parts to a path in the store, for reading.
func (s *store) at(parts ...string) string {
	return filepath.Join(s.dir, filepath.FromSlash(path.Join(parts...)))
}

// commit reads the commit that a branch or tag was at, empty if the cache doesn't know.
func (s *store) commit(revision string) string {
	if isCommit(revision) {
		return revision
	}
	f, err := os.Open(s.at("refs", revision))
	if err != nil {
		return ""
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 64))
	if commit := strings.TrimSpace(string(raw)); err == nil && isCommit(commit) {
		return commit
	}
	return ""
}

// setRef notes the commit that a branch or tag is at.
func (s *store) setRef(revision, commit string) error {
	if s.commit(revision) == commit {
		return nil
	}
	return writeFile(s.root, path.Join("refs", revision), func(f *os.File) error {
		_, err := f.WriteString(commit)
		return err
	})
}

// linked says whether a file of a commit is in place, with its size. A size of -1 fits any.
func (s *store) linked(commit string, f file) bool {
	return isFile(s.at("snapshots", commit, f.name), f.size)
}

// hasBlob says whether a blob is in place.
func (s *store) hasBlob(f file) bool { return isFile(s.at("blobs", f.digest), f.size) }

// isFile says whether path leads to a regular file of the given size, -1 for any.
func isFile(path string, size int64) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (size < 0 || info.Size() == size)
}

// link puts a blob into the snapshot of a commit: by a relative link, or as a copy where links can't be made. Its name is not yet synced.
func (s *store) link(commit string, f file) error {
	if s.linked(commit, f) {
		return nil
	}
	name := path.Join("snapshots", commit, f.name)
	if err := mkdirAll(s.root, path.Dir(name)); err != nil {
		return err
	}
	if !s.c.Copy {
		target := filepath.FromSlash(strings.Repeat("../", strings.Count(name, "/")) + path.Join("blobs", f.digest))
		temp := temporary(name)
		err := s.root.Symlink(target, temp)
		if err == nil {
			if err = s.root.Rename(temp, name); err != nil {
				return errors.Join(err, s.root.Remove(temp))
			}
			return nil
		}
	}
	return writeFile(s.root, name, func(to *os.File) error {
		from, err := os.Open(s.at("blobs", f.digest))
		if err != nil {
			return err
		}
		defer from.Close()
		_, err = io.Copy(to, from)
		return err
	})
}

// lock waits until nobody else writes the blob of a digest.
func (s *store) lock(ctx context.Context, f file) (*checkpoint.Lock, error) {
	dir := filepath.Join(s.c.Cache, ".locks", s.folder)
	if err := os.MkdirAll(dir, dirPerm); err != nil {
		return nil, err
	}
	const poll = 100 * time.Millisecond
	for waited := false; ; waited = true {
		l, err := checkpoint.LockFile(filepath.Join(dir, f.digest+".lock"))
		if !errors.Is(err, checkpoint.ErrLocked) {
			return l, err
		}
		if !waited {
			s.c.logf("hub: %s: waiting for another process that fetches it", f.name)
		}
		if err := s.c.sleep(ctx, poll); err != nil {
			return nil, err
		}
	}
}

// mkdirAll makes a folder in root and those above it, durably.
func mkdirAll(root *os.Root, name string) error {
	if info, err := root.Stat(name); err == nil && info.IsDir() {
		return nil
	}
	if parent := path.Dir(name); parent != "." {
		if err := mkdirAll(root, parent); err != nil {
			return err
		}
	}
	if err := root.Mkdir(name, dirPerm); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncDir(root, path.Dir(name))
}

// writeFile makes or replaces a file in root: the old or the new content is there, whole and durable.
func writeFile(root *os.Root, name string, write func(*os.File) error) error {
	if err := mkdirAll(root, path.Dir(name)); err != nil {
		return err
	}
	temp := temporary(name)
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = root.Rename(temp, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temp))
	}
	return syncDir(root, path.Dir(name))
}

// temporary is a fresh name beside name.
func temporary(name string) string {
	var b [4]byte
	rand.Read(b[:])
	return name + "." + hex.EncodeToString(b[:]) + ".tmp"
}

// syncDir makes the names in a folder durable.
func syncDir(root *os.Root, name string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there; NTFS journals its names
	}
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
