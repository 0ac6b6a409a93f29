package checkpoint

import (
	"errors"
	"testing"
)

// failFS fails one call.
type failFS struct {
	FS
	at    int // number of the call that fails
	calls int
	short bool // a failing write writes half
	open  int
}

func (f *failFS) fail() error {
	f.calls++
	if f.calls-1 == f.at {
		return errDisk
	}
	return nil
}

func (f *failFS) Mkdir(p string) error {
	return cmpErr(f.fail(), func() error { return f.FS.Mkdir(p) })
}

func (f *failFS) Rename(a, b string) error {
	return cmpErr(f.fail(), func() error { return f.FS.Rename(a, b) })
}

func (f *failFS) Exchange(a, b string) error {
	return cmpErr(f.fail(), func() error { return f.FS.Exchange(a, b) })
}

func (f *failFS) Remove(p string) error {
	return cmpErr(f.fail(), func() error { return f.FS.Remove(p) })
}

func (f *failFS) SyncDir(p string) error {
	return cmpErr(f.fail(), func() error { return f.FS.SyncDir(p) })
}

func (f *failFS) List(p string) ([]string, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	return f.FS.List(p)
}

func cmpErr(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

func (f *failFS) Create(p string) (SyncWriter, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	w, err := f.FS.Create(p)
	if err != nil {
		return nil, err
	}
	f.open++
	return &failFile{w, f, false}, nil
}

type failFile struct {
	SyncWriter
	f      *failFS
	failed bool // its sync has failed
}

func (w *failFile) Write(b []byte) (int, error) {
	if err := w.f.fail(); err != nil {
		n := 0
		if w.f.short {
			n, _ = w.SyncWriter.Write(b[:len(b)/2])
		}
		return n, err
	}
	return w.SyncWriter.Write(b)
}

func (w *failFile) Sync() error {
	if w.failed {
		panic("a failed sync was tried again")
	}
	if err := w.f.fail(); err != nil {
		w.failed = true
		return err
	}
	return w.SyncWriter.Sync()
}

func (w *failFile) Close() error {
	w.f.open--
	return errors.Join(w.f.fail(), w.SyncWriter.Close())
}

// TestFailingCalls fails every call of a save in turn. The error is returned or the save was complete, the old or
// the new folder is there whole, no file stays open, and the next save succeeds and cleans up.
func TestFailingCalls(t *testing.T) {
	for _, noExchange := range []bool{false, true} {
		for _, short := range []bool{false, true} {
			for n := 0; ; n++ {
				disk := newCrashFS()
				disk.noExchange = noExchange
				if err := saveVersion(disk, modelDir, 1); err != nil {
					t.Fatal(err)
				}
				f := &failFS{FS: disk, at: n, short: short}
				err := saveVersion(f, modelDir, 2)
				if err != nil && !errors.Is(err, errDisk) {
					t.Fatalf("call %d: got %v, want %v", n, err, errDisk)
				}
				got, verr := versionOf(disk, modelDir)
				if verr != nil || err == nil && got != 2 || got != 1 && got != 2 {
					t.Fatalf("call %d: save said %v, found version %d, %v", n, err, got, verr)
				}
				if f.open != 0 {
					t.Fatalf("call %d: %d files open", n, f.open)
				}
				if err := saveVersion(disk, modelDir, 3); err != nil {
					t.Fatalf("call %d: next save: %v", n, err)
				}
				if got, err := versionOf(disk, modelDir); err != nil || got != 3 || len(strays(disk, modelDir)) > 0 {
					t.Fatalf("call %d: next save gives version %d, %v, strays %v", n, got, err, strays(disk, modelDir))
				}
				if f.calls <= n {
					t.Logf("%d calls", f.calls)
					break
				}
			}
		}
	}
}
