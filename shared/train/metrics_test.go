package train

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// syncedFile knows how much of a file is durable.
type syncedFile struct {
	file
	size, durable int64
	syncs         int
	err           error // of every sync
}

func (f *syncedFile) Write(b []byte) (int, error) {
	n, err := f.file.Write(b)
	f.size += int64(n)
	return n, err
}

func (f *syncedFile) Sync() error {
	f.syncs++
	if f.err != nil {
		return f.err
	}
	f.durable = f.size
	return nil
}

// publishFS tells when a checkpoint takes its name.
type publishFS struct {
	quickFS
	published func(path string)
}

func (f publishFS) Rename(old, new string) error {
	if strings.HasPrefix(filepath.Base(new), checkpointPrefix) {
		f.published(new)
	}
	return f.quickFS.Rename(old, new)
}

// TestMetricsDurable: before a checkpoint is there, all lines up to it are durable, by one sync a checkpoint and none a step.
func TestMetricsDurable(t *testing.T) {
	c := shortConfig()
	m := &syncedFile{}
	published := 0
	disk := publishFS{quickFS{checkpoint.OS}, func(path string) {
		published++
		if m.durable != m.size || m.size == 0 {
			t.Errorf("%s: %d of %d bytes of metrics are durable", filepath.Base(path), m.durable, m.size)
		}
	}}
	r, err := start(c, newRegression(), Options{Dir: t.TempDir(), FS: disk})
	if err != nil {
		t.Fatal(err)
	}
	m.file, r.metrics.f = r.metrics.f, m
	if _, err := r.finish(r.loop(context.Background())); err != nil {
		t.Fatal(err)
	}
	if published < 5 || m.syncs != published {
		t.Errorf("%d syncs for %d checkpoints of %d steps", m.syncs, published, c.Steps)
	}
	if m.durable != m.size {
		t.Errorf("at the end %d of %d bytes are durable", m.durable, m.size)
	}
}

// TestMetricsNotSynced: a sync that fails is reported and not tried again; the checkpoints are written.
func TestMetricsNotSynced(t *testing.T) {
	c := shortConfig()
	dir := t.TempDir()
	var log bytes.Buffer
	r, err := start(c, newRegression(), Options{Dir: dir, FS: quick(), Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	m := &syncedFile{file: r.metrics.f, err: errDisk}
	r.metrics.f = m
	if _, err := r.finish(r.loop(context.Background())); err != nil {
		t.Fatal(err)
	}
	if m.syncs != 1 || strings.Count(log.String(), "metrics: sync: no space left") != 1 {
		t.Errorf("%d syncs, log\n%s", m.syncs, log.String())
	}
	if got := checkpoints(t, dir); len(got) == 0 || got[0] != c.Steps {
		t.Errorf("got checkpoints %v", got)
	}
}
