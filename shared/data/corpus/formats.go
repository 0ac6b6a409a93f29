package corpus

import (
	"fmt"
	"slices"
)

// A reader gives the documents of files; dropped takes what it leaves out.
type reader func(files []location, give func(*document) error, dropped func(string)) error

// A format reads files of one kind.
type format struct {
	name       string
	extensions []string // of the files of a folder
	read       reader
}

// each reads one file after the other.
func each(one func(l location, give func(*document) error, dropped func(string)) error) reader {
	return func(files []location, give func(*document) error, dropped func(string)) error {
		for _, l := range files {
			if err := one(l, give, dropped); err != nil {
				return err
			}
		}
		return nil
	}
}

// formats lists what sources may be.
func formats(seed uint64) []format {
	wordNet := &wordNetReader{seed: seed, seen: map[uint64]bool{}}
	return []format{
		{"text", []string{".txt", ".text"}, each(readProse)},
		{"html", []string{".html", ".htm", ".xhtml", ".page"}, each(readHTML)},
		{"jsonl", []string{".jsonl", ".ndjson"}, each(readJSONL)},
		{"multidogo", []string{".tsv"}, readMultiDoGO},
		{"dialogues", []string{".json"}, each(readDialogues)},
		{"selfdialogues", []string{".csv"}, each(readSelfDialogues)},
		{"irc", []string{".txt", ".log"}, each(readIRC)},
		{"qmsum", []string{".jsonl"}, each(readQMSum)},
		{"scitldr", []string{".jsonl"}, each(readSciTLDR)},
		{"squad", []string{".json"}, each(readSQuAD)},
		{"dict", []string{".index"}, each(readDict)},
		{"wordnet", []string{".index"}, each(wordNet.read)},
	}
}

// Formats lists the formats of sources:
//
//	text       running text, plain or with the markup of Markdown or reStructuredText: paragraphs between blank lines, wrapped or not; of a folder
//	           the .txt and .text files, packed (.gz) or not
//	html       pages (.html, .htm, .xhtml) and help pages (.page): their paragraphs, items and definitions
//	jsonl      one {"text"} a line, a document each
//	multidogo  turn-level TSV: a conversation is a document, a turn a line
//	dialogues  a JSON list of dialogues as Schema-Guided Dialogue and MultiWOZ 2.2 ({"turns": [{"utterance"}]}) or Taskmaster ({"utterances": [{"text"}]})
//	           have them: a document each, a turn a line
//	selfdialogues
//	           CSV as the Self-dialogue Corpus has it: a row is a document, its columns Answer.sentence1 and on a turn each
//	irc        logs of a chat: lines [hh:mm] <name> text, a file a document
//	qmsum      query-focused meetings: a document is what a query is about, a turn a line
//	scitldr    {"source": sentences, "title"} a line
//	squad      SQuAD JSON: each context once, then its questions
//	dict       a dictd database, NAME.index and NAME.dict.dz: an entry is a document
//	wordnet    WordNet as a dictd database
func Formats() []string {
	var names []string
	for _, f := range formats(0) {
		names = append(names, f.name)
	}
	return names
}

// inputs lists the files that a source reads, and those that go into the manifest: a dictionary has two for each one to read.
func (s Source) inputs(f format) (read, all []location, err error) {
	for _, l := range s.located {
		if f.name == "dict" || f.name == "wordnet" {
			if index, _, err := dictFiles(l); err == nil {
				l = index
			}
		}
		files, err := l.files(f.extensions...)
		if err != nil {
			return nil, nil, fmt.Errorf("source %q: %w", s.Name, err)
		}
		read = append(read, files...)
	}
	all = slices.Clone(read)
	if f.name == "dict" || f.name == "wordnet" {
		all = all[:0]
		for _, l := range read {
			index, text, err := dictFiles(l)
			if err != nil {
				return nil, nil, fmt.Errorf("source %q: %w", s.Name, err)
			}
			all = append(all, index, text)
		}
	}
	return read, all, nil
}
