package text

import "slices"

// The objectives of pretraining, as config.json names them in "objectives". A model with both learnt them in turns with one encoder and one
// head, as GPT-BERT does (Charpentier and Samuel, 2024).
const (
	ObjectiveMasked  = "masked"  // hidden tokens from the whole row, as FillMask asks
	ObjectiveShifted = "shifted" // the same, each told by the token before it: masked tokens in GPT-BERT
	ObjectiveCausal  = "causal"  // the next token from those before it, as a Generator asks
)

// Continues says whether the model learnt to continue texts, as far as its config tells: it is causal throughout, or one of its objectives
// was. Others generate too, but nobody taught them to.
func (c *Config) Continues() bool { return c.Causal || slices.Contains(c.Objectives, ObjectiveCausal) }
