package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision/picture"
)

// many makes n pictures, those of bad as text, and lists them.
func many(tb testing.TB, n int, bad ...int) []Item {
	tb.Helper()
	dir := tb.TempDir()
	for i := range n {
		put(tb, dir, fmt.Sprintf("c%d/%04d.png", i%3, i), pngOf(tb, 4, 3, uint64(i)))
	}
	items := open(tb, dir).Items
	for _, i := range bad {
		put(tb, dir, items[i].ID, "no picture")
	}
	return items
}

func firstPixel(_ int, m *image.NRGBA) ([4]byte, error) { return [4]byte(m.Pix[:4]), nil }

var workers = []int{1, 2, 5}

// TestLoadOrder holds that results come in the order of items whatever the number of workers and however long each takes.
func TestLoadOrder(t *testing.T) {
	defer goleak.VerifyNone(t)
	items := many(t, 40)
	for _, w := range workers {
		next := 0
		for r, err := range Load(t.Context(), items, LoadOptions{Workers: w}, func(i int, m *image.NRGBA) ([4]byte, error) {
			if i%7 == 0 {
				time.Sleep(2 * time.Millisecond)
			}
			return firstPixel(i, m)
		}) {
			if err != nil || r.Index != next {
				t.Fatalf("%d workers: got item %d, %v, want %d", w, r.Index, err, next)
			}
			m, err := items[next].Picture(picture.Limits{})
			if err != nil || r.Value != [4]byte(m.Pix[:4]) {
				t.Fatalf("%d workers: item %d: got pixel %v, %v, want %v", w, next, r.Value, err, m.Pix[:4])
			}
			next++
		}
		if next != len(items) {
			t.Errorf("%d workers: got %d pictures, want %d", w, next, len(items))
		}
	}
	for range Load(t.Context(), nil, LoadOptions{}, firstPixel) {
		t.Error("got something from nothing")
	}
}

// TestLoadErrors holds that the first error in order comes, after all that is before it, and that it ends the iteration.
func TestLoadErrors(t *testing.T) {
	defer goleak.VerifyNone(t)
	errFrom := errors.New("from")
	items := many(t, 40, 23, 30)
	for _, w := range workers {
		for _, tt := range []struct {
			name string
			at   int // where from fails
			want int
			err  error
		}{{"picture", 39, 23, picture.ErrFormat}, {"from", 11, 11, errFrom}, {"panic", 12, 12, nil}} {
			got := 0
			var last error
			for _, err := range Load(t.Context(), items, LoadOptions{Workers: w}, func(i int, _ *image.NRGBA) (int, error) {
				switch {
				case i == tt.at && tt.err == nil:
					panic("a bug")
				case i == tt.at:
					return 0, errFrom
				}
				return i, nil
			}) {
				if last != nil {
					t.Fatal("went on after an error")
				}
				if last = err; err == nil {
					got++
				}
			}
			if got != tt.want || last == nil || tt.err != nil && !errors.Is(last, tt.err) || !strings.Contains(last.Error(), items[tt.want].ID) {
				t.Errorf("%s, %d workers: %d pictures, then %v, want %d, then one that names %s", tt.name, w, got, last, tt.want, items[tt.want].ID)
			}
		}
	}
}

// TestLoadSkips holds that up to 1 % of bad pictures are skipped and counted, and more are an error.
func TestLoadSkips(t *testing.T) {
	defer goleak.VerifyNone(t)
	items := many(t, 200, 17, 150)
	for _, w := range workers {
		var skip Skipped
		next := 0
		for r, err := range Load(t.Context(), items, LoadOptions{Workers: w, Skip: &skip}, firstPixel) {
			if next == 17 || next == 150 {
				next++
			}
			if err != nil || r.Index != next {
				t.Fatalf("%d workers: got item %d, %v, want %d", w, r.Index, err, next)
			}
			next++
		}
		if next != 200 || skip.Count != 2 || !errors.Is(skip.First, picture.ErrFormat) || !strings.Contains(skip.First.Error(), items[17].ID) {
			t.Errorf("%d workers: %d pictures, skipped %+v", w, next, skip)
		}
	}
	put(t, strings.TrimSuffix(items[180].Path, items[180].ID), items[180].ID, "")
	for _, w := range workers {
		var last error
		n := 0
		for r, err := range Load(t.Context(), items, LoadOptions{Workers: w, Skip: new(Skipped)}, firstPixel) {
			if last = err; err == nil {
				n = r.Index
			}
		}
		if !errors.Is(last, data.ErrTooManyBad) || n != 179 || !strings.Contains(last.Error(), items[17].ID) {
			t.Errorf("%d workers: %v after item %d, want %v after 179", w, last, n, data.ErrTooManyBad)
		}
	}
}

// TestLoadStops holds that a caller may leave, and a context may end, with no goroutine left and little done in vain.
func TestLoadStops(t *testing.T) {
	defer goleak.VerifyNone(t)
	items := many(t, 200)
	for _, w := range workers {
		var made atomic.Int64
		count := func(i int, _ *image.NRGBA) (int, error) { made.Add(1); return i, nil }
		for r := range Load(t.Context(), items, LoadOptions{Workers: w}, count) {
			if r.Index == 3 {
				break
			}
		}
		if got, most := made.Load(), int64(4+2*w); got > most {
			t.Errorf("%d workers: made %d pictures for 4, want at most %d", w, got, most)
		}
		stopped := errors.New("stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		n := 0
		var last error
		for _, err := range Load(ctx, items, LoadOptions{Workers: w}, count) {
			if n++; n == 5 {
				cancel(stopped)
			}
			last = err
		}
		if !errors.Is(last, stopped) || n != 6 {
			t.Errorf("%d workers: ended with %v after %d, want %v after 5", w, last, n-1, stopped)
		}
	}
}

// TestLoadWaits holds that from runs no more once the iteration has ended, as what it uses may be gone.
func TestLoadWaits(t *testing.T) {
	items := many(t, 30)
	var running atomic.Int64
	for r := range Load(t.Context(), items, LoadOptions{Workers: 3}, func(i int, _ *image.NRGBA) (int, error) {
		running.Add(1)
		defer running.Add(-1)
		if i > 0 {
			time.Sleep(20 * time.Millisecond)
		}
		return i, nil
	}) {
		if r.Index == 1 {
			break
		}
	}
	if n := running.Load(); n != 0 {
		t.Errorf("%d calls are still running", n)
	}
}

// TestLoadMemory holds that pictures don't pile up behind a slow one.
func TestLoadMemory(t *testing.T) {
	items := many(t, 120)
	var made atomic.Int64
	for r, err := range Load(t.Context(), items, LoadOptions{Workers: 2}, func(i int, _ *image.NRGBA) (int, error) {
		made.Add(1)
		if i == 10 {
			for range 100 {
				runtime.Gosched()
				time.Sleep(100 * time.Microsecond)
			}
		}
		return i, nil
	}) {
		if err != nil {
			t.Fatal(err)
		}
		if ahead := int(made.Load()) - r.Index; ahead > 5 {
			t.Fatalf("at item %d, %d pictures are made ahead, want at most 5", r.Index, ahead)
		}
	}
}
