package train

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/text"
)

// TestWindowsOfPeer compares the rows to train on, and where they point, with those of cmd/bench/tune_qa.py --windows, of questions with an answer and without: in this folder
//
//	python ../../../cmd/bench/tune_qa.py --base ../../../text/mini/model --train testdata/questions.json --eval - --length 48 --windows testdata/windows.jsonl
//
// and of whatever model and questions FMKIT_QA_WINDOWS is such a file of.
func TestWindowsOfPeer(t *testing.T) {
	files := []string{filepath.Join("testdata", "windows.jsonl")}
	if own := os.Getenv("FMKIT_QA_WINDOWS"); own != "" {
		files = append(files, own)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		var made struct {
			Base, Data        string
			Length, Questions int
		}
		if lines.Scan(); json.Unmarshal(lines.Bytes(), &made) != nil {
			t.Fatalf("%s: %q", name, lines.Bytes())
		}
		got := ours(t, made.Base, made.Data, made.Length, made.Questions)
		n, answered := 0, 0
		for ; lines.Scan(); n++ {
			var ids, types []int32
			var start, end int
			if err := json.Unmarshal(lines.Bytes(), &[]any{&ids, &types, &start, &end}); err != nil {
				t.Fatal(err)
			}
			if n >= len(got) {
				continue
			}
			if w := got[n]; !slices.Equal(w.IDs, ids) || !slices.Equal(w.Types, types) || w.Start != start || w.End != end || w.HoldsAnswer != (end > 0) {
				t.Fatalf("%s: window %d: got %+v, want %v, %v, %d to %d", name, n, w, ids, types, start, end)
			}
			if end > 0 {
				answered++
			}
		}
		if n != len(got) || n == 0 || answered == 0 || answered == n {
			t.Errorf("%s: got %d windows, want %d; %d hold the answer", name, len(got), n, answered)
		}
		t.Logf("%s: %d windows, %d hold the answer, %d point at [CLS]", name, n, answered, n-answered)
	}
}

// ours are the windows to train on of the first questions of a file; 0 means all.
func ours(t *testing.T, base, file string, length, limit int) []qa.Window {
	m, err := text.Load(base)
	if err != nil {
		t.Fatal(err)
	}
	questions, err := data.Collect(data.ReadSQuAD(file))
	if err != nil {
		t.Fatal(err)
	}
	if limit > 0 {
		questions = questions[:min(limit, len(questions))]
	}
	c := Defaults()
	c.MaxLength = length
	s, err := c.settings(m, true)
	if err != nil {
		t.Fatal(err)
	}
	all, err := windows(m, questions, s, c.Unanswered)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
