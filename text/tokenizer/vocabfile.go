package tokenizer

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// defaultWordChars is the number of code points from which on WordPiece takes a word for unknown, where no file says another.
const defaultWordChars = 100

// readVocabText reads a vocab.txt: a token a line, its number the id. White space at the end of a line is no part of a token.
func (m *modelSpec) readVocabText(data []byte) error {
	lines, err := fileLines(vocabFile, data)
	if err != nil {
		return err
	}
	first := make(map[string]int, len(lines))
	for i, line := range lines {
		token := strings.TrimRightFunc(string(line), unicode.IsSpace)
		if at, dup := first[token]; dup {
			return errorf(vocabFile, ErrVocab, "lines %d and %d are both %.80q", at+1, i+1, token)
		}
		first[token] = i
		m.vocab = append(m.vocab, entry{token, int32(i)})
	}
	return nil
}

// readMergesText reads a merges.txt: two tokens a line, with one space between them, and at most a line that says the version.
func (m *modelSpec) readMergesText(data []byte) error {
	lines, err := fileLines(mergesFile, data)
	if err != nil {
		return err
	}
	m.merges = make([][2]string, 0, len(lines))
	for i, line := range lines {
		if bytes.HasPrefix(line, []byte(mergesVersion)) {
			continue
		}
		left, right, ok := strings.Cut(string(line), " ")
		if !ok || left == "" || right == "" || strings.Contains(right, " ") {
			return errorf(mergesFile, ErrMerges, "line %d is %.80q, want two tokens", i+1, line)
		}
		m.merges = append(m.merges, [2]string{left, right})
	}
	return nil
}

// fileLines gives the lines of a file of UTF-8, without their ends.
func fileLines(name string, data []byte) ([][]byte, error) {
	if !utf8.Valid(data) {
		return nil, errorf(name, ErrSyntax, "not UTF-8")
	}
	if n := bytes.Count(data, []byte("\n")); n > MaxVocab {
		return nil, errorf(name, ErrLimit, "got %d lines, want at most %d", n, MaxVocab)
	}
	var lines [][]byte
	for line := range bytes.Lines(data) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		lines = append(lines, bytes.TrimSuffix(line, []byte("\r")))
	}
	return lines, nil
}

// token gives a function that adds a token with its id, as a member of an object has them.
func (m *modelSpec) token(path string) func(token string, raw []byte) error {
	return func(token string, raw []byte) error {
		id, ok := integer(raw)
		if !ok || id < 0 || id >= MaxVocab {
			return errorf(path, ErrVocab, "%.80q has id %.40s, want 0 to %d", token, raw, MaxVocab-1)
		}
		if len(m.vocab) == MaxVocab {
			return errorf(path, ErrLimit, "got more than %d tokens", MaxVocab)
		}
		m.vocab = append(m.vocab, entry{token, int32(id)})
		return nil
	}
}

// has says whether the vocabulary has a token.
func (m *modelSpec) has(token string) bool {
	return slices.ContainsFunc(m.vocab, func(e entry) bool { return e.token == token })
}
