// Package classifier puts texts into classes with a base model and an adapter: the encoder's vectors, pooled, and one dense layer.
//
// Load attaches an adapter folder to its base; the train sub-package makes one. FromHead takes a checkpoint of transformers with a
// classification head instead. The pictures sub-package does the same for pictures; a program that imports only one of them links nothing of the other's
// modality, and head is what they share. The baseline sub-package has the cheap classifiers that pretraining has to beat.
package classifier
