package corpus

import (
	"errors"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
)

// TestSelfDialogues: turns stand in the order of their numbers, not of the columns, and are pairs.
func TestSelfDialogues(t *testing.T) {
	dir := folder(t, map[string]string{
		"corpus.json": `{"sources": [{"name": "d", "format": "selfdialogues", "paths": ["a.csv"]}]}`,
		"a.csv": "\"Id\",\"Answer.sentence1\",\"Answer.sentence10\",\"Answer.sentence2\",\"Reward\"\n" +
			"1,\"have you seen the \"\"new\"\" film, then?\",it was good fun for everybody there,\"yes, i saw it\nwith some friends\",0.10\n2,,,\n",
	})
	if _, err := build(t, dir, Options{}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, dir, "out", "d.txt"), "have you seen the \"new\" film, then?\nyes, i saw it with some friends\nit was good fun for everybody there\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if pairs := read(t, dir, "out", "pairs.jsonl"); strings.Count(pairs, `"turn"`) != 2 {
		t.Errorf("pairs %s, want two of turns", pairs)
	}
}

// TestIRC: names, times and notices go, and no line is taken for the answer to another.
func TestIRC(t *testing.T) {
	dir := folder(t, map[string]string{
		"corpus.json": `{"sources": [{"name": "c", "format": "irc", "paths": ["a.log"]}]}`,
		"a.log": "[11:12] <wren> how do i restart the print server?\n=== rook [~rook@example.org] has joined #help\n" +
			"[11:13] <ro|ok> wren: look at the manual page for that\n[11:13:05] <finch> note: it asks for a password first\n[11:14]  * wren waves\n",
	})
	if _, err := build(t, dir, Options{}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, dir, "out", "c.txt"), "how do i restart the print server?\nlook at the manual page for that\nit asks for a password first\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if pairs := read(t, dir, "out", "pairs.jsonl"); pairs != "" {
		t.Errorf("pairs %s, want none", pairs)
	}
}

// TestChatErrors: a file of another kind is named.
func TestChatErrors(t *testing.T) {
	for format, files := range map[string][]string{
		"selfdialogues": {"", "a,b\n1,2\n", "Answer.sentence1\n", "Answer.sentence1\n\"open\n"},
		"irc":           {"", "no log\n", "[11:12] <a> \xff\n"},
	} {
		for _, text := range files {
			dir := folder(t, map[string]string{"corpus.json": `{"sources": [{"name": "d", "format": "` + format + `", "paths": ["a.file"]}]}`, "a.file": text})
			var row *data.RowError
			if _, err := build(t, dir, Options{}); !errors.As(err, &row) || !strings.HasSuffix(row.File, "a.file") {
				t.Errorf("%s: %q: got %v, want a RowError of a.file", format, text, err)
			}
		}
	}
}

func FuzzSelfDialogues(f *testing.F) {
	f.Add("Answer.sentence2,Answer.sentence1\nb,a\n")
	f.Fuzz(func(t *testing.T, in string) { fuzzReader(t, readSelfDialogues, in) })
}

func FuzzIRC(f *testing.F) {
	f.Add("[11:12] <a> b: c d\n")
	f.Fuzz(func(t *testing.T, in string) { fuzzReader(t, readIRC, in) })
}
