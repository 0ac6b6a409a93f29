package sugarme_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/text/tokenizer"
	"github.com/fmkit/fmkit/text/tokenizer/sugarme"
	"github.com/fmkit/fmkit/text/tokenizer/train"
)

// minShared is the share of tokens that two right trainers must have in common: they break ties between equally frequent
// pairs differently, and on a small page most pairs tie in the end.
const minShared = 0.9

func count(text string) map[string]int {
	words := map[string]int{}
	cut := tokenizer.ByteLevelWords(false)
	for l := range strings.Lines(text) {
		cut(l, func(w []byte) { words[string(w)]++ })
	}
	return words
}

func ours(tb testing.TB, text string, size int) *tokenizer.Tokenizer {
	lines := func(yield func(string, error) bool) {
		for l := range strings.Lines(text) {
			if !yield(l, nil) {
				return
			}
		}
	}
	tok, err := train.ByteLevelBPE(context.Background(), lines, train.Config{VocabSize: size, Special: []string{}})
	if err != nil {
		tb.Fatal(err)
	}
	return tok
}

// TestAgrees holds our trainer against the other one: nearly all tokens must be the same.
func TestAgrees(t *testing.T) {
	raw, err := os.ReadFile("../testdata/page.txt")
	if err != nil {
		t.Fatal(err)
	}
	const size = 340
	theirs, err := sugarme.ByteLevelBPE(count(string(raw)), size, 2)
	if err != nil {
		t.Fatal(err)
	}
	tok := ours(t, string(raw), size)
	shared := 0
	for token := range theirs {
		if _, ok := tok.ID(token); ok {
			shared++
		}
	}
	if len(theirs) != size || float64(shared) < minShared*size {
		t.Errorf("got %d tokens of which %d are ours too, want %d and at least %.0f", len(theirs), shared, size, minShared*size)
	}
	t.Logf("%d of %d tokens are the same", shared, size)
}

// BenchmarkTraining times both trainers on the same 2 MB.
func BenchmarkTraining(b *testing.B) {
	root := os.Getenv("FMKIT_DATA")
	if root == "" {
		b.Skip("FMKIT_DATA is not set")
	}
	raw, err := os.ReadFile(root + "/text/standardebooks-war-and-peace.txt")
	if err != nil {
		b.Fatal(err)
	}
	text := string(raw[:2_000_000])
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			ours(b, text, 4096)
		}
	})
	b.Run("sugarme", func(b *testing.B) {
		for b.Loop() {
			if _, err := sugarme.ByteLevelBPE(count(text), 4096, 2); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func ExampleByteLevelBPE() {
	vocab, err := sugarme.ByteLevelBPE(map[string]int{" low": 9, " lower": 3}, 260, 2)
	if err != nil {
		panic(err)
	}
	_ = vocab["Ġlow"]
}
