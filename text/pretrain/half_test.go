package pretrain_test

import (
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/rerun"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/pretrain"
)

// TestHalf holds that a base stored as float16 verifies and loads.
func TestHalf(t *testing.T) {
	c := config(5)
	c.Half = true
	out := filepath.Join(t.TempDir(), "run")
	r, err := pretrain.Run(t.Context(), c, pretrain.Options{Data: []string{corpus(t)}, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	tensors, _, err := checkpoint.ReadFile(filepath.Join(out, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range tensors {
		if s.DType != checkpoint.F16 {
			t.Errorf("%s is %v, want F16", s.Name, s.DType)
		}
	}
	if got := checkpoint.Digest(tensors); got != r.Digest {
		t.Errorf("digest of the file: got %s, want %s", got, r.Digest)
	}
	v, err := pretrain.Verify(t.Context(), out, rerun.Options{})
	if err != nil || !v.Match || v.Want != r.Digest {
		t.Errorf("got %+v, %v, want a match with %s", v, err, r.Digest)
	}
	if _, err := text.Load(out); err != nil {
		t.Error(err)
	}
}
