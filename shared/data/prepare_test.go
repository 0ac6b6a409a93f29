package data

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data/datatest"
)

func TestPrepareReal(t *testing.T) {
	for _, c := range []struct {
		name, src string
		rows      map[string]int
	}{
		{"banking77", "cls-banking77/train.csv", map[string]int{"train.csv": 10003}},
		{"bitext", "cls-bitext-support/train.csv", map[string]int{"train.csv": 15682}},
		{"clinc150", "cls-clinc150/data_full.train-val.json", map[string]int{"train.csv": 15000, "val.csv": 3000, "oos_train.csv": 100, "oos_val.csv": 100}},
		{"snips", "slots-snips", map[string]int{"train.csv": 13784}},
		{"snips-slots", "slots-snips", map[string]int{"train.jsonl": 13784}},
		{"restaurant8k", "slots-restaurant8k/train_0.json", map[string]int{"train.jsonl": 8198}},
		{"scitldr", "sum-scitldr/dev.jsonl", map[string]int{"dev.jsonl": 619}},
		{"qmsum", "sum-qmsum/val.jsonl", map[string]int{"val.jsonl": 237}},
		{"passages", "sum-qmsum/val.jsonl", map[string]int{"sum-qmsum-val.jsonl": 237}},
		{"passages", "sum-scitldr/dev.jsonl", map[string]int{"sum-scitldr-dev.jsonl": 619}},
		{"passages", "qa-policyqa/policyqa.dev.json", map[string]int{"qa-policyqa-policyqa.dev.jsonl": 574}},
		{"squad", "qa-squad/squad-dev-v1.1.part-dev.json", map[string]int{"train.json": -1, "held.json": -1}},
		{"multidogo", "dialogue-multidogo", map[string]int{"train.jsonl": -1, "dev.jsonl": -1, "train-intents.csv": -1, "dev-intents.csv": -1, "train-dialogues.jsonl": -1, "dev-dialogues.jsonl": -1}},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		out, err := Prepare(c.name, datatest.Path(t, c.src), dir, PrepareOptions{Seed: 1})
		if err != nil || len(out) != len(c.rows) {
			t.Errorf("%s: %v %v", c.name, out, err)
			continue
		}
		for _, p := range out {
			want, ok := c.rows[filepath.Base(p.Path)]
			if !ok || want >= 0 && p.Rows != want {
				t.Errorf("%s: %s has %d rows, want %d", c.name, p.Path, p.Rows, want)
			}
			if got := countRows(t, p.Path); got != p.Rows {
				t.Errorf("%s: %s reads back as %d rows, want %d", c.name, p.Path, got, p.Rows)
			}
		}
		if files, _ := os.ReadDir(dir); len(files) != len(c.rows) {
			t.Errorf("%s: left %v", c.name, files)
		}
	}
}

// TestPrepareHeld holds back texts of every class, and gives every text to one side.
func TestPrepareHeld(t *testing.T) {
	var in strings.Builder
	in.WriteString("text,category\n")
	for i := range 40 {
		fmt.Fprintf(&in, "text %d,%s\n", i, []string{"a", "b"}[i%2])
	}
	src := filepath.Join(t.TempDir(), "in.csv")
	if err := os.WriteFile(src, []byte(in.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := Prepare("banking77", src, t.TempDir(), PrepareOptions{Held: 0.2, Seed: 1})
	if err != nil || len(out) != 2 || out[0].Rows != 32 || out[1].Rows != 8 {
		t.Fatalf("%v %v, want 32 and 8 rows", out, err)
	}
	seen, count := map[string]bool{}, map[string]int{}
	for _, p := range out {
		for r, err := range ReadLabelled(p.Path, LabelledOptions{}) {
			if err != nil || seen[r.Text] {
				t.Errorf("%s: %q, %v", p.Path, r.Text, err)
			}
			seen[r.Text] = true
			count[filepath.Base(p.Path)+r.Label]++
		}
	}
	if count["held.csva"] != 4 || count["held.csvb"] != 4 || len(seen) != 40 {
		t.Errorf("%d texts, %v, want 40, 4 of each class held back", len(seen), count)
	}
}

// countRows reads a prepared file with the reader meant for it.
func countRows(t *testing.T, path string) int {
	t.Helper()
	n := 0
	add := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	switch filepath.Ext(path) {
	case ".csv":
		for _, err := range ReadLabelled(path, LabelledOptions{}) {
			add(err)
		}
	case ".json":
		for _, err := range ReadSQuAD(path) {
			add(err)
		}
	default:
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(b), `{"text"`) {
			for _, err := range Lines(path) {
				add(err)
			}
			return n
		}
		if strings.HasSuffix(path, "-dialogues.jsonl") {
			for _, err := range ReadDialogues(path) {
				add(err)
			}
			return n
		}
		if strings.HasPrefix(string(b), `{"tokens"`) {
			for _, err := range ReadTagged(path) {
				add(err)
			}
			return n
		}
		for _, err := range ReadSummaries(path, SummaryOptions{}) {
			add(err)
		}
	}
	return n
}

// TestPrepareSQuADLeaksNothing: no article is on both sides.
func TestPrepareSQuADLeaksNothing(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"data":[`)
	for i := range 20 {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(`{"title":"t` + string(rune('a'+i)) + `","paragraphs":[{"context":"abc ` + string(rune('a'+i)) + `","qas":[{"id":"1","question":"q","answers":[{"text":"b","answer_start":1}]}]}]}`)
	}
	b.WriteString(`]}`)
	dir := t.TempDir()
	out, err := Prepare("squad", writeFile(t, "a.json", b.String()), dir, PrepareOptions{Held: 0.25, Seed: 2})
	if err != nil || len(out) != 2 || out[0].Rows != 15 || out[1].Rows != 5 {
		t.Fatal(out, err)
	}
	side := map[string]string{}
	for _, p := range out {
		for q, err := range ReadSQuAD(p.Path) {
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := side[q.Title]; ok && s != p.Path {
				t.Errorf("article %s is on both sides", q.Title)
			}
			side[q.Title] = p.Path
		}
	}
	if len(side) != 20 {
		t.Errorf("%d articles", len(side))
	}
}

// TestPrepareSQuADJoin: questions without an answer stand by the paragraph that they ask about, the articles are divided as without them, and no paragraph is on both sides.
func TestPrepareSQuADJoin(t *testing.T) {
	src, more := datatest.Path(t, "qa-squad/squad-dev-v1.1.part-dev.json"), datatest.Path(t, "qa-squad/squad-dev-v2.0.unanswerable.part-dev.json")
	sides := func(join []string) (rows []int, sides map[string]int, impossible int) {
		out, err := Prepare("squad", src, t.TempDir(), PrepareOptions{Held: 0.2, Seed: 3, Join: join})
		if err != nil {
			t.Fatal(err)
		}
		sides = map[string]int{}
		for side, p := range out {
			rows = append(rows, p.Rows)
			last := ""
			for q, err := range ReadSQuAD(p.Path) {
				if err != nil {
					t.Fatal(err)
				}
				at, seen := sides[q.Context]
				if seen && (at != side || q.Context != last) {
					t.Fatalf("paragraph %.40q comes twice", q.Context)
				}
				sides[q.Context], last = side, q.Context
				if q.Impossible {
					impossible++
				}
			}
		}
		return rows, sides, impossible
	}
	_, alone, _ := sides(nil)
	rows, joined, impossible := sides([]string{more})
	if rows[0]+rows[1] != 7176+4222 || impossible != 4222 || !maps.Equal(alone, joined) {
		t.Errorf("%v questions, %d without an answer, of %d paragraphs; want 11398, 4222 and the same split of %d", rows, impossible, len(joined), len(alone))
	}
}

// squadOf writes articles of one paragraph each: title, context, identifier of its question.
func squadOf(t *testing.T, name string, articles ...[3]string) string {
	var all []string
	for _, a := range articles {
		all = append(all, fmt.Sprintf(`{"title":%q,"paragraphs":[{"context":%q,"qas":[{"id":%q,"question":"q <&>","answers":[]}]}]}`, a[0], a[1], a[2]))
	}
	return writeFile(t, name, `{"data":[`+strings.Join(all, ",")+`]}`)
}

// TestPrepareSQuADShared: what shares a paragraph or a title stays together, and questions that aren't on a known paragraph are kept.
func TestPrepareSQuADShared(t *testing.T) {
	src := squadOf(t, "a.json", [3]string{"a", "one", "1"}, [3]string{"b", "two", "2"}, [3]string{"c", "one ", "3"})
	join := squadOf(t, "b.json", [3]string{"b", "two", "4"}, [3]string{"b", "three", "5"}, [3]string{"d", "four", "6"}, [3]string{"", "four", "7"})
	for seed := range uint64(8) {
		out, err := Prepare("squad", src, t.TempDir(), PrepareOptions{Held: 0.5, Seed: seed, Join: []string{join}})
		if err != nil {
			t.Fatal(err)
		}
		side, order := map[string]string{}, ""
		for _, p := range out {
			for q, err := range ReadSQuAD(p.Path) {
				if err != nil {
					t.Fatal(err)
				}
				side[q.ID] = p.Path
				order += q.ID
			}
		}
		if len(side) != 7 || side["1"] != side["3"] || side["2"] != side["4"] || side["2"] != side["5"] || side["6"] != side["7"] || !strings.Contains(order, "245") {
			t.Errorf("seed %d: sides %v, order %s", seed, side, order)
		}
	}
	for name, c := range map[string]struct{ src, join, want string }{
		"the same identifier": {src, squadOf(t, "c.json", [3]string{"e", "five", "2"}), `"2" is one of`},
		"nothing to split":    {squadOf(t, "d.json", [3]string{"a", "one", "1"}, [3]string{"b", "one", "2"}), squadOf(t, "e.json", [3]string{"a", "six", "3"}), "want at least 2"},
		"no SQuAD":            {src, writeFile(t, "f.json", "[]"), "f.json"},
	} {
		if _, err := Prepare("squad", c.src, t.TempDir(), PrepareOptions{Join: []string{c.join}}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if _, err := Prepare("snips", src, t.TempDir(), PrepareOptions{Join: []string{join}}); err == nil || !strings.Contains(err.Error(), "join") {
		t.Errorf("joined snips: %v", err)
	}
}

func TestPrepareErrors(t *testing.T) {
	src := writeFile(t, "train.csv", "text,category\na,b\n")
	if _, err := Prepare("nothing", src, t.TempDir(), PrepareOptions{}); err == nil || !strings.Contains(err.Error(), "banking77") {
		t.Errorf("unknown name: %v", err)
	}
	if _, err := Prepare("banking77", src, filepath.Dir(src), PrepareOptions{}); err == nil {
		t.Error("wrote over its source")
	}
	if _, err := Prepare("squad", src, t.TempDir(), PrepareOptions{Held: 1}); err == nil {
		t.Error("held back everything")
	}
	bad := writeFile(t, "train.csv", "text,category\na,b\nc\n")
	dir := t.TempDir()
	if _, err := Prepare("banking77", bad, dir, PrepareOptions{}); err == nil {
		t.Error("took a ragged row")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind %v", left)
	}
	for _, s := range []string{`{"../x": [["a","b"]]}`, `{"x": [["a"]]}`, `{"x": []}`, `[]`} {
		if _, err := Prepare("clinc150", writeFile(t, "c.json", s), t.TempDir(), PrepareOptions{}); err == nil {
			t.Errorf("clinc150 took %s", s)
		}
	}
}

func TestHashFiles(t *testing.T) {
	a, b := writeFile(t, "a.txt", "abc"), writeFile(t, "b.txt", "abd")
	h, err := HashFiles(a, b)
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-2, appendix B.1
	if err != nil || len(h) != 2 || h[0].SHA256 != abc || h[0].Bytes != 3 {
		t.Fatal(h, err)
	}
	moved := h[0]
	moved.Path = "elsewhere"
	if Digest(h[:1]) != Digest([]FileHash{moved}) || Digest(h[:1]) == Digest(h[1:]) || Digest(h) == Digest([]FileHash{h[1], h[0]}) {
		t.Error("digest doesn't follow contents and order")
	}
	if _, err := HashFiles(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("missing file: no error")
	}
}
