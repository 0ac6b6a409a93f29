package tokenizer_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// A libraryCase is one line of a cases.jsonl.gz, which cmd/bench/golden/tokenizer.py writes with Hugging Face's library.
type libraryCase struct {
	Text       string
	Bytes      []byte
	Pair       *string
	Plain      bool
	Truncation *struct {
		MaxLength int `json:"max_length"`
		Stride    int
		Strategy  string
		Direction string
	}
	Padding *struct {
		Direction  string
		ID         int32  `json:"pad_id"`
		Token      string `json:"pad_token"`
		Length     int
		MultipleOf int `json:"pad_to_multiple_of"`
	}
	Error      string
	Want       libraryEncoding
	Overflow   []libraryEncoding
	Decoded    *string
	DecodedAll *string `json:"decoded_all"`

	// Texts that were encoded together, with the truncation and padding of the file.
	Batch []string
	Wants []libraryEncoding
}

type libraryEncoding struct {
	IDs, Types, Words []int32
	Tokens            []string
	Offsets           [][2]int
	Special           []int
	Attention         []int
	Sequences         []int8
}

// TestLibrary compares every field of every encoding, and the file that is written, with Hugging Face's library: on the small tokenizers and
// model folders of testdata, and on those that FMKIT_GOLDEN holds besides.
func TestLibrary(t *testing.T) {
	roots := []string{"testdata"}
	if dir := os.Getenv("FMKIT_GOLDEN"); dir != "" {
		roots = append(roots, dir)
	}
	total := 0
	for _, root := range roots {
		folders, err := filepath.Glob(filepath.Join(root, "*", "cases.jsonl.gz"))
		if err != nil || len(folders) == 0 {
			t.Fatalf("no cases in %s (%v)", root, err)
		}
		for _, path := range folders {
			t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
				tok := loadLibrary(t, filepath.Dir(path))
				n, bad := 0, 0
				for c := range readCases(t, path) {
					n++
					if !checkCase(t, tok, c) {
						if bad++; bad > 20 {
							t.Fatalf("stopped after %d of %d cases differed", bad, n)
						}
					}
				}
				total += n
				t.Logf("%d of %d cases equal", n-bad, n)
			})
		}
	}
	t.Logf("%d cases", total)
}

// loadLibrary loads a folder of the library's and holds what JSON writes against what the library does: library.json, or tokenizer.json where
// that is the same.
func loadLibrary(t *testing.T, dir string) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.LoadFS(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(dir, "library.json"))
	if errors.Is(err, fs.ErrNotExist) {
		want, err = os.ReadFile(filepath.Join(dir, "tokenizer.json"))
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err := tok.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.TrimSuffix(string(got), "\n"), strings.TrimSuffix(string(want), "\n"); got != want {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		from := max(0, at-200)
		t.Errorf("JSON differs at byte %d:\n%.400s\nwant\n%.400s", at, got[from:], want[from:])
	}
	return tok
}

// without gives tok with no truncation and padding of its own.
func without(t *testing.T, tok *tokenizer.Tokenizer) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tok.SetTruncation(nil)
	if err == nil {
		tok, err = tok.SetPadding(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// checkBatch compares a batch.
func checkBatch(t *testing.T, tok *tokenizer.Tokenizer, c libraryCase) bool {
	t.Helper()
	batch, err := tok.EncodeBatch(c.Batch)
	if err != nil {
		t.Error(err)
		return false
	}
	ok := true
	for i, e := range batch {
		ok = checkEncoding(t, libraryCase{Text: c.Batch[i]}, e, c.Wants[i]) && ok
	}
	return ok
}

func readCases(t *testing.T, path string) func(func(libraryCase) bool) {
	return func(yield func(libraryCase) bool) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		s := bufio.NewScanner(z)
		s.Buffer(nil, 64<<20)
		for s.Scan() {
			var c libraryCase
			if err := json.Unmarshal(s.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			if !yield(c) {
				return
			}
		}
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
	}
}

func checkCase(t *testing.T, tok *tokenizer.Tokenizer, c libraryCase) bool {
	t.Helper()
	if c.Batch != nil {
		return checkBatch(t, tok, c)
	}
	tok = without(t, tok)
	if c.Bytes != nil {
		c.Text = string(c.Bytes)
	}
	var err error
	if tr := c.Truncation; tr != nil {
		strategy := map[string]string{"longest_first": "LongestFirst", "only_first": "OnlyFirst", "only_second": "OnlySecond"}[tr.Strategy]
		tok, err = tok.SetTruncation(&tokenizer.Truncation{MaxLength: tr.MaxLength, Stride: tr.Stride, Strategy: strategy, Left: tr.Direction == "left"})
	}
	if p := c.Padding; p != nil {
		tok, err = tok.SetPadding(&tokenizer.Padding{Length: p.Length, MultipleOf: p.MultipleOf, Left: p.Direction == "left", ID: p.ID, Token: p.Token})
	}
	if err != nil {
		t.Errorf("%+v: %v", c.Truncation, err)
		return false
	}
	var e *tokenizer.Encoding
	switch {
	case c.Plain:
		e, err = tok.EncodePlain(c.Text)
	case c.Pair != nil:
		e, err = tok.EncodePair(c.Text, *c.Pair)
	default:
		e, err = tok.Encode(c.Text)
	}
	if c.Error != "" {
		if err == nil {
			t.Errorf("%.80q %+v: got no error, want %s", c.Text, c.Truncation, c.Error)
		}
		return err != nil
	}
	if err != nil {
		t.Errorf("%.80q %+v: %v", c.Text, c.Truncation, err)
		return false
	}
	ok := checkEncoding(t, c, e, c.Want)
	if len(e.Overflow) != len(c.Overflow) {
		t.Errorf("%.80q %+v: got %d windows of overflow, want %d", c.Text, c.Truncation, len(e.Overflow), len(c.Overflow))
		return false
	}
	for i, o := range e.Overflow {
		ok = checkEncoding(t, c, o, c.Overflow[i]) && ok
	}
	if c.Plain {
		if got := tok.AppendIDs(nil, c.Text); !slices.Equal(got, c.Want.IDs) {
			t.Errorf("%.80q: AppendIDs gives %v, want %v", c.Text, got, c.Want.IDs)
			ok = false
		}
	}
	for skip, want := range map[bool]*string{true: c.Decoded, false: c.DecodedAll} {
		if want == nil {
			continue
		}
		if got := tok.Decode(e.IDs, skip); got != *want {
			t.Errorf("%.80q: decoded %q, want %q", c.Text, got, *want)
			ok = false
		}
	}
	return ok
}

func checkEncoding(t *testing.T, c libraryCase, e *tokenizer.Encoding, want libraryEncoding) bool {
	t.Helper()
	// Offsets count within the text that a token comes from.
	points := tokenizer.CodePoints(c.Text, e.Offsets)
	if c.Pair != nil {
		second := tokenizer.CodePoints(*c.Pair, e.Offsets)
		for i, s := range e.Sequences {
			if s == 1 {
				points[i] = second[i]
			}
		}
	}
	offsets := make([][2]int, len(points))
	special, attention := make([]int, len(points)), make([]int, len(points))
	for i, s := range points {
		offsets[i] = [2]int{s.Start, s.End}
		if e.Special[i] {
			special[i] = 1
		}
		if e.Attention[i] {
			attention[i] = 1
		}
	}
	ok := true
	diff := func(what string, equal bool, got, want any) {
		if !equal {
			t.Errorf("%.120q pair %v truncation %+v: %s: got %v, want %v", c.Text, c.Pair != nil, c.Truncation, what, got, want)
			ok = false
		}
	}
	diff("ids", slices.Equal(e.IDs, want.IDs), e.IDs, want.IDs)
	diff("tokens", slices.Equal(e.Tokens, want.Tokens), e.Tokens, want.Tokens)
	diff("offsets", slices.Equal(offsets, want.Offsets), offsets, want.Offsets)
	diff("words", slices.Equal(e.Words, want.Words), e.Words, want.Words)
	diff("type ids", slices.Equal(e.TypeIDs, want.Types), e.TypeIDs, want.Types)
	diff("special", slices.Equal(special, want.Special), special, want.Special)
	diff("attention", slices.Equal(attention, want.Attention), attention, want.Attention)
	diff("sequences", slices.Equal(e.Sequences, want.Sequences), e.Sequences, want.Sequences)
	return ok
}
