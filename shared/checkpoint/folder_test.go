package checkpoint

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSaveOnDisk saves and replaces on the real file system.
func TestSaveOnDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b", "model")
	for v := 1; v <= 3; v++ {
		if err := saveVersion(OS, dir, v); err != nil {
			t.Fatal(err)
		}
		if got, err := versionOf(OS, dir); err != nil || got != v {
			t.Fatalf("got version %d, %v, want %d", got, err, v)
		}
		if left := strays(OS, dir); len(left) > 0 {
			t.Fatalf("strays: %v", left)
		}
	}
	broken := errors.New("broken")
	if err := Save(dir, func(d *Dir) error { return broken }); !errors.Is(err, broken) {
		t.Fatalf("got %v, want %v", err, broken)
	}
	if err := Save(dir, func(d *Dir) error { _, err := d.Create("left-open"); return err }); err == nil {
		t.Error("a file left open was accepted")
	}
	for _, name := range []string{"", ".", "..", "../a", "/a", "a/", "a//b", "a/../b", `a\b`, `a/b\c`} {
		if err := Save(dir, func(d *Dir) error { return d.WriteFile(name, nil) }); err == nil {
			t.Errorf("file name %q was accepted", name)
		}
	}
	if got, err := versionOf(OS, dir); err != nil || got != 3 {
		t.Fatalf("after failed saves: version %d, %v, want 3", got, err)
	}
}

// TestSaveKeepsOthersFiles: a folder with anything that the new one lacks is left alone.
func TestSaveKeepsOthersFiles(t *testing.T) {
	for _, extra := range []string{"thesis.doc", "photos/"} {
		dir := t.TempDir()
		path := filepath.Join(dir, extra)
		var err error
		if strings.HasSuffix(extra, "/") {
			err = os.Mkdir(path, 0o755)
		} else {
			err = os.WriteFile(path, []byte("mine"), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := saveVersion(OS, dir, 1); !errors.Is(err, ErrNotReplaceable) || !strings.Contains(err.Error(), extra) {
			t.Errorf("%s: got %v, want %v", extra, err, ErrNotReplaceable)
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
		if left := strays(OS, dir); len(left) > 0 {
			t.Errorf("strays: %v", left)
		}
	}
}

// TestSubfolders: files may lie in subfolders, and those of the old folder are looked through before it is replaced.
func TestSubfolders(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	save := func(names ...string) error {
		return Save(dir, func(d *Dir) error {
			for _, name := range names {
				if err := d.WriteFile(name, []byte(name)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	names := []string{"config.json", "1_Pooling/config.json", "1_Pooling/a/b.txt", "1_Pooling/a/c.txt"}
	for range 2 {
		if err := save(names...); err != nil {
			t.Fatal(err)
		}
	}
	if err := save(names[:3]...); !errors.Is(err, ErrNotReplaceable) || !strings.Contains(err.Error(), "c.txt") {
		t.Errorf("a folder without c.txt: got %v, want %v", err, ErrNotReplaceable)
	}
	if err := save("config.json", "config.json/a"); err == nil {
		t.Error("a file that is a folder too was accepted")
	}
	for _, name := range names {
		if raw, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(raw) != name {
			t.Errorf("%s: got %q, %v", name, raw, err)
		}
	}
	if left := strays(OS, dir); len(left) > 0 {
		t.Errorf("strays: %v", left)
	}
}

// TestSums: what Dir reports is the SHA-256 of the files.
func TestSums(t *testing.T) {
	var sums map[string]string
	err := SaveTo(newCrashFS(), modelDir, func(d *Dir) error {
		err := d.WriteFile("a", []byte("abc"))
		sums = d.Sums()
		return err
	})
	want := map[string]string{"a": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
	if err != nil || !maps.Equal(sums, want) {
		t.Errorf("got %v, %v, want %v", sums, err, want)
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(path, []byte("left behind"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := LockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LockFile(path); !errors.Is(err, ErrLocked) {
		t.Errorf("second lock: got %v, want %v", err, ErrLocked)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	if l, err = LockFile(path); err != nil {
		t.Errorf("after unlock: %v", err)
	} else if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
}
