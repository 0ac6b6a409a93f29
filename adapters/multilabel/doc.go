// Package multilabel gives texts any number of labels with a base model and an adapter: the encoder's vectors, pooled, one dense layer, and a sigmoid for each
// label (transformers' problem type multi_label_classification). The labels whose scores reach a threshold, which is chosen on held-back
// examples, are the answer.
//
// Load attaches an adapter folder to its base; the train sub-package makes one.
package multilabel
