package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// build makes the corpus of dir/corpus.json in dir/out.
func build(t *testing.T, dir string, o Options) (*Manifest, error) {
	t.Helper()
	c, err := ReadConfig(filepath.Join(dir, "corpus.json"), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return Build(context.Background(), c, filepath.Join(dir, "out"), o)
}

func read(t *testing.T, elem ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func readPairs(t *testing.T, dir string) (all []Pair) {
	t.Helper()
	for s := range strings.Lines(read(t, dir, "out", PairsFile)) {
		var p Pair
		if err := json.Unmarshal([]byte(s), &p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

const novel = `CHAPTER I

The old house stood at the end of the lane, where nobody had
walked for years. Mr. Brown lived there with "two cats!" And a dog.

-----------------

A second paragraph follows the first one here.
`

// planted is an evaluation sentence of more than 13 words, and short ones.
const planted = "please tell me how many days it takes until my new card arrives at home"

func TestBuild(t *testing.T) {
	dir := folder(t, map[string]string{
		"corpus.json": `{"sources": [{"name": "books", "format": "text", "paths": ["books"]}, {"name": "lines", "format": "jsonl", "paths": ["more.jsonl"]}]}`,
		"books/a.txt": novel,
		"more.jsonl":  `{"text": "The old house stood at the end of the lane, where nobody had walked for years. New words come here."}` + "\n",
	})
	m, err := build(t, dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "The old house stood at the end of the lane, where nobody had walked for years.\n" +
		"Mr. Brown lived there with \"two cats!\"\nAnd a dog.\nA second paragraph follows the first one here.\n"
	if got := read(t, dir, "out", "books.txt"); got != want {
		t.Errorf("books.txt is %q, want %q", got, want)
	}
	if got, want := read(t, dir, "out", "lines.txt"), "New words come here.\n"; got != want {
		t.Errorf("lines.txt is %q, want %q", got, want)
	}
	if got := readPairs(t, dir); len(got) != 1 || got[0].Kind != "next" || !strings.HasPrefix(got[0].B, "Mr. Brown") {
		t.Errorf("pairs %+v", got)
	}
	for _, s := range m.Sources {
		checkSums(t, s)
	}
	if r := m.Sources[1]; r.NearDuplicates.Sentences != 1 || r.Kept != (Count{1, 1, 4}) || r.Written != r.Kept {
		t.Errorf("report %+v", r)
	}
	first := read(t, dir, "out", ManifestFile)
	if _, err := build(t, dir, Options{}); err != nil {
		t.Fatal(err)
	}
	if again := read(t, dir, "out", ManifestFile); again != first || strings.Contains(first, dir) {
		t.Error("the manifest is not a function of the inputs")
	}
}

// checkSums holds that what was read is what was dropped and kept.
func checkSums(t *testing.T, s SourceReport) {
	t.Helper()
	sum := s.Cleaned
	sum.add(s.NearDuplicates)
	sum.add(s.Overlaps)
	sum.add(s.Kept)
	if sum != s.Read {
		t.Errorf("%s: dropped and kept are %+v, read %+v", s.Name, sum, s.Read)
	}
}

// TestEvaluationTextIsDropped plants evaluation texts in a source: a long sentence, one over the end of a sentence, a short one inside
// another sentence, a very short one as a line and inside one.
func TestEvaluationTextIsDropped(t *testing.T) {
	dir := folder(t, map[string]string{
		"corpus.json": `{"sources": [{"name": "s", "format": "text", "paths": ["s.txt"]}], "exclude": ["eval.csv", "eval.json*"]}`,
		"eval.csv":    "text,label\n" + planted + ",a\nwhere is my parcel now,b\ngood morning friend,c\n",
		"eval.jsonl":  `{"source": ["One sentence ends in the middle of the text.", "The other one goes on from there."], "target": "A summary of it all."}` + "\n",
		"s.txt": `The day began in the usual way. Then she wrote: Please tell me how many days it takes until my new card arrives at home! Nothing came back.

It was said that one sentence ends in the middle of the text. The other one goes on from there, or so he thought. This line stays where it is.

He shouted: where is my parcel now? Good morning, friend. She said good morning friend to him.
`,
	})
	m, err := build(t, dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"The day began in the usual way.", "Nothing came back.", "This line stays where it is.", "She said good morning friend to him."}
	if got := strings.Split(strings.TrimSpace(read(t, dir, "out", "s.txt")), "\n"); !slices.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
	r := m.Sources[0]
	checkSums(t, r)
	if want := map[string]int64{"eval.csv": 3, "eval.jsonl": 2}; !maps.Equal(r.OverlapsWith, want) || r.Overlaps.Sentences != 5 {
		t.Errorf("overlaps %+v with %v, want %v", r.Overlaps, r.OverlapsWith, want)
	}
	if _, err := build(t, dir, Options{Strict: true}); !errors.Is(err, ErrOverlap) || !strings.Contains(err.Error(), planted) {
		t.Errorf("strict: got %v, want %v that names the text", err, ErrOverlap)
	}
	evaluation := []string{filepath.Join(dir, "eval.csv"), filepath.Join(dir, "eval.jsonl")}
	if hits, err := CheckOverlap(context.Background(), filepath.Join(dir, "out"), evaluation); err != nil || len(hits) > 0 {
		t.Errorf("the corpus: %+v %v", hits, err)
	}
	hits, err := CheckOverlap(context.Background(), filepath.Join(dir, "s.txt"), evaluation)
	if err != nil || len(hits) != 3 || hits[0].Line != 1 || hits[0].With != planted || hits[0].Words != 13 {
		t.Errorf("the source: %+v %v", hits, err)
	}
}
