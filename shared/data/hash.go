package data

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// A FileHash identifies the content of a data file in a recipe.
type FileHash struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// HashFiles gives size and SHA-256 of every file that paths stand for (see TextFiles), in order.
func HashFiles(paths ...string) ([]FileHash, error) {
	files, err := TextFiles(paths...)
	if err != nil {
		return nil, err
	}
	all := make([]FileHash, len(files))
	for i, path := range files {
		f, err := openData(path)
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("data: hash: %w", err)
		}
		all[i] = FileHash{Path: path, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}
	}
	return all, nil
}

// Digest folds hashes into one "sha256:..." over sizes and contents in order; names don't count, so moved files keep their digest.
func Digest(files []FileHash) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d %s\n", f.Bytes, f.SHA256)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
