// Package document reads a whole document at once: its type, key fields, the entities in it, a summary, and answers to standing questions, each with its place in the text.
//
//	a, err := document.Load("contracts", base)          // a folder that fm adapt document has put together
//	d, err := a.Analyze(ctx, text)                      // d.Type, d.Fields, d.Entities, d.Summary, d.Answers
//
// An Analyzer is up to four adapters on one base, its parts: a classifier, a tagger, a summarizer and one for questions. Settings say what is asked. Every part may be
// missing. Parts that leave the base's weights alone read equal rows once, which a Document lists: a type and entities come from one pass over a text that fits in a row.
//
// The type is what the classifier says of the beginning. Other parts read everything: entities in windows that overlap, in which every word has words on both sides, and an entity that two windows
// hold parts of is one; questions in the windows of package qa; the summary by rows of sentences.
//
// Whether a question has an answer is decided by a threshold, which Calibrate chooses on documents whose answers are known: a whole document has more places for a wrong answer than the
// paragraphs that questions are learnt on. Assemble puts trained adapters together, held to their digests; Verify checks these again.
//
// A text is UTF-8 of at most MaxBytes. A byte order mark, any line ends and form feeds, which end pages, are understood; offsets are those in the text as it was given, and what an
// answer quotes is the text between them.
package document
