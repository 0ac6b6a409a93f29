package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// indexTokens are pieces that a mutator puts into index files.
var indexTokens = append([]string{
	`"metadata":{`, `"weight_map":{`, `"a":"model-00001-of-00003.safetensors",`, `"../x.safetensors"`, `model-00002-of-00003.safetensors`, `[[[`,
	`"\u0061":`, `-0.5e+1`, `.safetensors"`, `"`, `,"weight_map":{}`,
}, tokens...)

// seedFolders are good folders of one to three shards with random tensors.
func seedFolders(t testing.TB) []map[string][]byte {
	r := rand.New(rand.NewPCG(7, 8))
	var seeds []map[string][]byte
	for len(seeds) < 100 {
		tensors, meta := randomModel(r)
		shards := make([][]Tensor, 1+r.IntN(3))
		shardOf := map[string]string{}
		for _, t := range tensors {
			i := r.IntN(len(shards))
			shards[i] = append(shards[i], t)
			shardOf[t.Name] = fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, len(shards))
		}
		if len(tensors) == 0 {
			continue
		}
		files := map[string][]byte{}
		for i, tensors := range shards {
			var b bytes.Buffer
			if err := Write(&b, tensors, meta); err != nil {
				t.Fatal(err)
			}
			files[fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, len(shards))] = b.Bytes()
		}
		raw, err := json.Marshal(map[string]any{"metadata": map[string]any{"total_size": 1, "format": "pt"}, "weight_map": shardOf})
		if err != nil {
			t.Fatal(err)
		}
		files[indexFile] = raw
		seeds = append(seeds, files)
	}
	return seeds
}

// sameIndex holds that encoding/json reads the same map from an index that was accepted.
func sameIndex(t testing.TB, raw []byte, x *index) {
	t.Helper()
	var peer struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(raw, &peer); err != nil {
		t.Fatalf("%q: accepted, but encoding/json says %v", raw, err)
	}
	got := map[string]string{}
	tensors := make([]int, len(x.shards))
	for name, i := range x.shardOf {
		got[name] = x.shards[i]
		tensors[i]++
	}
	if !maps.Equal(got, peer.WeightMap) || !slices.Equal(tensors, x.tensors) {
		t.Fatalf("%q: got %q, encoding/json %q", raw, got, peer.WeightMap)
	}
}

// typed holds that err is an *Error of exactly one sentinel.
func typed(t testing.TB, file []byte, err error) {
	t.Helper()
	n := 0
	for _, s := range sentinels {
		if errors.Is(err, s) {
			n++
		}
	}
	if e := (*Error)(nil); !errors.As(err, &e) || n != 1 {
		t.Fatalf("%q: %v is not an *Error of one sentinel but of %d", file, err, n)
	}
}

// TestWeightsMutants opens folders in which the index or one shard is damaged: no panic, no read outside a file, no file left open, an error
// of a sentinel, at most 64 KiB, twice the shards and 16 times the index allocated, 50 ms at most. An index that is accepted says what
// encoding/json reads in it.
func TestWeightsMutants(t *testing.T) {
	n := mutants(t)
	seeds := seedFolders(t)
	r := rand.New(rand.NewPCG(9, 10))
	accepted := 0
	var before, after runtime.MemStats
	for i := range n {
		files := maps.Clone(seeds[r.IntN(len(seeds))])
		name := indexFile
		if i%2 == 0 {
			names := slices.Sorted(maps.Keys(files))
			if name = names[r.IntN(len(names))]; name != indexFile {
				files[name] = mutate(r, files[name])
			}
		}
		if name == indexFile {
			files[name] = damage(r, files[name], indexTokens)
		}
		m := newMemFS(files)
		if i%8 == 0 { // reading the counter stops the world
			bound := uint64(64 << 10)
			for name, data := range files {
				if bound += 2 * uint64(len(data)); name == indexFile {
					bound += 14 * uint64(len(data))
				}
			}
			runtime.ReadMemStats(&before)
			w, err := OpenWeights(m)
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > bound {
				t.Fatalf("%q: allocated %d bytes, want at most %d", files, got, bound)
			}
			if err == nil {
				w.Close()
			}
		}
		begin := time.Now()
		err := openAll(t, m)
		if d := time.Since(begin); d > 50*time.Millisecond {
			// A busy machine can stall one call: it must be quick when tried again.
			begin = time.Now()
			_ = openAll(t, m)
			if again := time.Since(begin); again > 50*time.Millisecond {
				t.Fatalf("%q: took %v, then %v", files, d, again)
			}
		}
		if m.outside {
			t.Fatalf("%q: read outside a file", files)
		}
		if err != nil {
			typed(t, files[name], err)
			continue
		}
		accepted++
		x, err := parseIndex(files[indexFile])
		if err != nil {
			t.Fatal(err)
		}
		sameIndex(t, files[indexFile], x)
	}
	t.Logf("%d mutants, %d accepted", n, accepted)
	if accepted < n/100 || accepted > n/2 {
		t.Errorf("%d of %d mutants were accepted: the mutator is too harsh or too mild to test much", accepted, n)
	}
}

// TestIndexAllocation holds the memory bound at the largest index, where the tables count most.
func TestIndexAllocation(t *testing.T) {
	for about, raw := range map[string]string{
		"many tensors": many(maxTensors, func(i int) string { return `"` + strconv.FormatInt(int64(i), 36) + `":"m.safetensors"` }),
		"many shards":  many(maxShards, func(i int) string { return `"` + strconv.Itoa(i) + `":"` + strconv.Itoa(i) + `.safetensors"` }),
		"long names":   many(20000, func(i int) string { return `"` + strconv.Itoa(i) + strings.Repeat("n", 500) + `":"m.safetensors"` }),
	} {
		raw := []byte(`{"weight_map":` + raw + `}`)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := parseIndex(raw)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Errorf("%s: %v", about, err)
		}
		got, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<10+16*len(raw))
		t.Logf("%s: allocated %d bytes for %d", about, got, len(raw))
		if got > most {
			t.Errorf("%s: allocated %d bytes, want at most %d", about, got, most)
		}
	}
}

func FuzzIndex(f *testing.F) {
	for _, files := range seedFolders(f) {
		f.Add(files[indexFile])
	}
	f.Add([]byte(`{"metadata": {"x": [true, false, null, -1.5e+10, {}]}, "weight_map": {"\ud83d\ude00": "m.safetensors"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		x, err := parseIndex(raw)
		if err != nil {
			typed(t, raw, err)
			return
		}
		sameIndex(t, raw, x)
		for _, name := range x.shards {
			if strings.ContainsAny(name, `/\`) || strings.Contains(name, "..") || !strings.HasSuffix(name, extension) {
				t.Fatalf("%q: shard %q", raw, name)
			}
		}
	})
}
