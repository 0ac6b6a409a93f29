// Package classifier puts texts into classes with a base model and an adapter: the encoder's vectors, pooled, and one dense layer.
//
// Load attaches an adapter folder to its base; the train sub-package makes one. FromHead takes a checkpoint of transformers with a
// classification head instead. The baseline sub-package is the cheap classifier that pretraining has to beat.
package classifier
