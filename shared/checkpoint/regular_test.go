//go:build linux

package checkpoint

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNotRegular is B36. Opening a pipe must not wait for its writer.
func TestNotRegular(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := unix.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, dir, link, "/dev/null", "/dev/zero", "/proc/self/mem", "/proc/self/cmdline", "/sys/kernel/notes"} {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		_, err := Open(path)
		if !errors.Is(err, ErrNotRegular) {
			t.Errorf("%s: got %v, want %v", path, err, ErrNotRegular)
		}
	}
	_, err := Open(filepath.Join(dir, "none"))
	if !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), dir) {
		t.Errorf("missing file: got %v", err)
	}
}

// TestNotRegularInFolders is B36 for a folder's single file and for a shard.
func TestNotRegularInFolders(t *testing.T) {
	fifo := func(path string) error { return unix.Mkfifo(path, 0o644) }
	link := func(path string) error { return os.Symlink("/dev/zero", path) }
	folder := func(path string) error { return os.Mkdir(path, 0o755) }
	for about, make := range map[string]func(string) error{"pipe": fifo, "link to a device": link, "folder": folder} {
		for _, name := range []string{singleFile, indexFile, shard1} {
			dir := t.TempDir()
			if name == shard1 {
				if err := os.WriteFile(filepath.Join(dir, indexFile), indexOf(in("a", shard1)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := make(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			_, err := OpenWeights(os.DirFS(dir))
			if !errors.Is(err, ErrNotRegular) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s as %s: got %v, want %v", about, name, err, ErrNotRegular)
			}
		}
	}
}

// TestReadRegular: a file is read to its end or one byte over the limit, and a pipe is not waited for.
func TestReadRegular(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("0123456789"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int64]string{10: "0123456789", 100: "0123456789", 4: "01234", 0: "0"} {
		if got, err := ReadRegular(os.DirFS(dir), "file", limit); err != nil || string(got) != want {
			t.Errorf("limit %d: got %q, %v, want %q", limit, got, err, want)
		}
	}
	for name, want := range map[string]error{"fifo": ErrNotRegular, ".": ErrNotRegular, "none": fs.ErrNotExist} {
		if _, err := ReadRegular(os.DirFS(dir), name, 10); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
}
