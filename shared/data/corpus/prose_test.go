package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// proseOf gives the lines of the documents in a text, documents apart by "", and how many lines were left out.
func proseOf(text string) (lines []string, dropped int) {
	p := newProseReader(func(d *document) error {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		for _, l := range d.lines {
			lines = append(lines, l.text)
		}
		return nil
	}, func(string) { dropped++ })
	for s := range strings.SplitSeq(text, "\n") {
		if p.line(s) != nil {
			return nil, 0
		}
	}
	if p.end() != nil {
		return nil, 0
	}
	return lines, dropped
}

func TestProse(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
		dropped    int
	}{
		{"wrapped lines", "The first line\ngoes on here. And a well-\nknown end.\n\nNext one.", []string{"The first line goes on here.", "And a well-known end.", "Next one."}, 0},
		{"two blank lines end a document", "One is here.\n\n\nTwo is here.", []string{"One is here.", "", "Two is here."}, 0},
		{"heading with a rule", "Text is here.\n\nA title\n=======\n\nMore text.", []string{"Text is here.", "", "More text."}, 2},
		{"heading in capitals", "CHAPTER IV\n\nText is here.", []string{"Text is here."}, 1},
		{"heading between signs", " = Homarus = \n \n It is a lobster . \n", []string{"It is a lobster ."}, 1},
		{"line without an end mark", "please cancel my order\n\nwhat is it", []string{"please cancel my order", "what is it"}, 0},
		{"table", "Text is here.\n\n| a | b |\n+---+---+\n| 1 | 2 |\n\nMore text.", []string{"Text is here.", "More text."}, 3},
		{"columns", "name     size     kind\nfoo      12       file\n", nil, 2},
		{"prompt", "Try this:\n\n>>> print(1)\n... pass\n\nIt prints.", []string{"Try this:", "It prints."}, 2},
		{"literal block", "Like this::\n\n   any text at all\n\n   and more\n\nThen text.", []string{"Like this:", "Then text."}, 2},
		{"fence", "Look.\n```\nsome text in it\n```\nAfter it.", []string{"Look.", "After it."}, 3},
		{"code", "import os\nfor x in y:\n    z = f(x)[0]\n", nil, 3},
		{"one line of code in a paragraph stays", "The call of the function that\nos.walk(top, topdown=True) makes is\na slow one.", []string{"The call of the function that os.walk(top, topdown=True) makes is a slow one."}, 0},
		{"directive", ".. function:: print(x)\n\n   Print it to the stream.\n", []string{"Print it to the stream."}, 1},
		{"code directive", ".. code-block:: c\n\n   a b c\n\nText.", []string{"Text."}, 2},
		{"comment", ".. In this version\n   it is a comment\n\nText is here [#]_.", []string{"Text is here."}, 2},
		{"items", "* One thing is\n  here.\n* Another thing.\n", []string{"One thing is here.", "Another thing."}, 0},
		{"inline markup", "Use ``this`` and *that* or **another** of `the links <http://x>`_ here.", []string{"Use this and that or another of the links here."}, 0},
		{"markup of others", "The [name of a page](http://y) is _so_ long that it <b>does not fit</b>.", []string{"The name of a page is so long that it does not fit."}, 0},
		{"quotation", "> It goes\n> on here.", []string{"It goes on here."}, 0},
	} {
		got, dropped := proseOf(c.text)
		if !slices.Equal(got, c.want) || dropped != c.dropped {
			t.Errorf("%s: got %q, %d dropped, want %q, %d", c.name, got, dropped, c.want, c.dropped)
		}
	}
}

// TestLongText holds that neither a document nor a paragraph grows with the file.
func TestLongText(t *testing.T) {
	longest := 0
	p := newProseReader(func(d *document) error { longest = max(longest, len(d.lines)); return nil }, func(string) {})
	for range 50_000 {
		if err := p.line("This is a sentence of some words."); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	if most := paragraphBytes/30 + documentWords; longest > most {
		t.Errorf("a document has %d lines, want at most %d", longest, most)
	}
}

func FuzzProse(f *testing.F) {
	f.Add("Title\n=====\n\nText is here.\n\n  >>> x\n\n* item\n```\ncode\n```\n.. note:: x\n\n   y::\n\n      z\n| a | b |\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines, _ := proseOf(text)
		for _, s := range lines {
			if strings.Contains(s, "\n") {
				t.Fatalf("%q: line %q", text, s)
			}
		}
	})
}

func TestBadFilesNameFileAndLine(t *testing.T) {
	for _, c := range []struct{ format, name, content, want string }{
		{"text", "a.txt", "good\nbad \xff\n", "a.txt:2"},
		{"text", "a.txt.gz", "no gzip", "a.txt.gz"},
		{"jsonl", "a.jsonl", "{\"text\": \"a b c.\"}\n{\"text\": 5}\n", `a.jsonl:2: field "text"`},
		{"jsonl", "a.jsonl", "{\"text\": \"a\"\n", "a.jsonl:1"},
		{"jsonl", "a.jsonl", "\n", "a.jsonl"},
		{"scitldr", "a.jsonl", "\n{\"source\": [1]}\n", `a.jsonl:2: field "source"`},
		{"squad", "a.json", `{"data": [{"paragraphs": [{"qas": []}]}]}`, "a.json"},
		{"qmsum", "a.jsonl", "{}\n", "a.jsonl:1"},
		{"multidogo", "a.tsv", "x\ty\n", "a.tsv:1"},
		{"dialogues", "a.json", `{"turns": []}`, "a.json"},
		{"dialogues", "a.json", `[{"turns": [{"utterance": "hello there"}]}, {"turns": 5}]`, "a.json: dialogue 2"},
		{"dialogues", "a.json", `[{"turns": [{"utterance": "hello there"}]}`, "a.json"},
		{"dialogues", "a.json", `[{"turns": [{"utterance": "hello there"}]}] []`, "a.json"},
		{"dialogues", "a.json", `[{"text": "hello"}]`, "a.json"},
		{"dict", "a.index", "word\tA\n", "a.index:1"},
		{"dict", "a.index", "word\tA\tB\nother\tA\t?\n", `a.index:2: field "length"`},
		{"dict", "a.index", "word\tA\t/////\n", `a.index:1: field "length"`},
		{"dict", "a.index", "word\tD\t/\n", "a.index:1"},
		{"wordnet", "a.index", "word\tA\tE\n", "a.index:1"},
		{"wordnet", "a.index", "00-database-info\tA\tE\n", "a.index"},
	} {
		dir := folder(t, map[string]string{
			"corpus.json": fmt.Sprintf(`{"sources": [{"name": "s", "format": %q, "paths": [%q]}]}`, c.format, c.name), c.name: c.content, "a.dict": "word\n",
		})
		_, err := build(t, dir, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: got %v, want %s named", c.format, c.content, err, c.want)
		}
		if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
			t.Errorf("%s %q: left a corpus", c.format, c.content)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".out*")); len(left) > 0 {
			t.Errorf("%s %q: left %v", c.format, c.content, left)
		}
	}
}
