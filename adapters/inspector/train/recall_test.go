package train

import (
	"testing"

	"github.com/fmkit/fmkit/shared/metrics"
)

// TestFinding: recall is that at one false box a picture, or at one false alarm in a hundred good pictures.
func TestFinding(t *testing.T) {
	at := func(x float64) metrics.Box { return metrics.Box{XMin: x, XMax: x + 20, YMax: 20} }
	boxes := &Finding{Bad: []bool{true, true}, Boxes: Boxes{
		Images: 2, Group: []string{"a", "b"}, // the room for another group is not for what is measured
		Truth: []metrics.TrueBox{{Image: 0, Box: at(0)}, {Image: 1, Box: at(0)}, {Image: 1, Box: at(30)}},
		Found: []metrics.FoundBox{
			{Image: 0, Box: at(50), Score: 9}, {Image: 0, Box: at(1), Score: 8}, {Image: 1, Box: at(60), Score: 7}, {Image: 1, Box: at(30), Score: 6.5}, {Image: 1, Box: at(90), Score: 6}, {Image: 1, Box: at(0), Score: 5},
		},
	}}
	got := boxes.OfBoxes(0.33)
	if want := []metrics.Ratio{{Num: 1, Den: 1}, {Num: 1, Den: 2}}; got[0] != want[0] || got[1] != want[1] {
		t.Errorf("boxes: got %v, want %v: the last defect comes after what is false", got, want)
	}
	pictures := &Finding{Bad: []bool{true, true, false}, Scores: []float64{3, 1, 2}}
	got, err := pictures.OfPictures()
	if want := []metrics.Ratio{{Num: 1, Den: 1}, {Num: 0, Den: 1}, {}}; err != nil || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("pictures: got %v, %v, want %v", got, err, want)
	}
	if _, err := (&Finding{Bad: []bool{true}, Scores: []float64{1}}).OfPictures(); err == nil {
		t.Error("without good pictures: got no error")
	}
}
