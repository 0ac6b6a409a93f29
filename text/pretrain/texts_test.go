package pretrain

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/data/corpus"
)

// corpusFolder writes what package corpus leaves.
func corpusFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	m := corpus.Manifest{Sources: []corpus.SourceReport{{Name: "a", Format: "text", Weight: 1}}}
	for name, text := range map[string]string{"a.txt": "One.\nTwo.\n\nThree.\n", "pairs.jsonl": `{"a":"one","b":"two","kind":"next","source":"a"}` + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		m.Output = append(m.Output, data.FileHash{Path: name})
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, corpus.ManifestFile), raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTextsOfACorpus(t *testing.T) {
	dir := corpusFolder(t)
	for _, wants := range []bool{false, true} {
		x, err := openTexts(Options{Data: []string{dir}}, wants)
		if err != nil {
			t.Fatal(err)
		}
		docs, err := data.Collect(x.documents())
		if want := []string{"One.\nTwo.", "Three."}; err != nil || !slices.Equal(docs, want) {
			t.Errorf("documents: got %q, %v, want %q", docs, err, want)
		}
		if len(x.files) != 2 || filepath.Base(x.files[0].Path) != corpus.ManifestFile {
			t.Errorf("got hashes of %v, want the manifest's and the text's", x.files)
		}
		if got := len(x.pairs) == 1 && len(x.pairSums) == 1; got != wants {
			t.Errorf("pairs wanted: %t, got %v", wants, x.pairs)
		}
	}
	if _, err := openTexts(Options{Data: []string{dir, filepath.Join(dir, "a.txt")}}, false); err == nil {
		t.Error("a corpus beside another path passed")
	}
	if err := os.Remove(filepath.Join(dir, "a.txt")); err != nil {
		t.Fatal(err)
	}
	if _, err := openTexts(Options{Data: []string{dir}}, false); err == nil {
		t.Error("a corpus without its text passed")
	}
}

func TestTextsOfPlainFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("One.\n\nTwo.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	x, err := openTexts(Options{Data: []string{path}}, true)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := data.Collect(x.documents())
	if want := []string{"One.\n\nTwo."}; err != nil || !slices.Equal(docs, want) {
		t.Errorf("documents: got %q, %v, want %q", docs, err, want)
	}
}
