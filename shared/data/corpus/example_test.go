package corpus_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/data/corpus"
)

func Example() {
	dir, err := os.MkdirTemp("", "corpus")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for name, content := range map[string]string{
		"corpus.json": `{"sources": [{"name": "books", "format": "text", "paths": ["$BOOKS"]}], "exclude": ["test.csv"]}`,
		"book.txt":    "CHAPTER I\n\nIt rained all day, and the river\nrose. Where can I find my lost card? Nobody knew.\n",
		"test.csv":    "text,label\nwhere can i find my lost card,card\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}
	config, err := corpus.ReadConfig(filepath.Join(dir, "corpus.json"), func(string) string { return "book.txt" })
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := corpus.Build(context.Background(), config, filepath.Join(dir, "out"), corpus.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := os.ReadFile(filepath.Join(dir, "out", "books.txt"))
	fmt.Print(string(text))
	fmt.Println(m.Sources[0].OverlapsWith, err)
	// Output:
	// It rained all day, and the river rose.
	// Nobody knew.
	// map[test.csv:1] <nil>
}

func ExampleCheckOverlap() {
	dir, err := os.MkdirTemp("", "corpus")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	test, text := filepath.Join(dir, "test.csv"), filepath.Join(dir, "text.txt")
	for path, content := range map[string]string{test: "text,label\nwhere can i find my lost card,card\n", text: "He asked:\nWhere can I find\nmy lost card?\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}
	hits, err := corpus.CheckOverlap(context.Background(), text, []string{test})
	for _, h := range hits {
		fmt.Println(h.Line, h.Words, h.With)
	}
	fmt.Println(err)
	// Output:
	// 3 7 where can i find my lost card
	// <nil>
}
