package train

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// TestDiskFull trains on a disk of 1 MiB that a file fills up: the save fails with a message, the checkpoint before it
// stays good, and once there is room the next save succeeds.
func TestDiskFull(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	defer func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	}()
	c := shortConfig()
	c.EvalEvery = 0
	dir, ballast := filepath.Join(disk, "run"), filepath.Join(disk, "ballast")
	task := newRegression()
	task.onStep = func(step int) {
		switch step {
		case 10: // after the checkpoint at 7
			if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o644); !errors.Is(err, unix.ENOSPC) {
				t.Errorf("filling the disk: %v", err)
			}
			if _, err := (&folder{fs: checkpoint.OS, dir: dir}).verify(7); err != nil {
				t.Error(err)
			}
		case 17: // after the checkpoint at 14
			if _, err := (&folder{fs: checkpoint.OS, dir: dir}).verify(7); err != nil {
				t.Errorf("the last good checkpoint: %v", err)
			}
			if err := os.Remove(ballast); err != nil {
				t.Error(err)
			}
		}
	}
	var log bytes.Buffer
	res := mustRun(t, c, task, Options{Dir: dir, Log: &log})
	if res.FailedSaves != 1 || !strings.Contains(log.String(), "no space left on device") || !strings.Contains(log.String(), "checkpoint-14") {
		t.Errorf("%d failed saves, log:\n%s", res.FailedSaves, log.String())
	}
	if _, err := (&folder{fs: checkpoint.OS, dir: dir}).verify(40); err != nil {
		t.Error(err)
	}
	checkpoints(t, dir)
	plain := newRegression()
	mustRun(t, c, plain, Options{})
	if plain.digest() != task.digest() {
		t.Error("a full disk changes the weights")
	}
}

// TestReadOnly: a disk that is read-only from the start is an error before the first step, with the reason.
func TestReadOnly(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_RDONLY, "size=1m"); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	defer func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	}()
	task := newRegression()
	_, err := Run(context.Background(), shortConfig(), task, Options{Dir: filepath.Join(disk, "run")})
	if !errors.Is(err, unix.EROFS) || task.steps > 0 {
		t.Errorf("got %v after %d steps, want %v", err, task.steps, unix.EROFS)
	}
}
