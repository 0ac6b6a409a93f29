package tokenizer_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// checkTyped holds that an error about the content of files is one that a caller can tell.
func checkTyped(t *testing.T, err error) {
	t.Helper()
	for _, want := range []error{
		tokenizer.ErrSyntax, tokenizer.ErrField, tokenizer.ErrDepth, tokenizer.ErrLimit, tokenizer.ErrUnsupported, tokenizer.ErrVocab, tokenizer.ErrMerges,
		tokenizer.ErrSpecialToken, tokenizer.ErrRegex, tokenizer.ErrRegexUnsupported, tokenizer.ErrPostProcessor, fs.ErrNotExist,
	} {
		if errors.Is(err, want) {
			return
		}
	}
	t.Errorf("error without a sentinel: %v", err)
}

// use does with a tokenizer what a program would; a tokenizer that exists can't fail.
func use(t *testing.T, name string, tok *tokenizer.Tokenizer) {
	t.Helper()
	roundTrip(t, name, tok)
	plain := without(t, tok)
	for _, text := range []string{"a b ab abb [UNK] é中 [MASK]  <mask>", "\xff  12-3 don't", ""} {
		ids := tok.AppendIDs(nil, text)
		f := tok.Frame(true)
		row, types := f.Append(nil, nil, ids, ids)
		if len(row) != len(types) || len(row) != 2*len(ids)+f.Len() {
			t.Fatalf("%s: got %d ids and %d types for texts of %d tokens", name, len(row), len(types), len(ids))
		}
		for _, id := range row {
			if id < 0 || int(id) >= tok.VocabSize() {
				t.Fatalf("%s: got id %d of %d", name, id, tok.VocabSize())
			}
		}
		e, err := plain.EncodePair(text, text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		tok.Decode(e.IDs, false)
		tok.Decode(e.IDs, true)
		if e, err = tok.Encode(text); err == nil {
			tokenizer.CodePoints(text, e.Offsets)
		} else if !errors.Is(err, tokenizer.ErrTruncation) {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// mutants gives how many mutants to make: FMKIT_MUTANTS, or a number that keeps go test short.
func mutants(t *testing.T) int {
	n := 4000
	if testing.Short() {
		n = 1000
	}
	if s := os.Getenv("FMKIT_MUTANTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("FMKIT_MUTANTS: %v", err)
		}
	}
	return n
}

// TestMutants changes the files of small tokenizers and of real ones at random: no change makes a program panic, hang or eat memory, and what is
// refused is refused with a typed error. The real ones, a hundred times as large, get every hundredth mutant.
func TestMutants(t *testing.T) {
	small, large := seeds(t)
	n := mutants(t)
	refused := 0
	var slowest time.Duration
	var most float64
	for i := range n {
		from := small
		if i%100 == 99 && len(large) > 0 {
			from = large
		}
		r := rand.New(rand.NewPCG(61, uint64(i)))
		files := mutate(r, from[r.IntN(len(from))])
		size := 0
		for _, f := range files {
			size += len(f.Data)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		tok, err := tokenizer.LoadFS(files)
		if err != nil {
			refused++
			checkTyped(t, err)
			if len(err.Error()) > 2000 {
				t.Errorf("mutant %d: error of %d bytes", i, len(err.Error()))
			}
		} else {
			use(t, fmt.Sprint("mutant ", i), tok)
		}
		d := time.Since(start)
		runtime.ReadMemStats(&after)
		alloc := after.TotalAlloc - before.TotalAlloc
		slowest, most = max(slowest, d), max(most, float64(alloc)/float64(size+1<<16))
		// Loading, using, writing and loading again. Total allocation bounds what was ever live.
		if d > 30*time.Second || alloc > 64<<20+500*uint64(size) {
			t.Errorf("mutant %d of %d bytes: took %v and %d MiB (%v)", i, size, d, alloc>>20, err)
		}
		if t.Failed() {
			keep(t, i, files)
		}
	}
	t.Logf("%d of %d mutants refused; at most %v and %.0f bytes for a byte (and 64 KiB) of the files", refused, n, slowest, most)
}

// keep writes a mutant that failed to a folder and ends the test.
func keep(t *testing.T, i int, files fstest.MapFS) {
	t.Helper()
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range files {
		if err := os.WriteFile(filepath.Join(dir, name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("mutant %d is in %s", i, dir)
}

// seeds gives the small folders of testdata, and the real ones.
func seeds(t *testing.T) (small, large []fstest.MapFS) {
	t.Helper()
	read := func(paths ...string) fstest.MapFS {
		f := fstest.MapFS{}
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f[filepath.Base(path)] = &fstest.MapFile{Data: raw}
		}
		return f
	}
	folders, err := filepath.Glob("testdata/*/cases.jsonl.gz")
	if err != nil || len(folders) == 0 {
		t.Fatal("no folders in testdata", err)
	}
	for _, path := range folders {
		var paths []string
		for _, pattern := range []string{"*.json", "*.txt"} {
			found, err := filepath.Glob(filepath.Join(filepath.Dir(path), pattern))
			if err != nil {
				t.Fatal(err)
			}
			paths = append(paths, found...)
		}
		small = append(small, read(slices.DeleteFunc(paths, func(p string) bool { return filepath.Base(p) == "library.json" })...))
	}
	for _, text := range []string{file(), bpeFile()} {
		small = append(small, folder("tokenizer.json", text))
	}
	small = append(small,
		bertFolder("tokenizer_config.json", `{"do_lower_case":false,"cls_token":"<s>","added_tokens_decoder":{"12":{"content":"x","rstrip":true}}}`),
		bpeFolder("special_tokens_map.json", `{"mask_token":{"content":"<mask>","lstrip":true}}`, "added_tokens.json", `{"x":8}`))
	if root := os.Getenv("FMKIT_DATA"); root != "" {
		in := func(name ...string) string { return filepath.Join(append([]string{root, "tokenizers"}, name...)...) }
		large = []fstest.MapFS{
			read(in("bert-base-uncased", "tokenizer.json")), read(in("all-minilm-l6-v2", "tokenizer.json")), read(in("bert-base-uncased", "vocab.txt")),
			read(in("bert-large-cased", "vocab.txt")), read(in("gpt2", "vocab.json"), in("gpt2", "merges.txt")),
		}
	}
	return small, large
}

// mutate gives a copy of files with one to four changes in one of them, or without one of them.
func mutate(r *rand.Rand, files fstest.MapFS) fstest.MapFS {
	out := fstest.MapFS{}
	var names []string
	for name, f := range files {
		out[name] = f
		names = append(names, name)
	}
	slices.Sort(names)
	name := names[r.IntN(len(names))]
	if r.IntN(50) == 0 {
		delete(out, name)
		return out
	}
	text := string(files[name].Data)
	for range 1 + r.IntN(4) {
		text = change(r, text)
	}
	out[name] = &fstest.MapFile{Data: []byte(text)}
	return out
}

// odd are pieces of text that parsers trip over.
var odd = strings.Split(`null|true|false|0|-1|1.5|1e999|99999999999999999999|1099511627776|2147483648|""|"a"|"\ud800"|"\u0000"|[]|{}|[[]]|{"a":1}|[|]|{|}|,|:|"|\|`+
	"\x00|\xff|\xef\xbb\xbf|\n|\r\n|\u2028|é|"+`"type":"Sequence"|"type":"Replace"|"[UNK]"|"Ġ"|<0xZZ>|{"Regex":"(a+)+"}|{"String":""}|#version: 9|a b`, "|")

// change makes one change to a text, at random.
func change(r *rand.Rand, text string) string {
	if text == "" {
		return odd[r.IntN(len(odd))]
	}
	at := r.IntN(len(text))
	// Most of a file is its vocabulary; most of what can go wrong stands before and after it.
	switch r.IntN(3) {
	case 0:
		at = r.IntN(min(len(text), 4096))
	case 1:
		at = len(text) - 1 - r.IntN(min(len(text), 2048))
	}
	to := min(len(text), at+1+r.IntN(40))
	switch r.IntN(9) {
	case 0: // another byte
		return text[:at] + string([]byte{byte(r.IntN(256))}) + text[at+1:]
	case 1: // nothing in its place
		return text[:at] + text[to:]
	case 2: // twice
		return text[:to] + text[at:]
	case 3: // something odd
		return text[:at] + odd[r.IntN(len(odd))] + text[at:]
	case 4: // something odd in its place
		return text[:at] + odd[r.IntN(len(odd))] + text[to:]
	case 5: // cut off
		return text[:at]
	case 6: // another value after a colon
		if i := strings.IndexByte(text[at:], ':'); i >= 0 {
			at += i + 1
			if n := strings.IndexAny(text[at:], ",}]"); n >= 0 {
				return text[:at] + odd[r.IntN(len(odd))] + text[at+n:]
			}
		}
		return text
	case 7: // something else of the file
		from := r.IntN(len(text))
		return text[:at] + text[from:min(len(text), from+1+r.IntN(200))] + text[to:]
	}
	// another string of the file in the place of one
	if i := strings.IndexByte(text[at:], '"'); i >= 0 {
		at += i + 1
		if n := strings.IndexByte(text[at:], '"'); n >= 0 {
			parts := strings.SplitN(text[r.IntN(len(text)):], `"`, 3)
			return text[:at] + parts[len(parts)/2] + text[at+n:]
		}
	}
	return text
}
