package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision/picture"
)

// planes turns a picture of 4 x 3 pixels into bytes [3, 3, 4].
func planes(dst []byte, m *image.NRGBA) error {
	n := m.Rect.Dx() * m.Rect.Dy()
	if len(dst) != 3*n {
		return errors.New("picture of another size")
	}
	for p := range n {
		dst[p], dst[n+p], dst[2*n+p] = m.Pix[4*p], m.Pix[4*p+1], m.Pix[4*p+2]
	}
	return nil
}

// counted is a recorder that counts.
func counted(n *atomic.Int64) Recorder {
	return Recorder{Shape: CacheShape{3, 3, 4}, Version: "planes", Record: func(dst []byte, m *image.NRGBA) error {
		n.Add(1)
		return planes(dst, m)
	}}
}

// openCacheOf opens a cache and holds how many pictures that decoded.
func openCacheOf(t *testing.T, path string, items []Item, rec Recorder, o LoadOptions, n *atomic.Int64, want int) *Cache {
	t.Helper()
	n.Store(0)
	c, err := OpenCache(t.Context(), path, items, rec, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if got := int(n.Load()); got != want {
		t.Errorf("decoded %d pictures, want %d", got, want)
	}
	return c
}

// holds compares every record with its picture.
func holds(t *testing.T, c *Cache, items []Item) {
	t.Helper()
	classes := Classes(items)
	got, want := make([]byte, c.Shape().Size()), make([]byte, c.Shape().Size())
	for i := range c.Len() {
		it := &items[c.Item(i)]
		m, err := it.Picture(picture.Limits{})
		if err == nil {
			err = errors.Join(planes(want, m), c.Read(got, i))
		}
		if err != nil {
			t.Error(err)
			return
		}
		if !bytes.Equal(got, want) || classes[c.Label(i)] != it.Label {
			t.Errorf("record %d, class %s: got % x, want %s % x", i, classes[c.Label(i)], got[:6], it.Label, want[:6])
			return
		}
	}
}

// TestCache holds that records are what decoding gives, for any number of workers, that they are made once, and that readers may share a cache.
func TestCache(t *testing.T) {
	defer goleak.VerifyNone(t)
	items := many(t, 50)
	var files [][]byte
	for _, w := range workers {
		var n atomic.Int64
		path := filepath.Join(t.TempDir(), "pixels.cache")
		for _, want := range []int{50, 0} {
			c := openCacheOf(t, path, items, counted(&n), LoadOptions{Workers: w}, &n, want)
			if c.Len() != 50 || c.Source() == "" {
				t.Errorf("got %d records of %q", c.Len(), c.Source())
			}
			var wait sync.WaitGroup
			for range 4 {
				wait.Go(func() { holds(t, c, items) })
			}
			wait.Wait()
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, raw)
	}
	if !bytes.Equal(files[0], files[1]) || !bytes.Equal(files[0], files[2]) {
		t.Error("caches differ with the number of workers")
	}
}

// TestCacheFollowsSource holds that whatever changes what the records would be makes another cache.
func TestCacheFollowsSource(t *testing.T) {
	items := many(t, 10)
	path := filepath.Join(t.TempDir(), "pixels.cache")
	var n atomic.Int64
	rec := counted(&n)
	openCacheOf(t, path, items, rec, LoadOptions{}, &n, 10)

	put(t, strings.TrimSuffix(items[4].Path, items[4].ID), items[4].ID, pngOf(t, 4, 3, 999))
	holds(t, openCacheOf(t, path, items, rec, LoadOptions{}, &n, 10), items)

	items[3].Label = "c9"
	holds(t, openCacheOf(t, path, items, rec, LoadOptions{}, &n, 10), items)

	holds(t, openCacheOf(t, path, items[:9], rec, LoadOptions{}, &n, 9), items[:9])

	rec.Version = "other"
	openCacheOf(t, path, items, rec, LoadOptions{}, &n, 10)
	openCacheOf(t, path, items, rec, LoadOptions{}, &n, 0)
	rec.Shape, rec.Record = CacheShape{1, 2, 2}, func([]byte, *image.NRGBA) error { n.Add(1); return nil }
	openCacheOf(t, path, items, rec, LoadOptions{}, &n, 10)
}

// TestCacheSkips holds that skipped pictures leave no record, and that the count stays known.
func TestCacheSkips(t *testing.T) {
	items := many(t, 120, 60)
	path := filepath.Join(t.TempDir(), "pixels.cache")
	var n atomic.Int64
	for _, want := range []int{119, 0} {
		var skip Skipped
		c := openCacheOf(t, path, items, counted(&n), LoadOptions{Skip: &skip}, &n, want)
		if c.Len() != 119 || skip.Count != 1 || c.Item(60) != 61 {
			t.Errorf("got %d records, skipped %d, record 60 is of item %d", c.Len(), skip.Count, c.Item(60))
		}
		holds(t, c, items)
	}
	if _, err := OpenCache(t.Context(), path, items, counted(&n), LoadOptions{}); !errors.Is(err, picture.ErrFormat) {
		t.Errorf("without Skip: got %v, want %v", err, picture.ErrFormat)
	}
}

// TestCacheDamage holds that no flipped byte goes unseen and that a cut file is built again.
func TestCacheDamage(t *testing.T) {
	items := many(t, 6)
	path := filepath.Join(t.TempDir(), "pixels.cache")
	var n atomic.Int64
	openCacheOf(t, path, items, counted(&n), LoadOptions{}, &n, 6)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]byte, 36)
	for at := range good {
		raw := bytes.Clone(good)
		raw[at] ^= 1
		c, err := parseCache(bytes.NewReader(raw), int64(len(raw)), "x")
		for i := 0; err == nil && i < c.Len(); i++ {
			err = c.Read(dst, i)
		}
		if !errors.Is(err, ErrCache) {
			t.Fatalf("byte %d flipped: got %v, want %v", at, err, ErrCache)
		}
	}
	for _, size := range []int{0, 10, 100, len(good) - 1} {
		if err := os.WriteFile(path, good[:size], 0o644); err != nil {
			t.Fatal(err)
		}
		holds(t, openCacheOf(t, path, items, counted(&n), LoadOptions{}, &n, 6), items)
	}
	c := openCacheOf(t, path, items, counted(&n), LoadOptions{}, &n, 0)
	for _, i := range []int{-1, 6} {
		if c.Read(dst, i) == nil {
			t.Errorf("read record %d of 6", i)
		}
	}
	if c.Read(dst[:35], 0) == nil {
		t.Error("read into too little")
	}
}

// A killedFS ends at a byte or a later step, as a process does that is killed: from there on nothing happens, not even tidying up.
type killedFS struct {
	checkpoint.FS
	left int // bytes and steps until then
}

var errKilled = errors.New("killed")

func (f *killedFS) step(n int) error {
	if f.left -= n; f.left < 0 {
		return errKilled
	}
	return nil
}

func (f *killedFS) Create(path string) (checkpoint.SyncWriter, error) {
	w, err := f.FS.Create(path)
	return killedFile{w, f}, err
}

func (f *killedFS) Rename(old, new string) error {
	if err := f.step(1); err != nil {
		return err
	}
	return f.FS.Rename(old, new)
}

func (f *killedFS) Remove(path string) error {
	if err := f.step(0); err != nil {
		return err
	}
	return f.FS.Remove(path)
}

type killedFile struct {
	checkpoint.SyncWriter
	fs *killedFS
}

func (w killedFile) Write(b []byte) (int, error) {
	n := min(len(b), max(w.fs.left, 0))
	if _, err := w.SyncWriter.Write(b[:n]); err != nil {
		return 0, err
	}
	return n, w.fs.step(len(b))
}

func (w killedFile) Sync() error {
	if err := w.fs.step(1); err != nil {
		return err
	}
	return w.SyncWriter.Sync()
}

// TestCacheKilled kills building after every number of bytes and holds that the old cache or none is there, and that the next one builds.
func TestCacheKilled(t *testing.T) {
	defer goleak.VerifyNone(t)
	items := many(t, 6)
	rec := Recorder{Shape: CacheShape{3, 3, 4}, Record: planes}
	key := sha256.Sum256([]byte("key"))
	size := cacheStart + 6*(36+cacheEntry) + cacheEnd
	for _, old := range []string{"", "an old cache"} {
		for left := 0; left < size+2; left += 9 {
			path := filepath.Join(t.TempDir(), "pixels.cache")
			if old != "" {
				put(t, filepath.Dir(path), "pixels.cache", old)
			}
			err := buildCache(t.Context(), &killedFS{checkpoint.OS, left}, path, key, items, rec, LoadOptions{Workers: 2})
			if !errors.Is(err, errKilled) {
				t.Fatalf("killed after %d bytes: got %v", left, err)
			}
			if raw, err := os.ReadFile(path); string(raw) != old || old == "" && !errors.Is(err, os.ErrNotExist) {
				t.Fatalf("killed after %d bytes: left %q, %v", left, raw, err)
			}
			if err := buildCache(t.Context(), checkpoint.OS, path, key, items, rec, LoadOptions{}); err != nil {
				t.Fatal(err)
			}
			c, err := openCache(path, key)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, c, items)
			c.Close()
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*.building")); len(left) > 0 {
				t.Fatalf("left %v", left)
			}
		}
	}
}

// TestCacheErrors holds that an error while building leaves the old cache and nothing else.
func TestCacheErrors(t *testing.T) {
	defer goleak.VerifyNone(t)
	items := many(t, 6)
	path := put(t, t.TempDir(), "pixels.cache", "an old cache")
	errRecord := errors.New("record")
	rec := Recorder{Shape: CacheShape{3, 3, 4}, Record: func(_ []byte, _ *image.NRGBA) error { return errRecord }}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	lock, err := checkpoint.LockFile(filepath.Join(filepath.Dir(path), ".pixels.cache.lock"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCache(t.Context(), path, items, rec, LoadOptions{}); !errors.Is(err, checkpoint.ErrLocked) {
		t.Errorf("got %v, want %v", err, checkpoint.ErrLocked)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		ctx   context.Context
		items []Item
		shape CacheShape
		want  error
	}{
		{t.Context(), items, rec.Shape, errRecord},
		{stopped, items, rec.Shape, context.Canceled},
		{t.Context(), nil, rec.Shape, data.ErrEmpty},
		{t.Context(), items, CacheShape{3, 0, 4}, nil},
		{t.Context(), items, CacheShape{3, 1 << 20, 4}, nil},
	} {
		rec.Shape = tt.shape
		if _, err := OpenCache(tt.ctx, path, tt.items, rec, LoadOptions{}); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("got %v, want %v", err, tt.want)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if raw, _ := os.ReadFile(path); err != nil || string(raw) != "an old cache" || len(entries) != 2 {
		t.Errorf("left %v, %v with %q", entries, err, raw)
	}
}

// TestCacheGarbage holds that reading makes none.
func TestCacheGarbage(t *testing.T) {
	items := many(t, 6)
	var n atomic.Int64
	c := openCacheOf(t, filepath.Join(t.TempDir(), "pixels.cache"), items, counted(&n), LoadOptions{}, &n, 6)
	dst := make([]byte, 36)
	if got := testing.AllocsPerRun(100, func() {
		if err := c.Read(dst, 3); err != nil {
			t.Fatal(err)
		}
	}); got != 0 {
		t.Errorf("got %g allocations, want none", got)
	}
}

// FuzzCache holds that no file makes the reader fail in another way than by an error.
func FuzzCache(f *testing.F) {
	items := many(f, 2)
	var b bytes.Buffer
	if err := writeCache(f.Context(), &b, [32]byte{}, items, Recorder{Shape: CacheShape{3, 3, 4}, Record: planes}, LoadOptions{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:90])
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := parseCache(bytes.NewReader(raw), int64(len(raw)), "x")
		if err != nil {
			if !errors.Is(err, ErrCache) {
				t.Fatalf("%v is of no sentinel", err)
			}
			return
		}
		dst := make([]byte, c.Shape().Size())
		for i := range c.Len() {
			if err := c.Read(dst, i); err != nil && !errors.Is(err, ErrCache) {
				t.Fatal(err)
			}
		}
	})
}
