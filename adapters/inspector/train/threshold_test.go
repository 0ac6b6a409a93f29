package train

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/dataset"
)

// TestThresholdOfGroups: where false boxes come by groups, the threshold leaves room for a group that hasn't been seen.
func TestThresholdOfGroups(t *testing.T) {
	b := Boxes{Images: 8, Group: []string{"a", "a", "b", "b", "c", "c", "d", "d"}}
	for i := range 8 {
		b.Truth = append(b.Truth, metrics.TrueBox{Image: i, Box: box(0, 0, 10, 10)})
		for k := range 3 { // the k-th of picture i scores less from picture to picture, then from k to k
			b.Found = append(b.Found, metrics.FoundBox{Image: i, Box: box(50, 50, 10, 10), Score: 1 - 0.1*float64(k) - 0.01*float64(i)})
		}
	}
	pooled := b
	pooled.Group = nil
	if got, want := pooled.Threshold(1, 0.33), math.Nextafter(0.9, 1); got != want {
		t.Errorf("without groups: got %g, want %g: 8 false boxes in 8 pictures", got, want)
	}
	// The mean over four groups and one that counts 2 may be 1, so the four have 3 together: 6 boxes, those of the first 3 groups.
	if got, want := b.Threshold(1, 0.33), math.Nextafter(1-0.01*6, 2); got != want {
		t.Errorf("with groups: got %g, want %g", got, want)
	}
	// A wild group counts 2 at most, so that it isn't all that is looked at; pictures may have 1 on average, whatever the groups.
	for i := range b.Found {
		b.Found[i].Image = 7
	}
	if got, want := b.Threshold(1, 0.33), math.Nextafter(0.9, 1); math.Abs(got-want) > 1e-9 {
		t.Errorf("a wild group: got %g, want %g", got, want)
	}
}

// TestParts: groups stay whole, and labels are spread where there are none.
func TestParts(t *testing.T) {
	var boards, cloths []dataset.Item
	for i := range 12 {
		id := string(rune('a' + i))
		boards = append(boards, dataset.Item{ID: id, Label: "defect", Group: string(rune('p' + i%4))})
		cloths = append(cloths, dataset.Item{ID: id, Label: []string{"good", "hole"}[i/6]})
	}
	of := map[string]int{}
	for i, p := range parts(boards, 3, 1) {
		if was, ok := of[boards[i].Group]; ok && was != p {
			t.Errorf("group %s is in parts %d and %d", boards[i].Group, was, p)
		}
		of[boards[i].Group] = p
	}
	count := map[string]int{}
	for i, p := range parts(cloths, 3, 1) {
		count[cloths[i].Label+string(rune('0'+p))]++
	}
	for k, n := range count {
		if n != 2 {
			t.Errorf("%s: got %d pictures in a part, want 2", k, n)
		}
	}
	if len(count) != 6 {
		t.Errorf("got parts %v, want three of each label", count)
	}
}

// TestVagueMatch: where nobody knows where a picture is defective, its surest box is right and no other one wrong.
func TestVagueMatch(t *testing.T) {
	b := Boxes{
		Images: 2, Vague: []bool{true, false},
		Truth: []metrics.TrueBox{{Image: 0, Class: "a", Box: box(0, 0, 100, 100)}},
		Found: []metrics.FoundBox{
			{Image: 0, Class: "b", Box: box(1, 1, 2, 2), Score: 1}, {Image: 0, Class: "a", Box: box(7, 7, 2, 2), Score: 2}, {Image: 1, Class: "a", Box: box(1, 1, 2, 2), Score: 3},
		},
	}
	s, err := b.Scores(0, 0.33)
	if err != nil || s.Values["recall"] != 1 || s.Values["named"] != 1 || s.Values["false_per_image"] != 0.5 {
		t.Errorf("got %v, %v", s, err)
	}
	if s, err = b.Scores(2.5, 0.33); err != nil || s.Values["recall"] != 0 {
		t.Errorf("above the boxes: got %v, %v", s, err)
	}
}
