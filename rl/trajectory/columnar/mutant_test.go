package columnar_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/fmkit/fmkit/rl/trajectory/columnar"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mutate changes a file in one or two places, every other time in the footer, where lengths and offsets are.
func mutate(r *rand.Rand, file []byte) []byte {
	b := slices.Clone(file)
	footer := max(len(b)-8-int(binary.LittleEndian.Uint32(b[len(b)-8:])), 0)
	for range 1 + r.IntN(2) {
		at := r.IntN(len(b))
		if r.IntN(2) > 0 {
			at = footer + r.IntN(len(b)-footer)
		}
		switch r.IntN(6) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = byte(r.Uint32())
		case 2: // a huge number of thrift
			copy(b[at:], []byte{0xff, 0xff, 0xff, 0xff, 0x0f}[r.IntN(5):])
		case 3: // a list of any length
			copy(b[at:], []byte{0xfc, 0xff, 0xff, 0xff, 0x07})
		case 4: // a part of the file in the place of another
			n := min(1+r.IntN(40), len(b)-at)
			copy(b[at:at+n], b[r.IntN(len(b)-n+1):])
		case 5: // bytes too few or too many; the end stays
			n := min(r.IntN(8), len(b)-at)
			if r.IntN(2) == 0 {
				b = slices.Delete(b, at, at+n)
			} else {
				b = slices.Insert(b, at, make([]byte, n)...)
			}
			if len(b) < 12 {
				return b
			}
			footer = min(footer, len(b)-1)
		}
	}
	return b
}

// readAll reads everything that a file says it has, but the column that has a null.
func readAll(b []byte) error {
	f, err := columnar.Open(bytes.NewReader(b), int64(len(b)), columnar.Limits{})
	if err != nil {
		return err
	}
	for _, c := range f.Columns() {
		if c.Path[0] == "null" {
			continue
		}
		_, e := f.Read(c, 0, f.Rows(), 1<<20)
		err = errors.Join(err, e)
	}
	return err
}

// TestMutants reads 10,000 damaged files, a tenth of them without FMKIT_FULL: what is wrong is an error of ours, nothing panics, nothing stays behind, and no file takes more than
// 256 MiB, all that is allocated for it together.
func TestMutants(t *testing.T) {
	const most = 256 << 20
	mutants := 1000
	if os.Getenv("FMKIT_FULL") != "" {
		mutants = 10_000
	}
	var files [][]byte
	for _, name := range []string{"plain", "snappy", "zstd"} {
		b, err := os.ReadFile(filepath.Join("testdata", name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	r, refused, opened, largest := rand.New(rand.NewPCG(1, 2)), 0, 0, uint64(0)
	var before, after runtime.MemStats
	for i := range mutants {
		b := mutate(r, files[i%len(files)])
		runtime.ReadMemStats(&before)
		err := readAll(b)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > most {
			t.Fatalf("mutant %d: %d MiB", i, used>>20)
		} else if used > largest {
			largest = used
		}
		if err == nil {
			continue
		}
		refused++
		if _, e := columnar.Open(bytes.NewReader(b), int64(len(b)), columnar.Limits{}); e == nil {
			opened++
		}
		if !errors.Is(err, columnar.ErrFormat) && !errors.Is(err, columnar.ErrLimit) && !errors.Is(err, columnar.ErrUnsupported) {
			t.Fatalf("mutant %d: got %v, want an error of ours", i, err)
		}
	}
	t.Logf("%d of %d refused, %d of them after they were opened; at most %d MiB", refused, mutants, opened, largest>>20)
	if refused < mutants/4 || opened < mutants/10 {
		t.Errorf("%d of %d mutants were refused, %d of them after they were opened: want a fourth and a tenth", refused, mutants, opened)
	}
}

// A mine panics when it is read.
type mine struct{}

func (mine) ReadAt([]byte, int64) (int, error) { panic("it went off") }

// TestGuard holds that a panic below doesn't get out.
func TestGuard(t *testing.T) {
	if _, err := columnar.Open(mine{}, 100, columnar.Limits{}); !errors.Is(err, columnar.ErrFormat) {
		t.Errorf("got %v, want %v", err, columnar.ErrFormat)
	}
}

func FuzzRead(f *testing.F) {
	names, err := filepath.Glob("testdata/*.parquet")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		err := readAll(b)
		if err != nil && !errors.Is(err, columnar.ErrFormat) && !errors.Is(err, columnar.ErrLimit) && !errors.Is(err, columnar.ErrUnsupported) {
			t.Errorf("got %v, want an error of ours", err)
		}
	})
}
