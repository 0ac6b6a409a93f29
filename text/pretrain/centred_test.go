package pretrain_test

import (
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/shared/rerun"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/pretrain"
)

// TestCentredRun: a base whose word embeddings were whitened is stored with centred vectors, and verifies whole and from a checkpoint.
func TestCentredRun(t *testing.T) {
	for _, half := range []bool{false, true} {
		c := config(60)
		c.Half = half
		c.CoOccurrence = &pretrain.CoOccurrence{Window: 3, Smooth: 0.75, Power: 0.5, Std: 0.2, Letters: 0.5, Whiten: 0.5}
		out := filepath.Join(t.TempDir(), "run")
		r, err := pretrain.Run(t.Context(), c, pretrain.Options{Data: []string{corpus(t)}, Out: out})
		if err != nil {
			t.Fatal(err)
		}
		for _, last := range []int{0, 20} {
			if v, err := pretrain.Verify(t.Context(), out, rerun.Options{Last: last}); err != nil || !v.Match || v.Want != r.Digest {
				t.Errorf("half %t, last %d: got %+v, %v, want a match with %s", half, last, v, err, r.Digest)
			}
		}
		if _, err := text.Load(out); err != nil {
			t.Error(err)
		}
	}
}
