package train_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/finetune"
)

// TestHalf holds that an adapter stored as float16 verifies, takes half the space, and was scored as it is stored.
func TestHalf(t *testing.T) {
	m, c := base(t), config()
	c.Epochs = 1
	full, _ := adapt(t, m, c)
	c.Half = true
	dir, p := adapt(t, m, c)
	if p.DType != "F16" {
		t.Errorf("dtype: got %q, want F16", p.DType)
	}
	size := func(dir string) int64 {
		info, err := os.Stat(filepath.Join(dir, "adapter_model.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if a, b := size(dir), size(full); float64(a) > 0.6*float64(b) {
		t.Errorf("got %d bytes, float32 has %d", a, b)
	}
	v, err := train.Verify(t.Context(), dir, m, finetune.Options{})
	if err != nil || !v.Match || v.Want != p.Digest {
		t.Errorf("got %+v, %v, want a match with %s", v, err, p.Digest)
	}
	q, err := classifier.Load(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	d, err := train.ReadData(p.Data[0].Path, p.Data[1].Path, c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := classifier.Evaluate(t.Context(), q, d.Eval)
	if err != nil || !reflect.DeepEqual(got, p.Metrics) {
		t.Errorf("got %v, %v, the passport has %v", got, err, p.Metrics)
	}
}
