// Package data reads data sets and lays them out for training.
//
// Readers are iterators (iter.Seq2 of a record and an error) that hold one record at a time, so files may be larger than
// memory. The first error ends the iteration. Labelled data is strict: a bad row is a *RowError naming file, line and
// field. Text for pretraining is lenient: bad records are skipped and counted in a TextStats, and more than 1 % of them is an
// error.
//
//	labelled texts   ReadLabelled     CSV, TSV or JSONL
//	tagged words     ReadTagged       JSONL, or CoNLL columns
//	questions        ReadSQuAD        SQuAD 1.1 and 2.0 JSON
//	summaries        ReadSummaries    JSONL; ReadQMSum for query-focused meetings
//	dialogues        ReadDialogues    JSONL; ReadMultiDoGO for its turn-level TSV
//	plain text       Lines, Documents many files and folders
//
// OverlapIndex finds evaluation texts in text for pretraining; package corpus, below, makes a corpus out of many sources with it.
//
// Orders are pure functions of sizes and seeds (Split, Shots, Buckets, Order, Batch), never of what was read before, so that
// training can resume anywhere. Pack cuts token documents into windows; TokenWriter and TokenFile keep tokens on disk.
package data
