// Package train makes an assistant from dialogues and passages: it trains the parts on most of the dialogues, sets the thresholds on some of those held back, at stated rates,
// and scores the whole on the rest of them.
//
// Build makes the folder that assistant.Load reads; Verify repeats that from the folder's passport and compares the digests.
package train
