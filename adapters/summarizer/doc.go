// Package summarizer makes extracts: the sentences of a document that say most of it. The encoder reads all sentences of a document in
// one pass (or, past the model's length, in as few rows of whole sentences as it needs), one dense layer scores each, and the best
// that fit the budget and don't repeat each other are kept in their order.
//
// Load attaches an adapter folder to its base; the train sub-package makes one; the extractive sub-package splits sentences and has the
// baselines: lead, TextRank and the oracle.
package summarizer
