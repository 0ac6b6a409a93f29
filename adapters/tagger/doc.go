// Package tagger finds named parts of texts, such as names (NER) and slots: the encoder's vector of the first token of each word, one dense layer, and a
// tag a word: O, B-TYPE for the first word of an entity, I-TYPE for its others. A word's other tokens have no tag, as in transformers' run_ner.
//
// Words are those given, or else those that the tokenizer divides a text into: for BERT what lies between blanks and punctuation. Entities are answered as
// Hugging Face's token-classification pipeline does with aggregation_strategy="first", with offsets in bytes and in code points. Words past the end of
// a row are read in further rows, so that no word of a long text is left out.
//
// Load attaches an adapter folder to its base; the train sub-package makes one. FromHead takes a checkpoint of transformers with a head for
// token classification instead. The baseline sub-package has the cheap tagger that pretraining has to beat.
package tagger
