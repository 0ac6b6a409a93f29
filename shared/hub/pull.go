package hub

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
)

// Pull brings the model name, org/name or org/name@revision, into the cache and returns its snapshot there. Files that are there already
// are not fetched again; a whole commit that the cache has needs no network at all. Without a revision it is main.
//
// A hub that can't be reached, or may not be asked, is no error where the cache has what the revision was when it was
// last asked for: a line in the log says so. Other errors wrap one of those of this package, or are those of the file system or
// of ctx; then the snapshot is as it was, and what has arrived is kept for the next call.
func (c *Client) Pull(ctx context.Context, name string) (*Snapshot, error) {
	r, err := parseName(name)
	if err != nil {
		return nil, err
	}
	if c.setting != nil {
		return nil, c.setting
	}
	s := c.store(r)
	cached, sure := s.snapshot(r, s.commit(r.revision))
	switch {
	case cached != nil && sure && isCommit(r.revision):
		return cached, nil
	case c.Offline && cached != nil:
		c.logf("hub: %s: offline: taking commit %s from the cache", r, cached.Commit)
		return cached, nil
	case c.Offline:
		return nil, fmt.Errorf("hub: %s: %w", r, ErrOffline)
	}
	attempts := c.attempts()
	if cached != nil {
		attempts = min(attempts, 2)
	}
	i, err := c.info(ctx, r, attempts)
	if cached != nil && errors.Is(err, ErrUnreachable) && ctx.Err() == nil {
		c.logf("%v; taking commit %s from the cache", err, cached.Commit)
		return cached, nil
	}
	if err != nil {
		return nil, err
	}
	if err := s.fill(ctx, r, i); err != nil {
		return nil, err
	}
	found, _ := s.snapshot(r, i.commit)
	if found == nil {
		return nil, fmt.Errorf("hub: %s: the snapshot of commit %s was changed by somebody else", r, i.commit)
	}
	return found, nil
}

// fill makes the snapshot of a commit and points the ref at it.
func (s *store) fill(ctx context.Context, r ref, i info) error {
	names := i.names()
	chosen, err := choose(names)
	if err != nil {
		return fmt.Errorf("hub: %s: %w", r, err)
	}
	if err := s.open(); err != nil {
		return err
	}
	defer s.root.Close()
	if slices.Contains(chosen, indexFile) {
		index, err := s.index(ctx, r, i)
		if err != nil {
			return err
		}
		if chosen, err = withShards(chosen, names, index); err != nil {
			return fmt.Errorf("hub: %s: %w", r, err)
		}
	}
	missing, err := s.missing(ctx, r, i, chosen)
	if err != nil {
		return err
	}
	for _, f := range missing {
		if err := s.fetch(ctx, r, i.commit, f); err != nil {
			return err
		}
	}
	if err := s.linkAll(i.commit, missing); err != nil {
		return fmt.Errorf("hub: %s: %w", r, err)
	}
	if isCommit(r.revision) {
		return nil
	}
	if err := s.setRef(r.revision, i.commit); err != nil {
		return fmt.Errorf("hub: %s: %w", r, err)
	}
	return nil
}

// linkAll makes blobs the files of a commit, each after those before it, and all of it durable.
func (s *store) linkAll(commit string, files []file) error {
	if len(files) == 0 {
		return nil
	}
	if err := syncDir(s.root, "blobs"); err != nil {
		return err
	}
	var folders []string
	for _, f := range files {
		if err := s.link(commit, f); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if folder := path.Dir(path.Join("snapshots", commit, f.name)); !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	for _, folder := range folders {
		if err := syncDir(s.root, folder); err != nil {
			return err
		}
	}
	return nil
}

// index fetches the index of the shards, which says what else there is to fetch.
func (s *store) index(ctx context.Context, r ref, i info) ([]byte, error) {
	missing, err := s.missing(ctx, r, i, []string{indexFile})
	if err != nil {
		return nil, err
	}
	where := s.at("snapshots", i.commit, indexFile)
	for _, f := range missing {
		if f.size > maxIndexBytes {
			return nil, fmt.Errorf("hub: %s: %w: %s has %d bytes, want at most %d", r, ErrLimit, indexFile, f.size, maxIndexBytes)
		}
		if err := s.fetch(ctx, r, i.commit, f); err != nil {
			return nil, err
		}
		where = s.at("blobs", f.digest)
	}
	raw, err := readIndex(where)
	if err != nil {
		return nil, fmt.Errorf("hub: %s: %w", r, err)
	}
	return raw, nil
}

// missing asks for size and digest of those files that the snapshot doesn't have yet, in the order chosen. All files together
// must stay within the limit.
func (s *store) missing(ctx context.Context, r ref, i info, chosen []string) ([]file, error) {
	var missing []file
	left := s.c.maxBytes()
	for _, name := range chosen {
		f := i.files[slices.IndexFunc(i.files, func(f file) bool { return f.name == name })]
		if !s.linked(i.commit, f) {
			var err error
			if f, err = s.c.head(ctx, r, i.commit, f); err != nil {
				return nil, err
			}
			missing = append(missing, f)
		}
		if f.size > left {
			return nil, fmt.Errorf("hub: %s: %w: its files have more than %d bytes", r, ErrLimit, s.c.maxBytes())
		}
		left -= max(f.size, 0)
	}
	return missing, nil
}
