package train_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/text/tokenizer"
	"github.com/fmkit/fmkit/text/tokenizer/train"
)

var update = flag.Bool("update", false, "write the small tokenizers of ../testdata again")

// TestSmall holds the trained tokenizers in ../testdata to the bytes: on every machine the same text gives the same file.
func TestSmall(t *testing.T) {
	page, err := os.ReadFile("../testdata/page.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func() (*tokenizer.Tokenizer, error){
		"wordpiece": func() (*tokenizer.Tokenizer, error) {
			return train.WordPiece(context.Background(), lines(string(page)), train.Config{VocabSize: 500})
		},
		"wordpiece-cased": func() (*tokenizer.Tokenizer, error) {
			return train.WordPiece(context.Background(), lines(string(page)), train.Config{VocabSize: 500, Cased: true})
		},
		"bytelevel": func() (*tokenizer.Tokenizer, error) {
			return train.ByteLevelBPE(context.Background(), lines(string(page)), train.Config{VocabSize: 450})
		},
		"roberta": func() (*tokenizer.Tokenizer, error) {
			return train.ByteLevelBPE(context.Background(), lines(string(page)), train.Config{
				VocabSize: 450, PrefixSpace: true, Special: []string{"<s>", "<pad>", "</s>", "<unk>", "<mask>"}, Cls: "<s>", Sep: "</s>",
			})
		},
	} {
		tok, err := make()
		if err != nil {
			t.Fatal(err)
		}
		got, err := tok.JSON()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("..", "testdata", name, "tokenizer.json")
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: training gives another file than %s", name, path)
		}
	}
}
