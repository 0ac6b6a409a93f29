package corpus

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
)

// TestDialogues reads both forms; a turn and the next are a pair.
func TestDialogues(t *testing.T) {
	dir := folder(t, map[string]string{
		"corpus.json": `{"sources": [{"name": "d", "format": "dialogues", "paths": ["a.json", "b.json"]}]}`,
		"a.json":      `[{"dialogue_id": "1", "turns": [{"speaker": "USER", "utterance": "i want to book  a flight"}, {"utterance": "where would you like to go?"}, {"utterance": " "}]}]`,
		"b.json":      `[{"conversation_id": "2", "utterances": [{"index": 0, "text": "a tea for me please"}, {"text": "which size of tea would you like?"}]}, {"utterances": []}]`,
	})
	if _, err := build(t, dir, Options{}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, dir, "out", "d.txt"), "i want to book a flight\nwhere would you like to go?\n\na tea for me please\nwhich size of tea would you like?\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if pairs := read(t, dir, "out", "pairs.jsonl"); strings.Count(pairs, `"turn"`) != 2 || !strings.Contains(pairs, "which size of tea") {
		t.Errorf("pairs %s, want two of turns", pairs)
	}
}

func FuzzDialogues(f *testing.F) {
	f.Add(`[{"turns": [{"utterance": "a"}]}, {"utterances": [{"text": "b c"}]}]`)
	f.Fuzz(func(t *testing.T, in string) { fuzzReader(t, readDialogues, in) })
}

// fuzzReader wants documents with lines, or a RowError.
func fuzzReader(t *testing.T, read func(location, func(*document) error, func(string)) error, in string) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte(in), 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := read(location{real: path}, func(d *document) error {
		if n++; len(d.lines) == 0 {
			t.Errorf("%q: a document without lines", in)
		}
		return nil
	}, func(string) {})
	var row *data.RowError
	if err != nil && !errors.As(err, &row) || err == nil && n == 0 {
		t.Errorf("%q: %d documents, %v", in, n, err)
	}
}
