package search_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

var ctx = context.Background()

func base(t testing.TB) *text.Model {
	t.Helper()
	m, err := texttest.Model(1, "the", "cat", "pump", "sleeps", "needs", "oil", "hay")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// passages are n texts; every third is the same as the one before it.
func passages(n int) []data.Passage {
	var all []data.Passage
	for i := range n {
		all = append(all, data.Passage{ID: fmt.Sprint("p", i), Text: fmt.Sprintf("the cat sleeps %d <&>", i-i%3/2)})
	}
	return all
}

func writePassages(t *testing.T, path string, all []data.Passage) {
	t.Helper()
	var b strings.Builder
	for _, p := range all {
		raw, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(raw, '\n'))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFindsTheSameText(t *testing.T) {
	x, err := search.New(base(t), search.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	all := passages(100)
	if err := x.Add(ctx, all[:40]); err != nil {
		t.Fatal(err)
	}
	if err := x.Add(ctx, all[40:]); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, p := range all {
		texts = append(texts, p.Text)
	}
	hits, err := x.Search(ctx, texts, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range hits {
		first := i - i%3/2 // of equal texts the earlier one
		if h[0].CorpusID != first || h[0].ID != all[first].ID || h[0].Text != texts[i] || h[0].Score < 0.999 || h[0].Score > 1.001 || h[1].Score > h[0].Score {
			t.Errorf("%q: got %+v, want passage %d", texts[i], h, first)
		}
	}
}

// TestAddAcrossBlocks holds that an index that grew answers as one made at once does.
func TestAddAcrossBlocks(t *testing.T) {
	m, all := base(t), passages(2100)
	made := func(parts ...int) [][]search.Hit {
		x, err := search.New(m, search.Settings{MaxLength: 8})
		if err != nil {
			t.Fatal(err)
		}
		rest := all
		for _, n := range parts {
			if err := x.Add(ctx, rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		hits, err := x.Search(ctx, []string{"the cat", "hay 7"}, 2100)
		if err != nil {
			t.Fatal(err)
		}
		return hits
	}
	want := made(2100)
	for _, parts := range [][]int{{1, 2099}, {1024, 1076}, {1000, 30, 1070}} {
		if got := made(parts...); !reflect.DeepEqual(got, want) {
			t.Errorf("added as %v it answers otherwise", parts)
		}
	}
}

func TestSaveAndLoad(t *testing.T) {
	m, dir := base(t), t.TempDir()
	path, out := filepath.Join(dir, "passages.jsonl"), filepath.Join(dir, "index")
	writePassages(t, path, passages(50))
	x, p, err := search.Build(ctx, m, path, search.Settings{Pooling: "max", MaxLength: 12}, out)
	if err != nil {
		t.Fatal(err)
	}
	y, err := search.Load(out, m)
	if err != nil {
		t.Fatal(err)
	}
	if y.Len() != 50 || y.Settings() != x.Settings() || y.Passport().Digest != p.Digest {
		t.Errorf("%d passages, %+v, %s", y.Len(), y.Settings(), y.Passport().Digest)
	}
	_, files := texttest.Embedded(t, m, out)
	z, err := search.LoadFS(files, m)
	if err != nil {
		t.Fatal(err)
	}
	want, err := x.Search(ctx, []string{"the pump", "hay 7"}, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []*search.Index{y, z} {
		if got, err := o.Search(ctx, []string{"the pump", "hay 7"}, 50); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("a loaded index answers otherwise: %v", err)
		}
	}
	v, err := search.Verify(ctx, out, m)
	if err != nil || !v.Match {
		t.Errorf("%+v, %v", v, err)
	}
	other, err := texttest.Model(2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := search.Load(out, other); !errors.Is(err, adapter.ErrBaseMismatch) {
		t.Errorf("another base: %v", err)
	}
	writePassages(t, path, passages(49))
	if _, err := search.Verify(ctx, out, m); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("other passages: %v", err)
	}
}

// TestRefusesDamage changes the files of an index.
func TestRefusesDamage(t *testing.T) {
	m, dir := base(t), t.TempDir()
	x, err := search.New(m, search.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Save(filepath.Join(dir, "none"), nil); !errors.Is(err, data.ErrEmpty) {
		t.Errorf("an index of nothing: %v", err)
	}
	if err := x.Add(ctx, passages(5)); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		file, from, to string
		want           error
	}{
		{"passages.jsonl", "cat", "dog", adapter.ErrDigest},
		{"fmkit.json", `"passages":5`, `"passages":6`, adapter.ErrPassport},
		{"fmkit.json", `"passages":5`, `"passages":4611686018427387904`, adapter.ErrPassport},
		{"fmkit.json", `"width":32`, `"width":16`, adapter.ErrPassport},
		{"fmkit.json", `"method": "index"`, `"method": "head"`, adapter.ErrPassport},
		{"fmkit.json", `"task": "search"`, `"task": "qa"`, adapter.ErrTask},
	} {
		out := filepath.Join(dir, fmt.Sprint(i))
		if _, err := x.Save(out, nil); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(out, c.file)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := string(raw)
		from, to := c.from, c.to
		if !strings.Contains(s, from) { // as the passport is indented or not
			from, to = strings.ReplaceAll(from, `":`, `": `), strings.ReplaceAll(to, `":`, `": `)
		}
		if !strings.Contains(s, from) {
			t.Fatalf("%s has no %s: %s", c.file, from, s)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(s, from, to, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := search.Load(out, m); !errors.Is(err, c.want) {
			t.Errorf("%s for %s: got %v, want %v", c.to, c.from, err, c.want)
		}
	}
	out := filepath.Join(dir, "gone")
	if _, err := x.Save(out, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(out, "passages.jsonl")); err != nil {
		t.Fatal(err)
	}
	if _, err := search.Load(out, m); !errors.Is(err, adapter.ErrPassport) {
		t.Errorf("no passages: %v", err)
	}
}

func TestPredictJSON(t *testing.T) {
	x, err := search.New(base(t), search.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Add(ctx, passages(20)); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]int{`{"query": "cat"}`: 10, `{"query": "cat", "k": 3}`: 3, `{"query": "cat", "k": 30}`: 20} {
		a, err := x.PredictJSON(ctx, []byte(line))
		if err != nil || len(a.([]search.Hit)) != want {
			t.Errorf("%s: %v, %v", line, a, err)
		}
	}
	for line, want := range map[string]string{`{}`: "query", `{"query": "a", "k": 0}`: "k: got 0", `{"query": "a", "k": -1}`: "k: got -1", `{"text": "a"}`: "text"} {
		if _, err := x.PredictJSON(ctx, []byte(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
}

func TestEvaluate(t *testing.T) {
	x, err := search.New(base(t), search.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Add(ctx, passages(20)); err != nil {
		t.Fatal(err)
	}
	s, err := search.Evaluate(ctx, x, []data.Query{{Text: "the cat sleeps 6 <&>", IDs: []string{"p6"}}, {Text: "the cat sleeps 9 <&>", IDs: []string{"p9"}}})
	if err != nil || s.N != 2 || s.Values["recall@1"] != 1 || s.Values["ndcg@10"] != 1 {
		t.Errorf("%v, %v", s, err)
	}
	if _, err := search.Evaluate(ctx, x, []data.Query{{Text: "a", IDs: []string{"p99"}}}); !errors.Is(err, data.ErrUnknown) {
		t.Errorf("an unknown id: %v", err)
	}
}

func Example() {
	base, err := texttest.Model(1, "the", "cat", "pump", "sleeps", "needs", "oil")
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := search.New(base, search.Settings{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := x.Add(ctx, []data.Passage{{ID: "a", Text: "The cat sleeps."}, {ID: "b", Text: "The pump needs oil."}}); err != nil {
		fmt.Println(err)
		return
	}
	hits, err := x.Search(ctx, []string{"pump oil"}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hits[0][0].ID, hits[0][0].Text)
	// Output: b The pump needs oil.
}
