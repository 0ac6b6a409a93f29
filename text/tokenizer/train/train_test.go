package train_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/text/tokenizer"
	"github.com/fmkit/fmkit/text/tokenizer/train"
)

func lines(text string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for l := range strings.Lines(text) {
			if !yield(l, nil) {
				return
			}
		}
	}
}

const page = "low low low low low lower lower newest newest newest newest newest newest widest widest widest\n"

// TestWordPieceMerges holds the first merges against those that can be counted by hand: "es" and then "est" stand in nine words, "lo" and "low" in seven.
func TestWordPieceMerges(t *testing.T) {
	tok, err := train.WordPiece(context.Background(), lines(page), train.Config{VocabSize: 5 + 10 + 9 + 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"##es", "##est", "lo", "low"} {
		if _, ok := tok.ID(want); !ok {
			t.Errorf("got no token %q", want)
		}
	}
}

func TestByteLevelKnowsEveryByte(t *testing.T) {
	tok, err := train.ByteLevelBPE(context.Background(), lines(page), train.Config{VocabSize: 270})
	if err != nil {
		t.Fatal(err)
	}
	for b := range 128 {
		text := string([]byte{byte(b)})
		if got := tok.Decode(tok.AppendIDs(nil, text), false); got != text {
			t.Errorf("byte %d: got %q", b, got)
		}
	}
	if tok.VocabSize() != 270 {
		t.Errorf("got %d tokens, want 270", tok.VocabSize())
	}
}

// TestDeterministic trains twice; map order would show.
func TestDeterministic(t *testing.T) {
	text := strings.Repeat(page+"the quick brown fox jumps over the lazy dog, naïve café 中文\n", 3)
	for name, f := range map[string]func(context.Context, iter.Seq2[string, error], train.Config) (*tokenizer.Tokenizer, error){
		"WordPiece": train.WordPiece, "ByteLevelBPE": train.ByteLevelBPE,
	} {
		var first []byte
		for range 5 {
			tok, err := f(context.Background(), lines(text), train.Config{VocabSize: 400, MinFrequency: 1})
			if err != nil {
				t.Fatal(err)
			}
			raw, err := tok.JSON()
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = raw
			}
			if !slices.Equal(raw, first) {
				t.Fatalf("%s: two trainings differ", name)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := train.WordPiece(ctx, lines(page), train.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	broken := errors.New("broken")
	bad := func(yield func(string, error) bool) { yield("", broken) }
	if _, err := train.ByteLevelBPE(context.Background(), bad, train.Config{}); !errors.Is(err, broken) {
		t.Errorf("bad line: got %v", err)
	}
	for _, c := range []train.Config{{VocabSize: -1}, {VocabSize: 2_000_000}, {Special: []string{"a", "a"}}, {Special: []string{""}}} {
		if _, err := train.ByteLevelBPE(context.Background(), lines(page), c); !errors.Is(err, train.ErrConfig) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
	if _, err := train.WordPiece(context.Background(), lines(page), train.Config{Special: []string{"[UNK]"}}); !errors.Is(err, tokenizer.ErrSpecialToken) {
		t.Errorf("missing special token: got %v", err)
	}
}

func ExampleWordPiece() {
	tok, err := train.WordPiece(context.Background(), lines(page), train.Config{VocabSize: 28})
	if err != nil {
		panic(err)
	}
	e, err := tok.Encode("Lowest!")
	if err != nil {
		panic(err)
	}
	fmt.Println(e.Tokens)
	// Output: [[CLS] low ##est [UNK] [SEP]]
}

func ExampleByteLevelBPE() {
	tok, err := train.ByteLevelBPE(context.Background(), lines(page), train.Config{VocabSize: 264})
	if err != nil {
		panic(err)
	}
	ids := tok.AppendIDs(nil, "the newest")
	fmt.Println(tok.Decode(ids, true), len(ids))
	// Output: the newest 6
}

func corpus(b *testing.B) string {
	root := os.Getenv("FMKIT_DATA")
	if root == "" {
		b.Skip("FMKIT_DATA is not set")
	}
	var all strings.Builder
	paths, _ := filepath.Glob(filepath.Join(root, "text", "*.txt"))
	for _, p := range append(paths, filepath.Join(root, "text-technical", "python-3.11-docs.txt")) {
		raw, err := os.ReadFile(p)
		if err != nil {
			b.Fatal(err)
		}
		all.Write(raw)
	}
	return all.String()[:20_000_000]
}

func benchmark(b *testing.B, f func(context.Context, iter.Seq2[string, error], train.Config) (*tokenizer.Tokenizer, error)) {
	text := corpus(b)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := f(context.Background(), lines(text), train.Config{VocabSize: 8192}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWordPiece(b *testing.B)    { benchmark(b, train.WordPiece) }
func BenchmarkByteLevelBPE(b *testing.B) { benchmark(b, train.ByteLevelBPE) }
