package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A version tells a file from what it was before.
type version struct {
	size int64
	time time.Time
}

// watch judges every picture of the folder once its file has stood still from one look to the next, and again when it has changed, until ctx ends. Files are
// listed and never opened before: one that is still being written is not read half.
func (b *batch) watch(ctx context.Context) error {
	seen, done := map[string]version{}, map[string]version{}
	tick := time.NewTicker(b.flags.every)
	defer tick.Stop()
	for {
		names, err := pictureFiles(b.flags.images, b.flags.out, b.flags.overlay)
		if err != nil {
			return err
		}
		for _, name := range names {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			info, err := os.Stat(filepath.Join(b.flags.images, filepath.FromSlash(name)))
			if err != nil { // gone again
				delete(seen, name)
				continue
			}
			now := version{info.Size(), info.ModTime()}
			still := seen[name] == now
			seen[name] = now
			if !still || done[name] == now || now.size == 0 {
				continue
			}
			if err := b.judge(name); err != nil {
				return err
			}
			done[name] = now
		}
		if err := b.write(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// pictureFiles lists the pictures in and below a folder, by their paths below it with slashes, sorted. Hidden files are passed over, and the folders of results
// where they lie inside.
func pictureFiles(folder string, results ...string) ([]string, error) {
	var skip []os.FileInfo
	for _, r := range results {
		if info, err := os.Stat(r); err == nil {
			skip = append(skip, info)
		}
	}
	var names []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != folder: // gone since it was listed
			return nil
		case err != nil:
			return err
		case path == folder:
			return nil
		case d.IsDir():
			info, err := d.Info()
			if strings.HasPrefix(d.Name(), ".") || err == nil && slices.ContainsFunc(skip, func(s os.FileInfo) bool { return os.SameFile(info, s) }) {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(d.Name(), ".") && slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif"}, strings.ToLower(filepath.Ext(d.Name()))) {
			names = append(names, filepath.ToSlash(rel))
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}
