package baseline_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/fmkit/fmkit/adapters/tagger/baseline"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/data/datatest"
)

// TestWNUT holds what the package comment says: names of the training part, scored on the development part, whose names are new ones.
func TestWNUT(t *testing.T) {
	dir := datatest.Path(t, "ner-wnut17")
	train, err := data.Collect(data.ReadTagged(filepath.Join(dir, "wnut17train.conll")))
	if err != nil {
		t.Fatal(err)
	}
	dev, err := data.Collect(data.ReadTagged(filepath.Join(dir, "emerging.dev.conll")))
	if err != nil || len(train) != 3394 || len(dev) != 1009 {
		t.Fatalf("%d and %d sentences, %v", len(train), len(dev), err)
	}
	m, err := baseline.Fit(context.Background(), train, baseline.Options{Epochs: 2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.Evaluate(dev)
	if err != nil {
		t.Fatal(err)
	}
	if s.Values["f1"] < 0.14 || s.Values["accuracy"] < 0.9 {
		t.Errorf("scores %v", s)
	}
}

func TestRepeats(t *testing.T) {
	var train []data.Tagged
	for i := range 50 {
		train = append(train, data.Tagged{Tokens: []string{"in", []string{"Ulm", "Kiel", "Trier", "Mainz", "Jena"}[i%5], fmt.Sprint(i)}, Tags: []string{"O", "B-place", "O"}})
	}
	fit := func(seed uint64) []string {
		m, err := baseline.Fit(context.Background(), train, baseline.Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return m.Tag([]string{"in", "Bonn", "by", "night", "in", "1999"})
	}
	if a, b := fit(1), fit(1); !reflect.DeepEqual(a, b) || a[1] != "B-place" {
		t.Errorf("got %q and %q", a, b)
	}
	if _, err := baseline.Fit(context.Background(), nil, baseline.Options{}); !errors.Is(err, data.ErrEmpty) {
		t.Errorf("nothing to learn from: %v", err)
	}
}

func ExampleFit() {
	var train []data.Tagged
	for _, place := range []string{"Ulm", "Kiel", "Trier", "Mainz"} {
		train = append(train, data.Tagged{Tokens: []string{"we", "live", "in", place}, Tags: []string{"O", "O", "O", "B-place"}})
	}
	m, err := baseline.Fit(context.Background(), train, baseline.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Tag([]string{"they", "live", "in", "Bonn"}))
	// Output:
	// [O O O B-place]
}
