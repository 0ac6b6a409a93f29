//go:build race

package tokenizer_test

// raceEnabled: sync.Pool then forgets at random, so allocations say nothing.
const raceEnabled = true
