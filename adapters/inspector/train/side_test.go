package train

import (
	"errors"
	"testing"

	"github.com/fmkit/fmkit/shared/metrics"
)

// TestUsualSide is of boxes in all pictures, each by its longer side.
func TestUsualSide(t *testing.T) {
	if got := usualSide([]marked{{}}); got != 0 {
		t.Errorf("without boxes: got %g, want 0", got)
	}
	all := []marked{{boxes: []metrics.TrueBox{{Box: box(1, 2, 30, 10)}, {Box: box(0, 0, 5, 20)}}}, {}, {boxes: []metrics.TrueBox{{Box: box(7, 7, 90, 80)}}}}
	if got := usualSide(all); got != 30 {
		t.Errorf("got %g, want 30", got)
	}
	c := Default(true)
	if c.Sides = true; !errors.Is(c.Validate(), ErrConfig) {
		t.Error("with templates sides are no error")
	}
}
