package tokenizer_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// TestWorstTexts: a quarter of a megabyte of anything takes about linear time.
func TestWorstTexts(t *testing.T) {
	n := 250_000
	if testing.Short() {
		n /= 10
	}
	texts := map[string]string{
		"carets": strings.Repeat("^", n), "spaces": strings.Repeat(" ", n), "newlines": strings.Repeat("\n", n),
		"marks": strings.Repeat("\u0301", n/2), "mixed marks": strings.Repeat("\u0301\u0323", n/4), "joiners": strings.Repeat("👩\u200d", n/7),
		"one word": strings.Repeat("a", n), "backtracking": strings.Repeat("a", n) + "b", "syllables": strings.Repeat("newest", n/6),
		"brackets": strings.Repeat("[", n), "tokens": strings.Repeat("[MASK]", n/6), "starts of tokens": strings.Repeat("[MASK", n/5),
		"ends in space": strings.Repeat("a ", n/2), "tabs": strings.Repeat("\t ", n/2), "apostrophes": strings.Repeat("'", n), "contractions": strings.Repeat("'s", n/2),
		"bad bytes": strings.Repeat("\xff", n), "NUL": strings.Repeat("\x00", n), "chinese": strings.Repeat("中", n/3), "hangul": strings.Repeat("각", n/3),
	}
	all := small(t)
	nfc, err := tokenizer.Parse([]byte(bpeFile(`"pre_tokenizer"`, `"normalizer":{"type":"NFC"},"pre_tokenizer"`)))
	if err != nil {
		t.Fatal(err)
	}
	all["nfc"] = nfc
	if all["white space"], err = tokenizer.Parse([]byte(file(`"added_tokens":[`, `"added_tokens":[{"id":3,"content":"\n","rstrip":true},{"id":4,"content":" ","lstrip":true,"rstrip":true},`))); err != nil {
		t.Fatal(err)
	}
	for name, tok := range all {
		for kind, text := range texts {
			start := time.Now()
			ids := tok.AppendIDs(nil, text)
			e, err := tok.EncodePlain(text)
			if err != nil {
				t.Fatal(err)
			}
			// Measured at most 0.4 s for both; quadratic would be a minute.
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("%s: %s: took %v", name, kind, d)
			}
			if !slices.Equal(ids, e.IDs) {
				t.Errorf("%s: %s: AppendIDs and EncodePlain differ", name, kind)
			}
			tokenizer.CodePoints(text, e.Offsets)
		}
	}
}

var texts = []string{
	"", " ", "Hello, world!", "Résumé naïve café", "中文 and 日本語", "a\x00b\xffc\xed\xa0\x80", "İstanbul ẞ", "x [CLS] y [MASK] z [SEP]",
	"👩‍👩‍👧‍👦 family", "don't we'll", "  two  spaces  ", "line\r\nbreak\n", strings.Repeat("long", 100), "e\u0323\u0302\u0301", "각 \u1100\u1161\u11a8",
}

// TestBytesComeBack: byte-level BPE loses nothing.
func TestBytesComeBack(t *testing.T) {
	tok := small(t)["bytelevel"]
	for _, text := range texts {
		want := repaired(text)
		if got := tok.Decode(tok.AppendIDs(nil, text), false); got != want {
			t.Errorf("%q: got %q", want, got)
		}
	}
}

// repaired is the rule for text that is not UTF-8: one U+FFFD a bad byte.
func repaired(text string) string { return string([]rune(text)) }

func TestInvalidUTF8(t *testing.T) {
	for name, tok := range small(t) {
		for _, text := range texts {
			if a, b := tok.AppendIDs(nil, text), tok.AppendIDs(nil, repaired(text)); !slices.Equal(a, b) {
				t.Errorf("%s: %q: got %v, with U+FFFD %v", name, text, a, b)
			}
		}
	}
}

// TestOffsets: the text under the span of a token normalises to the token, spans that aren't empty ascend, and all lie in the text.
func TestOffsets(t *testing.T) {
	for name, tok := range small(t) {
		for _, text := range texts {
			checkOffsets(t, name, tok, text)
		}
	}
}

func checkOffsets(t *testing.T, name string, tok *tokenizer.Tokenizer, text string) {
	t.Helper()
	e, err := tok.EncodePlain(text)
	if err != nil {
		t.Fatal(err)
	}
	if ids := tok.AppendIDs(nil, text); !slices.Equal(ids, e.IDs) {
		t.Fatalf("%s: %q: AppendIDs %v, EncodePlain %v", name, text, ids, e.IDs)
	}
	last := tokenizer.Span{}
	word := int32(-1)
	for i, s := range e.Offsets {
		if s.Start < last.Start || s.End < s.Start || s.End > len(text) {
			t.Fatalf("%s: %q: span %v after %v", name, text, s, last)
		}
		if e.Words[i] < word {
			t.Fatalf("%s: %q: word %d after %d", name, text, e.Words[i], word)
		}
		if word = e.Words[i]; s.Start < s.End { // trimming puts a space that a rule added past the end of its letter, as in the library
			last = s
		}
		under := text[s.Start:s.End]
		if !strings.HasPrefix(name, "wordpiece") || tok.IsSpecial(e.IDs[i]) {
			continue
		}
		want := strings.TrimPrefix(e.Tokens[i], "##")
		if want == "[UNK]" {
			continue
		}
		again, err := tok.EncodePlain(under)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, tokn := range again.Tokens {
			got += strings.TrimPrefix(tokn, "##")
		}
		if !strings.Contains(got, want) && !strings.Contains(got, "[UNK]") {
			t.Errorf("%s: %q: token %q has span %v, %q, which gives %q", name, text, e.Tokens[i], s, under, got)
		}
	}
}

func TestCodePoints(t *testing.T) {
	text := "aé中\xff😀b"
	spans := []tokenizer.Span{{0, 1}, {1, 3}, {3, 6}, {6, 7}, {7, 11}, {11, 12}, {0, 12}, {3, 11}, {2, 3}, {11, 99}}
	want := []tokenizer.Span{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {0, 6}, {2, 5}, {1, 2}, {5, 6}}
	if got := tokenizer.CodePoints(text, spans); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestConcurrent(t *testing.T) {
	for name, tok := range small(t) {
		var want [][]int32
		for _, text := range texts {
			want = append(want, tok.AppendIDs(nil, text))
		}
		var g sync.WaitGroup
		for range 8 {
			g.Go(func() {
				for range 20 {
					for i, text := range texts {
						if got := tok.AppendIDs(nil, text); !slices.Equal(got, want[i]) {
							t.Errorf("%s: %q: got %v, want %v", name, text, got, want[i])
						}
					}
				}
			})
		}
		g.Wait()
	}
}

func TestNoGarbage(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool forget at random")
	}
	for name, tok := range small(t) {
		dst := make([]int32, 0, 4096)
		text := "The newest café: don't [MASK] the widest 中文, please. [SEP] again"
		tok.AppendIDs(dst, text)
		// The pool may lose its scratch to a collection now and then, so less than one allocation a call is none.
		if n := testing.AllocsPerRun(1000, func() { dst = tok.AppendIDs(dst[:0], text) }); n >= 1 {
			t.Errorf("%s: got %v allocations a call, want none", name, n)
		}
	}
}

func TestTruncationErrors(t *testing.T) {
	tok := small(t)["wordpiece"]
	for _, c := range []struct {
		tr   tokenizer.Truncation
		pair bool
	}{
		{tokenizer.Truncation{MaxLength: 2}, true},                          // three special tokens
		{tokenizer.Truncation{MaxLength: 8, Strategy: "OnlySecond"}, false}, // no second text
		{tokenizer.Truncation{MaxLength: 5, Strategy: "OnlySecond"}, true},  // the first alone is longer
		{tokenizer.Truncation{MaxLength: 5, Strategy: "OnlyFirst"}, true},   // the second alone is longer
		{tokenizer.Truncation{MaxLength: 7, Stride: 4}, true},               // windows would not advance
	} {
		c2, err := tok.SetTruncation(&c.tr)
		if err != nil {
			t.Fatal(err)
		}
		if c.pair {
			_, err = c2.EncodePair("one two three four five six seven", "eight nine ten eleven twelve thirteen fourteen")
		} else {
			_, err = c2.Encode("one two three four five six seven eight nine ten")
		}
		if !errors.Is(err, tokenizer.ErrTruncation) {
			t.Errorf("%+v: got %v", c.tr, err)
		}
	}
}

func FuzzEncode(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	all := small(f)
	f.Fuzz(func(t *testing.T, text string) {
		for name, tok := range all {
			checkOffsets(t, "fuzz "+name, tok, text)
			if name == "bytelevel" && utf8.ValidString(text) {
				if got := tok.Decode(tok.AppendIDs(nil, text), false); got != text {
					t.Errorf("%q: got %q", text, got)
				}
			}
		}
	})
}

func benchmarkEncode(b *testing.B, tok *tokenizer.Tokenizer) {
	var lines []string
	size := 0
	for _, name := range []string{"text/wikitext2-valid.txt", "text/gutenberg-sherlock_holmes.txt", "text-technical/python-3.11-docs.txt"} {
		raw, err := os.ReadFile(data(b, name))
		if err != nil {
			b.Fatal(err)
		}
		raw = raw[:min(len(raw), 2_000_000)]
		size += len(raw)
		lines = append(lines, strings.Split(string(raw), "\n")...)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var ids []int32
	b.Run("ids", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			for _, l := range lines {
				ids = tok.AppendIDs(ids[:0], l)
			}
		}
	})
	b.Run("encodings", func(b *testing.B) {
		b.SetBytes(int64(size))
		for b.Loop() {
			for _, l := range lines {
				if _, err := tok.Encode(l); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkWordPiece(b *testing.B) {
	tok, err := load(b, "tokenizers", "bert-base-uncased", "tokenizer.json").SetTruncation(nil)
	if err != nil {
		b.Fatal(err)
	}
	benchmarkEncode(b, tok)
}

func ExampleTokenizer_Encode() {
	tok, err := tokenizer.Load("testdata/wordpiece/tokenizer.json")
	if err != nil {
		panic(err)
	}
	e, err := tok.Encode("Café, newest!")
	if err != nil {
		panic(err)
	}
	for i, token := range e.Tokens {
		fmt.Print(token, e.Offsets[i], " ")
	}
	fmt.Println(tok.Decode(e.IDs, true))
	// Output: [CLS]{0 0} ca{0 2} ##f{2 3} ##e{3 5} ,{5 6} ne{7 9} ##w{9 10} ##est{10 13} !{13 14} [SEP]{0 0} cafe, newest!
}

func ExampleTokenizer_EncodePair() {
	tok, err := tokenizer.Load("testdata/wordpiece/tokenizer.json")
	if err != nil {
		panic(err)
	}
	tok, err = tok.SetTruncation(&tokenizer.Truncation{MaxLength: 24, Stride: 4, Strategy: "OnlySecond"})
	if err != nil {
		panic(err)
	}
	e, err := tok.EncodePair("the time?", "the shop closes at six and opens at nine")
	if err != nil {
		panic(err)
	}
	fmt.Println(tok.Decode(e.IDs, true))
	for _, o := range e.Overflow {
		fmt.Println(tok.Decode(o.IDs, true))
	}
	// Output:
	// the time? the shop closes at six and o
	// the time?ix and opens at nine
}
