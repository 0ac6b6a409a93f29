package hub

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// A Snapshot is a model in the cache.
type Snapshot struct {
	Name   Name   // as asked for
	Commit string // what the revision stood for
	Dir    string // the model folder
	Files  int
	Bytes  int64
}

// Pinned is org/name@commit, which means the same for ever.
func (s *Snapshot) Pinned() string { return s.Name.Repo + "@" + s.Commit }

// Pull brings the model org/name or org/name@revision into the cache and gives its folder. What is there already is not fetched again: a commit in
// the cache needs no network at all. Without network a branch or a tag means what it meant last.
func (c *Client) Pull(ctx context.Context, name string) (*Snapshot, error) {
	n, err := ParseName(name)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	s, err := c.pull(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("hub: %s: %w", n, err)
	}
	return s, nil
}

func (c *Client) pull(ctx context.Context, n Name) (*Snapshot, error) {
	if n.pinned() || c.Offline {
		if s, err := c.cached(n); err == nil || c.Offline {
			return s, err
		}
	}
	l, err := c.list(ctx, n)
	if err != nil {
		if reached(err) || ctx.Err() != nil {
			return nil, err
		}
		s, cacheErr := c.cached(n)
		if cacheErr != nil {
			return nil, err
		}
		c.logf("%s: %v; what the cache has of it is used", n, err)
		return s, nil
	}
	if n.pinned() && l.Commit != n.Revision {
		return nil, fmt.Errorf("%w: asked for commit %s it answers with %s", ErrServer, n.Revision, l.Commit)
	}
	names := make([]string, len(l.Siblings))
	for i, s := range l.Siblings {
		names[i] = s.Name
	}
	files, err := choose(names)
	if err != nil {
		return nil, err
	}
	r, err := c.openRepo(n)
	if err != nil {
		return nil, err
	}
	defer r.close()
	s := &Snapshot{Name: n, Commit: l.Commit, Dir: r.snapshot(l.Commit), Files: len(files)}
	for _, f := range files {
		size, err := c.fetch(ctx, r, n, l.Commit, f, c.maxBytes()-s.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		s.Bytes += size
	}
	if !n.pinned() {
		if err := r.setRef(n.Revision, l.Commit); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (c *Client) maxBytes() int64 {
	if c.MaxBytes > 0 {
		return c.MaxBytes
	}
	return defaultMaxBytes
}

// reached says that the error is an answer of the hub, which the cache has no better one for.
func reached(err error) bool { return !errors.Is(err, ErrStatus) }

// Cached gives a model that is in the cache, whole, and asks nobody.
func (c *Client) Cached(name string) (*Snapshot, error) {
	n, err := ParseName(name)
	if err != nil {
		return nil, err
	}
	s, err := c.cached(n)
	if err != nil {
		return nil, fmt.Errorf("hub: %s: %w", n, err)
	}
	return s, nil
}

func (c *Client) cached(n Name) (*Snapshot, error) {
	repo := filepath.Join(c.Cache, n.folder())
	commit := n.Revision
	if !n.pinned() {
		raw, err := os.ReadFile(filepath.Join(repo, "refs", filepath.FromSlash(n.Revision)))
		if err != nil {
			return nil, fmt.Errorf("%w: HF_HUB_OFFLINE is set or the hub can't be reached", ErrOffline)
		}
		if commit = strings.TrimSpace(string(raw)); !commitPattern.MatchString(commit) {
			return nil, fmt.Errorf("%w: refs/%s is no commit", ErrOffline, n.Revision)
		}
	}
	s := &Snapshot{Name: n, Commit: commit, Dir: filepath.Join(repo, "snapshots", commit)}
	fsys := os.DirFS(s.Dir)
	if _, err := fs.Stat(fsys, "config.json"); err != nil {
		return nil, fmt.Errorf("%w: of commit %s it has no config.json", ErrOffline, commit)
	}
	w, err := checkpoint.OpenWeights(fsys) // all shards are there
	if err != nil {
		return nil, fmt.Errorf("%w: of commit %s: %w", ErrOffline, commit, err)
	}
	w.Close()
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := fs.Stat(fsys, name)
		if err != nil {
			return err
		}
		s.Files++
		s.Bytes += info.Size()
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%w: of commit %s: %w", ErrOffline, commit, err)
	}
	return s, nil
}
