package corpus

import (
	"fmt"
	"strings"
	"testing"
)

// TestWeight holds how often documents are written: whole passes after each other, then a part drawn by seed.
func TestWeight(t *testing.T) {
	var docs strings.Builder
	for i := range 200 {
		fmt.Fprintf(&docs, "{\"text\": \"Document number n%d is here.\\nIt has a second line n%d.\"}\n", i, i)
	}
	texts := func(weight float64, seed int) ([]string, *Manifest) {
		dir := folder(t, map[string]string{
			"corpus.json": fmt.Sprintf(`{"sources": [{"name": "a", "format": "jsonl", "paths": ["a.jsonl"], "weight": %g}], "seed": %d, "near_duplicate": 1}`, weight, seed),
			"a.jsonl":     docs.String(),
		})
		m, err := build(t, dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(read(t, dir, "out", "a.txt"), "\n"), "\n\n"), m
	}
	once, m := texts(1, 1)
	if len(once) != 200 || m.Pairs["next"] != 200 {
		t.Fatalf("weight 1: %d documents, %v", len(once), m.Pairs)
	}
	twice, m := texts(2, 1)
	if len(twice) != 400 || strings.Join(twice[:200], "|") != strings.Join(once, "|") || strings.Join(twice[200:], "|") != strings.Join(once, "|") {
		t.Errorf("weight 2: %d documents", len(twice))
	}
	if r := m.Sources[0]; m.Pairs["next"] != 200 || r.Written != (Count{400, 800, 4400}) || r.Kept != (Count{200, 400, 2200}) {
		t.Errorf("weight 2: %+v", r)
	}
	half, m := texts(0.5, 1)
	if len(half) < 70 || len(half) > 130 || m.Pairs["next"] != int64(len(half)) || m.Sources[0].Kept.Documents != 200 {
		t.Errorf("weight 0.5: %d documents, %v", len(half), m.Pairs)
	}
	other, _ := texts(0.5, 2)
	if strings.Join(other, "|") == strings.Join(half, "|") {
		t.Error("weight 0.5: another seed draws the same")
	}
	more, _ := texts(1.5, 1)
	if strings.Join(more[200:], "|") != strings.Join(half, "|") {
		t.Errorf("weight 1.5: %d documents, want all and then those of weight 0.5", len(more))
	}
}
