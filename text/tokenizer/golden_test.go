package tokenizer_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// data gives the path of a file under FMKIT_DATA, which must be there once the variable is set.
func data(tb testing.TB, name ...string) string {
	tb.Helper()
	root := os.Getenv("FMKIT_DATA")
	if root == "" {
		tb.Skip("FMKIT_DATA is not set")
	}
	path := filepath.Join(append([]string{root}, name...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Fatal(err)
	}
	return path
}

func load(tb testing.TB, name ...string) *tokenizer.Tokenizer {
	tb.Helper()
	t, err := tokenizer.Load(data(tb, name...))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func fromVocab(tb testing.TB, lower bool, name ...string) *tokenizer.Tokenizer {
	tb.Helper()
	raw, err := os.ReadFile(data(tb, name...))
	if err != nil {
		tb.Fatal(err)
	}
	vocab := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	for i := range vocab {
		vocab[i] = strings.TrimSuffix(vocab[i], "\r")
	}
	t, err := tokenizer.NewWordPiece(vocab, tokenizer.BertOptions{Lowercase: lower})
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// TestSquadQuestions holds ids and tokens against the 7,176 questions that came with BERT's vocabulary in another library.
func TestSquadQuestions(t *testing.T) {
	for name, tok := range map[string]*tokenizer.Tokenizer{
		"tokenizer.json": load(t, "tokenizers", "bert-base-uncased", "tokenizer.json"),
		"vocab.txt":      fromVocab(t, true, "tokenizers", "bert-base-uncased", "vocab.txt"),
	} {
		raw, err := os.ReadFile(data(t, "tokenizers", "bert-base-uncased", "golden.squad-questions.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for s := bufio.NewScanner(bytes.NewReader(raw)); s.Scan(); n++ {
			var want struct {
				Text      string
				WordPiece []string
				IDs       []int32
			}
			if err := json.Unmarshal(s.Bytes(), &want); err != nil {
				t.Fatal(err)
			}
			if got := tok.AppendIDs(nil, want.Text); !slices.Equal(got, want.IDs) {
				t.Fatalf("%s: %q: got ids %v, want %v", name, want.Text, got, want.IDs)
			}
			e, err := tok.EncodePlain(want.Text)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(e.IDs, want.IDs) || !slices.Equal(e.Tokens, want.WordPiece) {
				t.Fatalf("%s: %q: got tokens %q, want %q", name, want.Text, e.Tokens, want.WordPiece)
			}
		}
		if n != 7176 {
			t.Fatalf("%s: got %d questions, want 7176", name, n)
		}
	}
}
