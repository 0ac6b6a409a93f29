// Package pretrain trains a text model on plain text, by objectives that take turns over one encoder:
//
//	masked       masked-language modelling with whole words (Devlin et al., 2018), the output embedding tied to the input's
//	causal       next-token prediction with the same head; beside shifted masks the one model of GPT-BERT, which reads both ways and generates
//	replaced     replaced-token detection beside a small generator (ELECTRA, Clark et al., 2020)
//	contrastive  in-batch contrastive learning of pairs: sentences that follow each other, turns of a dialogue, questions and answers, words and
//	             their meanings, two crops of a window, a text under two dropouts
//	distilled    the vectors of a teacher; such a model's card says whose pupil it is
//
// Word embeddings may start from co-occurrence counts and spellings, whitened, which costs a minute and is the most that a small corpus gives; or from
// a teacher's vectors of single tokens.
//
// Run goes all the way: it divides the text into a training part and a held-back one, learns a tokenizer from the training part, tokenises both
// into files kept by content hash, trains, evaluates on fixed masks beside what unigram counts reach, and leaves a Hugging Face folder.
// What sample a step gets, and how it is masked, is a pure function of recipe and step, so a stopped run goes on to the same bits and Verify
// leads to the same digest.
package pretrain
