package adapter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// A Source is one input of a training run, with what it held then.
type Source struct {
	Role   string `json:"role"` // train or eval
	Path   string `json:"path"` // as the user gave it; empty for data that came from the program itself
	SHA256 string `json:"sha256"`
}

// FileSource describes the file at path.
func FileSource(role, path string) (Source, error) {
	sum, err := fileSum(path)
	if err != nil {
		return Source{}, fmt.Errorf("adapter: %w", err)
	}
	return Source{Role: role, Path: path, SHA256: sum}, nil
}

// ValueSource describes data that never was a file: v is hashed as JSON. What a Source without a path described
// can't be read again, so it can't be verified.
func ValueSource(role string, v any) (Source, error) {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(v); err != nil {
		return Source{}, fmt.Errorf("adapter: %s data: %w", role, err)
	}
	return Source{Role: role, SHA256: "sha256:" + hex.EncodeToString(h.Sum(nil))}, nil
}

// Check reads the file again and returns ErrDataChanged if it isn't what it was.
func (s Source) Check() error {
	if s.Path == "" {
		return fmt.Errorf("adapter: the %s data are in no file: %w", s.Role, ErrDataChanged)
	}
	sum, err := fileSum(s.Path)
	if err != nil {
		return fmt.Errorf("adapter: %s data: %w", s.Role, err)
	}
	return s.Compare(Source{SHA256: sum})
}

// Compare returns ErrDataChanged if now, which is read from the same path, isn't what s was.
func (s Source) Compare(now Source) error {
	if now.SHA256 != s.SHA256 {
		return fmt.Errorf("adapter: %s data %s: %w: got %s, want %s", s.Role, s.Path, ErrDataChanged, now.SHA256, s.SHA256)
	}
	return nil
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// A Verification is the outcome of training again from a passport.
type Verification struct {
	Want    string  `json:"want"` // the digest on record
	Got     string  `json:"got"`
	Match   bool    `json:"match"`
	Steps   int     `json:"steps"`
	Seconds float64 `json:"seconds"`
}
