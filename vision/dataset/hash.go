package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/fmkit/fmkit/shared/data"
)

// Hash identifies a list of pictures in a recipe: the SHA-256 over every item in order, its ID, label, split, group, boxes, and the sizes
// and contents of its files; Bytes is the size of all files together, each counted once, and Path is name. Where the files lie doesn't count.
func Hash(ctx context.Context, name string, items []Item) (data.FileHash, error) {
	files, err := hashFiles(ctx, items)
	if err != nil {
		return data.FileHash{}, err
	}
	all := data.FileHash{Path: name}
	for _, f := range files {
		all.Bytes += f.Bytes
	}
	h := sha256.New()
	e := json.NewEncoder(h)
	for i := range items {
		it := &items[i]
		line := struct {
			ID, Label, Split, Group string
			Boxes                   []Box
			Record                  int
			Picture, Mask, Template string
		}{it.ID, it.Label, it.Split, it.Group, it.Boxes, it.record, files[it.Path].SHA256, files[it.Mask].SHA256, files[it.Template].SHA256}
		if err := e.Encode(line); err != nil {
			return data.FileHash{}, fmt.Errorf("dataset: hash: %w", err)
		}
	}
	all.SHA256 = hex.EncodeToString(h.Sum(nil))
	return all, nil
}

// hashFiles gives size and SHA-256 of every file of items, by path.
func hashFiles(ctx context.Context, items []Item) (map[string]data.FileHash, error) {
	var paths []string
	seen := map[string]bool{"": true}
	for i := range items {
		for _, p := range []string{items[i].Path, items[i].Mask, items[i].Template} {
			if !seen[p] {
				seen[p] = true
				paths = append(paths, p)
			}
		}
	}
	hashes, errs := make([]data.FileHash, len(paths)), make([]error, len(paths))
	workers := min(runtime.GOMAXPROCS(0), len(paths))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			buf := make([]byte, 64<<10)
			for i := w; i < len(paths) && ctx.Err() == nil; i += workers {
				hashes[i], errs[i] = hashFile(paths[i], buf)
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	files := make(map[string]data.FileHash, len(paths))
	for i, p := range paths {
		if errs[i] != nil {
			return nil, errs[i]
		}
		files[p] = hashes[i]
	}
	return files, nil
}

func hashFile(path string, buf []byte) (data.FileHash, error) {
	f, _, err := openRegular(path)
	if err != nil {
		return data.FileHash{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{f}, buf)
	if err != nil {
		return data.FileHash{}, fmt.Errorf("dataset: hash: %w", err)
	}
	return data.FileHash{Path: path, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}
