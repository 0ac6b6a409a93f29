package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	peer "github.com/nlpodyssey/safetensors"
)

// tokens are pieces that a mutator puts into headers.
var tokens = []string{
	`{`, `}`, `[`, `]`, `:`, `,`, `"`, `\`, `\u0000`, `\ud800`, `null`, `true`, `0`, `-1`, `1e3`, `2.0`, `00`, `18446744073709551615`,
	`9223372036854775807`, `"dtype":"F32"`, `"shape":[`, `"data_offsets":[0,0]`, `"__metadata__":{`, `"F16"`, `"F4"`, ` `, "\n", "\xff", "\x00",
	`"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},`,
}

// seedFiles are the catalogue's small files and a few good ones.
func seedFiles(t testing.TB) [][]byte {
	r := rand.New(rand.NewPCG(3, 4))
	var seeds [][]byte
	for _, c := range catalogue {
		if len(c.file) < 4096 {
			seeds = append(seeds, c.file)
		}
	}
	for range 200 {
		tensors, meta := randomModel(r)
		var b bytes.Buffer
		if err := Write(&b, tensors, meta); err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, b.Bytes())
	}
	return seeds
}

// damage changes a copy of a file in one to four places.
func damage(r *rand.Rand, file []byte, tokens []string) []byte {
	b := bytes.Clone(file)
	for range 1 + r.IntN(4) {
		if len(b) == 0 {
			return b
		}
		at := r.IntN(len(b))
		switch r.IntN(6) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = byte(r.Uint32())
		case 2:
			b = b[:at]
		case 3: // delete
			b = append(b[:at], b[min(len(b), at+1+r.IntN(8)):]...)
		case 4: // repeat
			end := min(len(b), at+r.IntN(64))
			b = append(b[:end:end], b[at:]...)
		case 5:
			b = append(b[:at:at], append([]byte(tokens[r.IntN(len(tokens))]), b[at:]...)...)
		}
	}
	return b
}

// mutate damages a safetensors file. Two times in three the header length is then made right, so that
// the mutant gets past the first check.
func mutate(r *rand.Rand, file []byte) []byte {
	b := damage(r, file, tokens)
	if n := len(b) - 8; n >= 0 && len(file) >= 8 && r.IntN(3) > 0 {
		old := binary.LittleEndian.Uint64(file)
		if r.IntN(2) == 0 || old > uint64(n) {
			old = uint64(n)
		}
		binary.LittleEndian.PutUint64(b, old)
	}
	return b
}

// sealed is a reader that fails the test when anything outside the file is asked for.
type sealed struct {
	t testing.TB
	b []byte
}

func (s *sealed) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 || off+int64(len(b)) > int64(len(s.b)) {
		s.t.Fatalf("read of %d bytes at %d of %d", len(b), off, len(s.b))
	}
	return copy(b, s.b[off:]), nil
}

// parseAll parses file and reads all of it. Errors are *Errors.
func parseAll(t testing.TB, file []byte) (*File, error) {
	f, err := Parse(&sealed{t, file}, int64(len(file)))
	if err == nil {
		for _, name := range f.Names() {
			var info Info
			if info, err = f.Info(name); err != nil {
				t.Fatalf("%q: %v", file, err)
			}
			if !info.DType.readable() {
				continue
			}
			if err = f.Read(name, make([]float32, info.Count)); err != nil && !errors.Is(err, ErrNonFinite) {
				t.Fatalf("%q: %v", file, err)
			}
		}
		f.Metadata()
		return f, nil
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%q: %v is not an *Error", file, err)
	}
	return nil, err
}

// mutants returns how many damaged files a test makes: FMKIT_MUTANTS, or a number that keeps go test short.
func mutants(t testing.TB) int {
	n := 100_000
	if testing.Short() {
		n = 20_000
	}
	if s := os.Getenv("FMKIT_MUTANTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("FMKIT_MUTANTS: %v", err)
		}
	}
	return n
}

// TestMutants opens damaged files: no panic, no read outside the file, at most 64 KiB and
// twice the header allocated, 50 ms at most. What is accepted, the independent reader accepts too, with the same content.
func TestMutants(t *testing.T) {
	n := mutants(t)
	seeds := seedFiles(t)
	r := rand.New(rand.NewPCG(5, 6))
	accepted := 0
	var before, after runtime.MemStats
	for i := range n {
		file := mutate(r, seeds[r.IntN(len(seeds))])
		if i%8 == 0 { // reading the counter stops the world
			runtime.ReadMemStats(&before)
			_, _ = Parse(&sealed{t, file}, int64(len(file)))
			runtime.ReadMemStats(&after)
			if got, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<10+2*len(file)); got > most {
				t.Fatalf("%q: allocated %d bytes, want at most %d", file, got, most)
			}
		}
		begin := time.Now()
		f, err := parseAll(t, file)
		if d := time.Since(begin); d > 50*time.Millisecond {
			// A busy machine can stall one call: it must be quick when tried again.
			begin = time.Now()
			_, _ = parseAll(t, file)
			if again := time.Since(begin); again > 50*time.Millisecond {
				t.Fatalf("%q: took %v, then %v", file, d, again)
			}
		}
		if err != nil {
			continue
		}
		accepted++
		if !peerKnows(f) {
			continue
		}
		samePeer(t, f, file)
	}
	t.Logf("%d mutants, %d accepted", n, accepted)
	if accepted < n/100 || accepted > n/2 {
		t.Errorf("%d of %d mutants were accepted: the mutator is too harsh or too mild to test much", accepted, n)
	}
}

// peerKnows reports whether the independent reader knows the types of f: it has none of under 8 bits, and no F8 or C64.
func peerKnows(f *File) bool {
	for _, e := range f.head.entries {
		switch e.dtype {
		case F8E4M3, F8E5M2, F8E8M0, F6E2M3, F6E3M2, F4, C64:
			return false
		}
	}
	return true
}

// TestHeaderAllocation holds the memory bound at the largest headers, where tables count most.
func TestHeaderAllocation(t *testing.T) {
	for about, header := range map[string]string{
		"short entries": many(65536, func(i int) string {
			return `"` + string(rune(0x4e00+i%20000)) + string(rune('a'+i/20000)) + `":{"dtype":"U8","shape":[],"data_offsets":[` + strconv.Itoa(i) + `,` + strconv.Itoa(i+1) + `]}`
		}),
		"8 dimensions": many(65536, func(i int) string {
			return `"` + strconv.Itoa(i) + `":{"dtype":"U8","shape":[0,1,1,1,1,1,1,1],"data_offsets":[0,0]}`
		}),
		"metadata": `{"__metadata__":` + many(4096, func(i int) string { return `"` + strconv.Itoa(i) + `":""` }) + `}`,
		"escaped names": many(60000, func(i int) string {
			return `"\u0061` + strconv.Itoa(i) + `":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`
		}),
		"one long value": `{"__metadata__":{"k":"` + string(bytes.Repeat([]byte("v"), 1<<20)) + `"}}`,
	} {
		data := 0
		if about == "short entries" {
			data = 65536
		}
		file := rawFile(header, data)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse(&sealed{t, file}, int64(len(file)))
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Errorf("%s: %v", about, err)
		}
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<10+2*len(header)); got > most {
			t.Errorf("%s: allocated %d bytes, want at most %d", about, got, most)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range seedFiles(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		parsed, err := parseAll(t, file)
		if err != nil || !peerKnows(parsed) {
			return
		}
		if _, err := peer.Deserialize(file); err != nil {
			t.Fatalf("accepted, but the peer says %v", err)
		}
	})
}
