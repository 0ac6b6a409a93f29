// Package pretrain trains a text model on plain text by masked-language modelling with whole words (Devlin et al., 2018, and the
// whole-word models released after it), with the output embedding tied to the input's; by other objectives instead, or by several that take turns: next
// tokens, replaced tokens (ELECTRA), pairs of texts, a teacher's vectors.
//
// Run goes all the way: it divides the text into a training part and a held-back one, learns a tokenizer from the training part, tokenises both
// into files kept by content hash, trains, evaluates on fixed masks beside what unigram counts reach, and leaves a Hugging Face folder.
// What sample a step gets, and how it is masked, is a pure function of recipe and step, so a stopped run goes on to the same bits and Verify
// leads to the same digest.
package pretrain
