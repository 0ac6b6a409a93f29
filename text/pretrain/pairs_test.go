package pretrain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
)

// numbered is a text of words that no other number has.
func numbered(i int) string {
	return fmt.Sprintf("item %d of the long list has the number %d", i, i*7919)
}

// pairFile writes n pairs, of three kinds in turns.
func pairFile(t *testing.T, n int) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for i := range n {
		if err := e.Encode(pairRow{A: numbered(2 * i), B: numbered(2*i + 1), Kind: []string{"title", "answer", "next"}[i%3], Source: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "pairs.jsonl")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// testSource is the source of a run on numbered lines, with a small model.
func testSource(t *testing.T, c Config, pairs ...string) *source {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "corpus.txt")
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintln(&b, numbered(i))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	x, err := openTexts(Options{Data: []string{path}}, false)
	if err != nil {
		t.Fatal(err)
	}
	x.pairs = pairs
	co, err := openTokens(t.Context(), c, dir, x, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { co.close() })
	config := c.Model
	config.VocabSize = 0
	m, err := text.New(config, co.tokenizer, 1)
	if err != nil {
		t.Fatal(err)
	}
	return &source{model: m, tokens: co, texts: x, config: c, key: random.Key(c.Train.Seed, "pretrain.samples")}
}

// testConfig is a recipe for testSource with a contrastive objective alone.
func testConfig(t *testing.T) Config {
	t.Helper()
	c, err := Default("tiny")
	if err != nil {
		t.Fatal(err)
	}
	c.Model.Config = backbone.Config{Hidden: 16, Layers: 1, Heads: 2, MaxPositions: 32}.Defaults()
	c.Model.VocabSize, c.Length, c.Short, c.Masked = 200, 32, 0.3, nil
	c.Contrastive = &Contrastive{Share: 1, Batch: 4, Length: 32, Temperature: 0.1}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

func newTestContrastive(t *testing.T, s *source) *contrastive {
	t.Helper()
	o, _, err := newContrastive(s)
	if err != nil {
		t.Fatal(err)
	}
	return o.(*contrastive)
}

// rows are the rows of a batch as strings, without padding.
func rows(b *batch) []string {
	var all []string
	for i, n := range b.nn.Lengths {
		all = append(all, fmt.Sprint(b.ids[i*b.nn.T:][:n]))
	}
	return all
}

// TestPairsHeldBack: every pair is either trained on, once an epoch, or held back.
func TestPairsHeldBack(t *testing.T) {
	const n = 900
	s := testSource(t, testConfig(t), pairFile(t, n))
	kinds, err := s.pairs(32)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	total, back := 0, 0
	for _, k := range kinds {
		names = append(names, k.name())
		seen := map[string]int{}
		for i := range k.held() {
			a, b, err := k.heldPair(i)
			if err != nil {
				t.Fatal(err)
			}
			seen[fmt.Sprint(a, b)] = 2
		}
		back += k.held()
		for epoch := range int64(2) {
			for i := range k.size() {
				a, b, err := k.pair(epoch*k.size() + i)
				if err != nil {
					t.Fatal(err)
				}
				if seen[fmt.Sprint(a, b)]++; seen[fmt.Sprint(a, b)] > int(epoch)+1 {
					t.Fatalf("%s: pair %d of epoch %d is held back, or comes twice", k.name(), i, epoch)
				}
			}
		}
		total += len(seen)
	}
	if !slices.Equal(names, []string{"answer", "next", "title"}) || total != n {
		t.Errorf("got kinds %q of %d pairs, want three of %d", names, total, n)
	}
	if sigma := math.Sqrt(n / heldPairs); math.Abs(float64(back)-n/heldPairs) > 5*sigma {
		t.Errorf("%d pairs of %d are held back, want about %d", back, n, n/heldPairs)
	}
}

// TestPairsArePure: a pair and a micro-batch depend on their numbers alone, not on what was asked before.
func TestPairsArePure(t *testing.T) {
	c := testConfig(t)
	c.Contrastive.Kinds = map[string]float64{"title": 1, cropKind: 1, twinKind: 1}
	path := pairFile(t, 300)
	first, second := newTestContrastive(t, testSource(t, c, path)), newTestContrastive(t, testSource(t, c, path))
	for i := range int64(40) {
		micro := (i*17 + 5) % 40
		a, err := first.batch(place{micro: i})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := second.batch(place{micro: micro}); err != nil {
			t.Fatal(err)
		}
		b, err := second.batch(place{micro: i})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(rows(a), rows(b)) || !slices.Equal(a.nn.Keys, b.nn.Keys) || a.nn.T != b.nn.T {
			t.Fatalf("micro-batch %d: got another one by another way", i)
		}
	}
}

// TestKindsShares: micro-batches are of one kind each, drawn by the shares, and by the numbers of pairs where none are given.
func TestKindsShares(t *testing.T) {
	const n = 4000
	path := pairFile(t, 300)
	for name, c := range map[string]struct{ kinds, want map[string]float64 }{
		"given":  {map[string]float64{"title": 3, "answer": 0, cropKind: 1}, map[string]float64{"title": 0.75, cropKind: 0.25}},
		"by num": {nil, nil},
	} {
		config := testConfig(t)
		config.Contrastive.Kinds = c.kinds
		o := newTestContrastive(t, testSource(t, config, path))
		if c.want == nil {
			c.want = map[string]float64{}
			var all int64
			for _, k := range o.kinds {
				all += k.size()
			}
			for _, k := range o.kinds {
				c.want[k.name()] = float64(k.size()) / float64(all)
			}
			if len(c.want) != 3 {
				t.Errorf("%s: got shares %v, want those of the three kinds in the file", name, c.want)
			}
		}
		counts := map[string]float64{}
		for micro := range int64(n) {
			counts[o.kinds[o.turns.draw(micro)].name()]++
		}
		if len(counts) != len(c.want) {
			t.Errorf("%s: got kinds %v, want %v", name, counts, c.want)
		}
		for kind, share := range c.want {
			if sigma := math.Sqrt(n * share * (1 - share)); math.Abs(counts[kind]-n*share) > 5*sigma {
				t.Errorf("%s: %s has %g micro-batches of %d, want a share of %g", name, kind, counts[kind], n, share)
			}
		}
	}
}

// inside says whether part is a stretch of whole.
func inside(part, whole []int32) bool {
	for i := range len(whole) - len(part) + 1 {
		if slices.Equal(whole[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// TestCropsAndTwins: crops are parts of one window that don't overlap, twins a text twice; those of training come out of the training part, the others out of
// the one held back.
func TestCropsAndTwins(t *testing.T) {
	c := testConfig(t)
	s := testSource(t, c)
	parts := map[bool][]int32{}
	for held, f := range map[bool]*data.TokenFile{false: s.tokens.train, true: s.tokens.held} {
		parts[held] = make([]int32, f.Tokens())
		if err := f.Read(parts[held], 0); err != nil {
			t.Fatal(err)
		}
	}
	cls, sep := s.model.Cls(), s.model.Sep()
	for _, length := range []int{8, 32} {
		for _, k := range []pairKind{&crops{windowTexts{s.windows(), length}}, &twins{windowTexts{s.windows(), length}}} {
			check := func(a, b []int32, held bool) {
				t.Helper()
				for _, row := range [][]int32{a, b} {
					n := len(row)
					if n > length || n < 3 || row[0] != cls || row[n-1] != sep || !inside(row[1:n-1], parts[held]) {
						t.Fatalf("%s, held back %t: got row %v, want up to %d tokens of that part in its frame", k.name(), held, row, length)
					}
				}
				if k.name() == twinKind && !slices.Equal(a, b) {
					t.Fatalf("twins differ: %v and %v", a, b)
				}
			}
			for i := range int64(200) {
				a, b, err := k.pair(i)
				if err != nil {
					t.Fatal(err)
				}
				check(a, b, false)
			}
			for i := range min(k.held(), 20) {
				a, b, err := k.heldPair(i)
				if err != nil {
					t.Fatal(err)
				}
				check(a, b, true)
			}
		}
	}
	// The first part ends where the second begins, or before: together with what lies between they are a stretch of the window.
	w := windowTexts{s.windows(), 32}
	k := &crops{w}
	for i := range int64(200) {
		text, err := w.read(w.windows.train, i)
		if err != nil {
			t.Fatal(err)
		}
		a, b, err := k.pair(i)
		if err != nil {
			t.Fatal(err)
		}
		half := len(text) / 2
		if !inside(a[1:len(a)-1], text[:half]) || !inside(b[1:len(b)-1], text[half:]) || 2*(len(a)-2) < half-1 || 2*(len(b)-2) < half-1 {
			t.Fatalf("window %d: %v gives %v and %v, want at least half of each half", i, text, a, b)
		}
	}
}

// TestContrastiveRefuses names what is wrong with the kinds.
func TestContrastiveRefuses(t *testing.T) {
	path := pairFile(t, 60)
	s := testSource(t, testConfig(t))
	for name, c := range map[string]struct {
		kinds map[string]float64
		files []string
		want  string
	}{
		"no pairs":    {nil, nil, "no pairs: name a file"},
		"no kind":     {map[string]float64{"titel": 1}, []string{path}, `no pairs of kind "titel"`},
		"no share":    {map[string]float64{"title": 0}, []string{path}, "no pairs: name a file"},
		"no file":     {nil, []string{path + "x"}, "no such file"},
		"not a share": {map[string]float64{"title": math.NaN()}, nil, "contrastive.kinds.title"},
	} {
		config := testConfig(t)
		config.Contrastive.Kinds = c.kinds
		err := config.Validate()
		if err == nil {
			s.config, s.texts.pairs = config, c.files
			_, _, err = newContrastive(s)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// TestPairsNameTheLine: an error says which file and which line.
func TestPairsNameTheLine(t *testing.T) {
	const good = `{"a": "one", "b": "two", "kind": "title", "source": "x"}`
	for name, line := range map[string]string{
		"not JSON":     `{"a": "one", "b"`,
		"no partner":   `{"a": "one", "kind": "title"}`,
		"no kind":      `{"a": "one", "b": "two"}`,
		"a list":       `["one", "two"]`,
		"null":         `null`,
		"a number":     `{"a": 1, "b": "two", "kind": "title"}`,
		"two objects":  good + good,
		"kind of ours": `{"a": "one", "b": "two", "kind": "crop"}`,
		"too long":     `{"a": "` + strings.Repeat("x", 1<<20) + `", "b": "two", "kind": "title"}`,
	} {
		path := filepath.Join(t.TempDir(), "pairs.jsonl")
		if err := os.WriteFile(path, []byte(good+"\n\n"+good+"\n"+line+"\n"+good+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		n := 0
		err := eachPair(path, func(pairRow) { n++ })
		if err == nil || !strings.Contains(err.Error(), path+":4:") || n != 2 || len(err.Error()) > 1000 {
			t.Errorf("%s: got %d pairs and %.200v, want 2 and an error at %s:4", name, n, err, path)
		}
	}
	if err := eachPair(filepath.Join(t.TempDir(), "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
}

func FuzzPairs(f *testing.F) {
	f.Add([]byte(`{"a": "one", "b": "two", "kind": "title", "source": "x"}` + "\n"))
	f.Add([]byte("\n\n{}\n"))
	f.Add([]byte(`{"a": "\ud800", "b": " ", "kind": "k", "more": [1]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n := 0
		err := readPairs(bytes.NewReader(raw), "pairs", func(r pairRow) {
			n++
			if r.A == "" || r.B == "" || r.Kind == "" || r.Kind == cropKind || r.Kind == twinKind {
				t.Errorf("got %+v", r)
			}
		})
		if most := bytes.Count(raw, []byte("\n")) + 1; n > most {
			t.Errorf("got %d pairs from %d lines", n, most)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "pretrain: pairs:") {
			t.Errorf("got %v, want an error that names the line", err)
		}
	})
}
