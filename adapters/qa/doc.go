// Package qa answers questions with spans of a given context, as SQuAD asks for (Rajpurkar et al., 2016; 2018 for questions without an
// answer): the encoder reads question and context together, and one dense layer scores every token as start and as end.
//
// Contexts longer than the model's rows are read in overlapping windows. Answers are spans of the original text, with offsets in bytes and
// in code points.
//
// Load attaches an adapter folder to its base; the train sub-package makes one. FromHead takes a checkpoint of transformers with a head for
// question answering instead.
package qa
