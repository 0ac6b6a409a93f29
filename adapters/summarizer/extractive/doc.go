// Package extractive summarises a document by some of its own sentences.
//
//	Sentences   splits text, with byte offsets
//	Lead        scores by position: the first sentences, hard to beat on news
//	TextRank    scores by a random walk over sentences that share words
//	Oracle      the best selection in reach, given the reference: an upper bound and a source of labels
//	Select      picks by score within a budget, without saying things twice
package extractive
