package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestEntitiesGolden compares with seqeval; FMKIT_ENTITIES names a file of more cases from the golden script.
func TestEntitiesGolden(t *testing.T) {
	var cases []struct {
		Want, Got                       [][]string
		Entities                        [][][3]any
		Precision, Recall, F1, Accuracy float64
		Types                           map[string][4]float64
	}
	readJSON(t, cmp.Or(os.Getenv("FMKIT_ENTITIES"), filepath.Join("testdata", "entities.json")), &cases)
	if len(cases) < 40 {
		t.Fatalf("%d cases", len(cases))
	}
	for n, c := range cases {
		for i, tags := range c.Want {
			var want []Entity
			for _, e := range c.Entities[i] {
				want = append(want, Entity{e[0].(string), int(e[1].(float64)), int(e[2].(float64))})
			}
			if got := Entities(tags); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("case %d: entities of %q: got %v, want %v", n, tags, got, want)
			}
		}
		s, err := ScoreEntities(c.Want, c.Got)
		if err != nil {
			t.Fatal(err)
		}
		got := [4]float64{s.All.Precision(), s.All.Recall(), s.All.F1(), s.Accuracy()}
		for i, want := range [4]float64{c.Precision, c.Recall, c.F1, c.Accuracy} {
			if !near(got[i], want) {
				t.Errorf("case %d: score %d: got %v, want %v", n, i, got[i], want)
			}
		}
		if len(s.Types) != len(c.Types) {
			t.Errorf("case %d: got the types %v, want %v", n, s.Types, c.Types)
		}
		for kind, want := range c.Types {
			e := s.Types[kind]
			for i, got := range [4]float64{e.Precision(), e.Recall(), e.F1(), float64(e.Want)} {
				if !near(got, want[i]) {
					t.Errorf("case %d: %s: score %d: got %v, want %v", n, kind, i, got, want[i])
				}
			}
		}
	}
}

func TestScoreEntitiesRefuses(t *testing.T) {
	if _, err := ScoreEntities(nil, nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := ScoreEntities([][]string{{"O"}}, [][]string{{"O", "O"}}); err == nil {
		t.Error("sentences of one and two words are compared")
	}
}

func ExampleScoreEntities() {
	want := [][]string{{"B-PER", "I-PER", "O", "B-LOC"}}
	got := [][]string{{"B-PER", "I-PER", "O", "O"}}
	s, err := ScoreEntities(want, got)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f %.2f %.2f %.2f\n", s.All.Precision(), s.All.Recall(), s.All.F1(), s.Accuracy())
	// Output:
	// 1.00 0.50 0.67 0.75
}
