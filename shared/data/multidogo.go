package data

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Turn is one customer turn of a dialogue.
type Turn struct {
	Conversation string
	Number       int
	Text         string
	Slots        []string // one label per token
	Intents      []string
}

var multiDoGOHeader = []string{"conversationId", "turnNumber", "utteranceId", "utterance", "slot-labels", "intent"}

// ReadMultiDoGO streams the turns of MultiDoGO's turn-level files, tab-separated with a header. The published files have lines broken
// by embedded newlines: lines without six good fields are skipped and counted in stats, which may be nil; more than 1 %
// of them is an error that wraps ErrTooManyBad.
func ReadMultiDoGO(stats *TextStats, paths ...string) iter.Seq2[Turn, error] {
	return func(yield func(Turn, error) bool) {
		s := stats
		if s == nil {
			s = new(TextStats)
		}
		*s = TextStats{}
		for _, path := range paths {
			more, err := multiDoGOFile(path, s, yield)
			if err != nil {
				yield(Turn{}, err)
				return
			}
			if !more {
				return
			}
		}
		if err := s.done(paths); err != nil {
			yield(Turn{}, err)
		}
	}
}

func multiDoGOFile(path string, s *TextStats, yield func(Turn, error) bool) (more bool, err error) {
	f, err := openData(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	s.Files++
	l := newLineReader(f, maxText)
	header, err := l.next()
	if errors.Is(err, io.EOF) {
		return false, &RowError{File: path, Err: ErrEmpty}
	}
	if got := strings.Split(string(header), "\t"); err == nil && !slices.Equal(got, multiDoGOHeader) {
		err = fmt.Errorf("header is %q, want %q", got, multiDoGOHeader)
	}
	if err != nil {
		return false, &RowError{File: path, Line: 1, Err: err}
	}
	for {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil && !errors.Is(err, ErrTooLong) {
			return false, fmt.Errorf("data: %s: %w", path, err)
		}
		s.Records++
		var t Turn
		if err == nil {
			t, err = parseTurn(line)
		}
		if err != nil {
			s.bad(path, l.line, err)
			continue
		}
		if !yield(t, nil) {
			return false, nil
		}
	}
}

func parseTurn(line []byte) (Turn, error) {
	if !utf8.Valid(line) {
		return Turn{}, ErrEncoding
	}
	f := strings.Split(string(line), "\t")
	if len(f) != len(multiDoGOHeader) {
		return Turn{}, fmt.Errorf("got %d fields, want %d", len(f), len(multiDoGOHeader))
	}
	n, err := strconv.Atoi(strings.TrimSuffix(f[1], ".0")) // some of the files write 3 as 3.0
	if err != nil {
		return Turn{}, fmt.Errorf("turn number: %w", err)
	}
	if strings.TrimSpace(f[3]) == "" {
		return Turn{}, fmt.Errorf("utterance is empty: %w", ErrEmpty)
	}
	return Turn{
		Conversation: f[0], Number: n, Text: f[3],
		Slots: strings.Fields(f[4]), Intents: strings.Split(f[5], "<div>"),
	}, nil
}
