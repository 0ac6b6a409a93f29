package train

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// A wordCount is a distinct word and how often it was seen.
type wordCount struct {
	word  string
	count int64
}

// countWords cuts lines into words and counts them, sorted by word.
func countWords(ctx context.Context, lines iter.Seq2[string, error], words func(text string, yield func(word []byte))) ([]wordCount, error) {
	counts := map[string]*int64{}
	add := func(word []byte) {
		if n := counts[string(word)]; n != nil {
			*n++
			return
		}
		n := int64(1)
		counts[string(word)] = &n
	}
	i := 0
	for line, err := range lines {
		if err != nil {
			return nil, fmt.Errorf("train: line %d: %w", i+1, err)
		}
		if i%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("train: counting words: %w", err)
			}
		}
		words(line, add)
		i++
	}
	out := make([]wordCount, 0, len(counts))
	for _, w := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, wordCount{w, *counts[w]})
	}
	return out, nil
}

// byCount orders the most frequent first, equals by key.
func byCount[K cmp.Ordered](counts map[K]int64) []K {
	keys := slices.Collect(maps.Keys(counts))
	slices.SortFunc(keys, func(a, b K) int {
		if c := cmp.Compare(counts[b], counts[a]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	return keys
}
