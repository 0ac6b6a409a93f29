package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/text"
	trainer "github.com/fmkit/fmkit/text/tokenizer/train"
)

// fm runs the program and gives its standard output, the code that it would exit with, and its error.
func fm(t *testing.T, stdin string, args ...string) (stdout string, code int, err error) {
	t.Helper()
	var out, log strings.Builder
	ctx := t.Context()
	err = run(ctx, args, strings.NewReader(stdin), &out, &log)
	code = report(ctx, err, &log)
	if err != nil && !strings.Contains(log.String(), err.Error()) {
		t.Errorf("standard error lacks %q", err)
	}
	return out.String(), code, err
}

// mustFM is fm where it has to succeed.
func mustFM(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, code, err := fm(t, stdin, args...)
	if err != nil || code != exitDone {
		t.Fatalf("fm %q: code %d, %v", args, code, err)
	}
	return out
}

// evalPredictions scores a file of predictions made elsewhere, and gives the scores or the code and error that fm ends with.
func evalPredictions(t *testing.T, task, data, predictions string) (map[string]any, int, error) {
	t.Helper()
	out, code, err := fm(t, "", "eval", task, "--json", "--data", data, "--predictions", predictions)
	if err != nil {
		return nil, code, err
	}
	return lastObject(t, out), code, nil
}

// lastObject decodes the last line of standard output.
func lastObject(t *testing.T, out string) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	var v map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &v); err != nil {
		t.Fatalf("last line is no JSON object: %v\n%s", err, out)
	}
	return v
}

// write makes a file in dir.
func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// animals and machines are two classes that differ in their words.
var (
	animals  = []string{"cat", "dog", "horse", "bird", "mouse", "sheep"}
	machines = []string{"engine", "printer", "pump", "drill", "lathe", "crane"}
	animal   = []string{"the %s sleeps in the hay", "a %s ate the grass", "my %s runs to the river"}
	machine  = []string{"the %s needs new oil", "a %s broke its belt", "my %s makes a loud noise"}
)

// labelledCSV writes sentences of two classes.
func labelledCSV(t *testing.T, dir, name string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("text,label\n")
	for i := range animals {
		for j := range animal {
			fmt.Fprintf(&b, animal[j]+",animal\n", animals[i])
			fmt.Fprintf(&b, machine[j]+",machine\n", machines[i])
		}
	}
	return write(t, dir, name, b.String())
}

// smallBase writes a model folder with a vocabulary of the test's words and random weights.
func smallBase(t *testing.T, dir string, seed uint64) string {
	t.Helper()
	lines := func(yield func(string, error) bool) {
		for i := range animals {
			for j := range animal {
				if !yield(fmt.Sprintf(animal[j], animals[i]), nil) || !yield(fmt.Sprintf(machine[j], machines[i]), nil) {
					return
				}
			}
		}
	}
	tok, err := trainer.WordPiece(context.Background(), lines, trainer.Config{VocabSize: 300})
	if err != nil {
		t.Fatal(err)
	}
	c := text.Config{Config: backbone.Config{Hidden: 32, Layers: 1, Heads: 2, MaxPositions: 64, Types: 2}}
	m, err := text.New(c, tok, seed)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, fmt.Sprintf("base-%d", seed))
	if err := m.Save(path, text.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	return path
}

// tree lists the files under dir, to see that nothing was written.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}
