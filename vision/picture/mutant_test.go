package picture_test

import (
	"bytes"
	"errors"
	"image"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/fmkit/fmkit/vision/picture"
)

// seedFiles gives small sound files of every kind.
func seedFiles(t testing.TB) [][]byte {
	photo := encodeJPEG(t, smooth(24, 17))
	files := [][]byte{
		encodePNG(t, noise(1, 13, 9, 3)),
		encodePNG(t, noise(2, 13, 9, 4)),
		encodePNG(t, smooth(40, 30)),
		pngFile(ihdr(3, 2, 8, 3, 0), chunk{"PLTE", []byte{1, 2, 3, 4, 5, 6}}, chunk{"tRNS", []byte{9}}, idat([]byte{0, 0, 1, 0, 0, 1, 1, 1}), iend),
		pngFile(ihdr(2, 2, 8, 2, 1), idat([]byte{0, 1, 1, 1, 0, 2, 2, 2, 0, 3, 3, 3, 4, 4, 4}), iend),
		pngFile(ihdr(1, 2, 16, 4, 0), idat([]byte{0, 1, 2, 3, 4, 2, 1, 2, 3, 4}), iend),
		photo, withExif(photo, exif(order(0), 6, 0x10f)), withExif(photo, exif(order(1), 3)), encodeJPEG(t, smoothGray()), scans(32, 24, 3),
		encodeGIF(t, 1), encodeGIF(t, 3),
	}
	return files
}

// mutate damages a file: bytes changed, cut, doubled, numbers made large, and, for a PNG, the checks that follow made right again half of the time.
func mutate(r *rand.Rand, raw []byte) []byte {
	out := slices.Clone(raw)
	for range 1 + r.IntN(4) {
		if len(out) < 12 {
			break
		}
		i := r.IntN(len(out))
		if r.IntN(3) == 0 {
			i = r.IntN(min(len(out), 64)) // the header
		}
		switch r.IntN(7) {
		case 0, 1:
			out[i] ^= 1 << r.IntN(8)
		case 2:
			out[i] = byte(r.IntN(256))
		case 3:
			out[i] = []byte{0, 0xff, 0x7f, 0x80}[r.IntN(4)]
		case 4:
			out = append(out[:i], out[min(i+1+r.IntN(8), len(out)):]...)
		case 5:
			out = slices.Insert(out, i, out[i:min(i+1+r.IntN(16), len(out))]...)
		case 6:
			out = out[:i]
		}
	}
	if r.IntN(2) == 0 && bytes.HasPrefix(out, []byte("\x89PNG")) {
		repair(out)
	}
	return out
}

// TestMutants decodes damaged files and makes tensors of them, as many as FMKIT_MUTANTS says: no panic, an error of a sentinel, the heap below 256
// MiB, 2 s at most. TestMain sees that no goroutine is left.
func TestMutants(t *testing.T) {
	n := 3000
	if s := os.Getenv("FMKIT_MUTANTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("FMKIT_MUTANTS: %v", err)
		}
	}
	seeds := seedFiles(t)
	for i, raw := range seeds {
		if _, err := picture.Decode(raw, picture.Limits{}); err != nil {
			t.Fatalf("seed %d: %v", i, err)
		}
	}
	r := rand.New(rand.NewPCG(7, 8))
	p := picture.NewProcessor(32, 32, 3)
	dst := make([]float32, 3*32*32)
	if err := p.Process(dst, image.NewNRGBA(image.Rect(0, 0, 640, 640))); err != nil { // the workers are there before goroutines are counted
		t.Fatal(err)
	}
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read, goroutines := 0, runtime.NumGoroutine()
	var most uint64
	var slowest time.Duration
	for i := range n {
		raw := mutate(r, seeds[r.IntN(len(seeds))])
		start := time.Now()
		m, err := picture.Decode(raw, picture.Limits{})
		switch {
		case err == nil:
			read++
			if err := p.Process(dst, m); err != nil {
				t.Fatalf("mutant %d: %v", i, err)
			}
		case !errors.Is(err, picture.ErrDecode) && !errors.Is(err, picture.ErrFormat) && !errors.Is(err, picture.ErrLimit):
			t.Fatalf("mutant %d: got %v, want an error of this package", i, err)
		}
		slowest = max(slowest, time.Since(start))
		metrics.Read(heap)
		most = max(most, heap[0].Value.Uint64())
	}
	t.Logf("%d of %d mutants read, heap at most %d MiB, slowest %v", read, n, most>>20, slowest)
	if read == 0 || read == n {
		t.Errorf("got %d of %d mutants read, want some", read, n)
	}
	if most > 256<<20 {
		t.Errorf("the heap grew to %d bytes, want at most 256 MiB", most)
	}
	if slowest > 2*time.Second && !raceEnabled {
		t.Errorf("a mutant took %v, want at most 2 s", slowest)
	}
	now := runtime.NumGoroutine()
	for wait := time.Now().Add(time.Second); now > goroutines && time.Now().Before(wait); now = runtime.NumGoroutine() {
		time.Sleep(time.Millisecond) // one may be about to end
	}
	if now > goroutines {
		t.Errorf("got %d goroutines, want %d", now, goroutines)
	}
}

// FuzzImage holds the same for files that a fuzzer makes, WebP among them.
func FuzzImage(f *testing.F) {
	for _, raw := range seedFiles(f) {
		f.Add(raw)
	}
	f.Add(bomb()[:64])
	f.Add([]byte("RIFF\x24\x00\x00\x00WEBPVP8L\x18\x00\x00\x00\x2f\x01\x40\x00\x00"))
	p := picture.NewProcessor(8, 8, 3)
	dst := make([]float32, 3*8*8)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := picture.Decode(raw, picture.Limits{Pixels: 1 << 20, WebP: true})
		if err != nil {
			if !errors.Is(err, picture.ErrDecode) && !errors.Is(err, picture.ErrFormat) && !errors.Is(err, picture.ErrLimit) {
				t.Fatalf("got %v, want an error of this package", err)
			}
			return
		}
		if s := m.Rect; s.Min.X != 0 || s.Min.Y != 0 || s.Empty() || s.Dx()*s.Dy() > 1<<20 {
			t.Fatalf("got bounds %v", s)
		}
		if err := p.Process(dst, m); err != nil {
			t.Fatal(err)
		}
		picture.FlipV(picture.Resize(m, 5, 7, picture.Lanczos))
	})
}
