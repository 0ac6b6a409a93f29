package tokenizer_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// gpt2 makes GPT-2's tokenizer from its vocabulary and merges.
func gpt2(tb testing.TB) *tokenizer.Tokenizer {
	tb.Helper()
	raw, err := os.ReadFile(data(tb, "tokenizers", "gpt2", "vocab.json"))
	if err != nil {
		tb.Fatal(err)
	}
	ids := map[string]int{}
	if err := json.Unmarshal(raw, &ids); err != nil {
		tb.Fatal(err)
	}
	vocab := make([]string, len(ids))
	for token, id := range ids {
		vocab[id] = token
	}
	if raw, err = os.ReadFile(data(tb, "tokenizers", "gpt2", "merges.txt")); err != nil {
		tb.Fatal(err)
	}
	var merges [][2]string
	for _, line := range strings.Split(string(raw), "\n")[1:] {
		if a, b, ok := strings.Cut(line, " "); ok {
			merges = append(merges, [2]string{a, b})
		}
	}
	tok, err := tokenizer.NewByteLevel(vocab, merges, tokenizer.ByteLevelOptions{Special: []string{"<|endoftext|>"}})
	if err != nil {
		tb.Fatal(err)
	}
	return tok
}

func BenchmarkByteLevel(b *testing.B) { benchmarkEncode(b, gpt2(b)) }
