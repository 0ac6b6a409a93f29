package inspector

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/vision/dataset"
)

// odd are pictures of textures with something wrong: even ones have a spot, odd ones lines the other way.
type odd int

var oddKinds = []string{"spot", "turned"}

func (n odd) Len() int { return int(n) }
func (n odd) Read(pixels []float32, i int) error {
	if i%2 == 1 {
		return textures{}.Read(pixels, 5000+i)
	}
	if err := (textures{1, 1 << 30}).Read(pixels, 5000+i); err != nil {
		return err
	}
	for y := range 4 {
		for x := range 4 {
			pixels[(8+y)*24+4+x] = float32(6 - 12*((x+y)%2))
		}
	}
	return nil
}

func (n odd) kinds() []string {
	all := make([]string, n)
	for i := range all {
		all[i] = oddKinds[i%2]
	}
	return all
}

// TestNaming: a few pictures of each kind, of which nobody says where they are defective, name others; verdicts and maps stay as they are, and bits on any number of workers.
func TestNaming(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	s := viewed(24, 24, View{Layers: []int{1, 2}, Step: 8, Cell: 1})
	s.Neighbourhood, s.Whiten, s.Whole, s.Names = 1, 0.01, true, 6
	w := windows(t, s)
	p, err := Fit(context.Background(), w, textures{60, 60}, s)
	if err != nil {
		t.Fatal(err)
	}
	learn := func() *Inspector {
		q, leftOut, err := p.Naming(context.Background(), odd(12), odd(12).kinds())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(leftOut, odd(12).kinds()) || !slices.Equal(q.Kinds(), oddKinds) {
			t.Errorf("left out they are called %q, of the kinds %q", leftOut, q.Kinds())
		}
		return q
	}
	q := learn()
	kernels.SetWorkers(3)
	if again := learn(); !slices.Equal(q.naming.head.W.Value, again.naming.head.W.Value) || !slices.Equal(q.naming.head.B.Value, again.naming.head.B.Value) {
		t.Error("other bits with other workers")
	}
	dir := t.TempDir() + "/a"
	if _, err := q.Save(dir, about(), nil); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(dir, w, sum)
	if err != nil {
		t.Fatal(err)
	}
	if items := make([]dataset.Item, 3); len(loaded.Unseen(items)) != 3 { // its passport names no data
		t.Error("pictures are left out that nobody has learnt from")
	}
	pixels, right := make([]float32, 24*24), 0
	for i := 100; i < 140; i++ {
		if err := odd(0).Read(pixels, i); err != nil {
			t.Fatal(err)
		}
		a, err := q.Inspect(pixels)
		if err != nil {
			t.Fatal(err)
		}
		was, err := p.Inspect(pixels)
		if err != nil || was.Class != "" || was.Score != a.Score || !slices.Equal(was.Map.Values, a.Map.Values) || was.Label != a.Label {
			t.Fatalf("without names it is %+v, %v, with names %+v", was, err, a)
		}
		b, err := loaded.Inspect(pixels)
		if err != nil || b.Class != a.Class {
			t.Fatalf("loaded: got %+v, %v, want %+v", b, err, a)
		}
		if a.Label == Defect && a.Class == oddKinds[i%2] {
			right++
		}
		for _, b := range a.Boxes {
			if a.Label == Defect && b.Label != a.Class {
				t.Errorf("a box of %s in a picture of %s", b.Label, a.Class)
			}
		}
	}
	if right < 36 {
		t.Errorf("%d of 40 found and named right, want at least 36", right)
	}
	if err := (textures{1, 1 << 30}).Read(pixels, 900); err != nil {
		t.Fatal(err)
	}
	if a, err := q.Inspect(pixels); err != nil || a.Label == Defect || a.Class != "" {
		t.Errorf("a good picture: %+v, %v", a, err)
	}
}

// TestNamingOfOneKind: whatever is defective has the only name.
func TestNamingOfOneKind(t *testing.T) {
	p, _, err := fitted(t, settings()).Naming(context.Background(), weaves(1), []string{"hole"})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := p.Inspect(flawed(3)); err != nil || a.Class != "hole" || a.Boxes[0].Label != "hole" {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestNamingRefuses(t *testing.T) {
	p := fitted(t, settings())
	for _, kinds := range [][]string{nil, {"a"}, {"a", "b", "c"}} {
		if q, _, err := p.Naming(context.Background(), weaves(2), kinds); err == nil || q != nil || !strings.Contains(err.Error(), "got 2 defective pictures") {
			t.Errorf("%q: got %v", kinds, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := p.Naming(ctx, weaves(2), []string{"a", "b"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestLoadRefusesNames: kinds that no naming has.
func TestLoadRefusesNames(t *testing.T) {
	p, _, err := fitted(t, settings()).Naming(context.Background(), weaves(2), []string{"hole", "stain"})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() + "/a"
	if _, err := p.Save(dir, about(), nil); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(dir + "/fmkit.json")
	if err != nil {
		t.Fatal(err)
	}
	for kinds, want := range map[string]error{
		`["stain", "hole"]`: adapter.ErrPassport, `["hole", "hole"]`: adapter.ErrPassport, `["", "hole"]`: adapter.ErrPassport, `["hole"]`: adapter.ErrTensors, `[]`: adapter.ErrTensors,
	} {
		changed := regexp.MustCompile(`"kinds": \[[^]]*\]`).ReplaceAll(raw, []byte(`"kinds": `+kinds))
		if bytes.Equal(raw, changed) {
			t.Fatalf("no kinds in %s", raw)
		}
		if err := os.WriteFile(dir+"/fmkit.json", changed, 0o644); err != nil {
			t.Fatal(err)
		}
		if p, err := Load(dir, cells{}, sum); !errors.Is(err, want) || p != nil {
			t.Errorf("%s: got %v, want %v", kinds, err, want)
		}
	}
}

// TestDefects: those of train where it has some, else all; as many of each label.
func TestDefects(t *testing.T) {
	var items []dataset.Item
	for _, k := range []string{"test/good", "test/hole", "test/stain", "train/good"} {
		split, label, _ := strings.Cut(k, "/")
		for i := range 5 {
			items = append(items, dataset.Item{ID: k + string(rune('0'+i)), Split: split, Label: label})
		}
	}
	bad, err := Defects(items, 3, 1)
	if err != nil || len(bad) != 6 || !slices.Equal(dataset.Labels(bad), []string{"hole", "hole", "hole", "stain", "stain", "stain"}) {
		t.Errorf("got %q, %v", dataset.Labels(bad), err)
	}
	if _, err := Defects(items, 6, 1); !errors.Is(err, data.ErrTooFewShots) {
		t.Errorf("got %v", err)
	}
	items[5].Split = "train"
	if bad, err = Defects(items, 1, 1); err != nil || len(bad) != 1 || bad[0].ID != items[5].ID {
		t.Errorf("got %+v, %v", bad, err)
	}
}
