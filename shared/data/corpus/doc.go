// Package corpus makes clean text for pretraining out of many sources, and pairs of texts that belong together.
//
// ReadConfig reads what a corpus is made of, Build makes it, CheckOverlap looks for evaluation texts in any folder of text.
//
// A document passes these steps in turn; each drops lines and counts them in the manifest:
//
//	cleaning     no running text: too few letters, code, tables, rules, markup
//	evaluation   shares 13 words in a row, or all of a shorter text, with an evaluation set (see CheckOverlap)
//	duplicates   the document or the sentence is, nearly, in the corpus already: MinHash over runs of 5 words with banding, then the exact
//	             Jaccard similarity; short sentences are compared as they are, and never dropped from a dialogue
//	evaluation   once more, over the new neighbours
//
// NAME.txt holds the documents of a source, a sentence or turn a line, a blank line between documents.
package corpus
