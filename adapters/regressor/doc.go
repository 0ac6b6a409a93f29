// Package regressor gives texts a number with a base model and an adapter: the encoder's vectors, pooled, and one dense layer with one output (transformers'
// problem type regression). It learns targets shifted and scaled to a mean of 0 and a variance of 1, and answers in their own unit.
//
// Load attaches an adapter folder to its base; the train sub-package makes one.
package regressor
