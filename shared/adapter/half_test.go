package adapter

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

// TestHalf holds that float16 weights come back as their rounded selves, with the digest of these.
func TestHalf(t *testing.T) {
	params := testParams()
	params[0].Value[0] = 0.1
	dir := filepath.Join(t.TempDir(), "adapter")
	p := testPassport()
	p.DType = "F16"
	saved, err := Save(dir, p, "SEQ_CLS", params, nil)
	if err != nil {
		t.Fatal(err)
	}
	if params[0].Value[0] != 0.1 {
		t.Error("saving changed the model")
	}
	got := empty(testParams())
	if err := load(dir, "classify", zeros, got); err != nil {
		t.Fatal(err)
	}
	for i, p := range params {
		if err := checkpoint.RoundF16(p.Value); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got[i].Value, p.Value) {
			t.Errorf("%s: got %v, want %v", p.Name, got[i].Value, p.Value)
		}
	}
	if want := checkpoint.Digest(Tensors(params)); saved.Digest != want {
		t.Errorf("digest: got %s, want that of the rounded weights, %s", saved.Digest, want)
	}
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if sum, err := f.Digest(); err != nil || sum != saved.Digest {
		t.Errorf("digest of the file: got %s, %v, want %s", sum, err, saved.Digest)
	}
	f.Passport.DType = ""
	if err := f.Fill(got); !errors.Is(err, ErrTensors) {
		t.Errorf("float16 under a passport of float32: got %v, want %v", err, ErrTensors)
	}
	params[0].Value[0] = 1e6
	if _, err := Save(dir, p, "SEQ_CLS", params, nil); !errors.Is(err, checkpoint.ErrOverflow) {
		t.Errorf("1e6: got %v, want %v", err, checkpoint.ErrOverflow)
	}
	p.DType = "BF16"
	if _, err := Save(dir, p, "SEQ_CLS", testParams(), nil); !errors.Is(err, ErrPassport) {
		t.Errorf("writing BF16: got %v, want %v", err, ErrPassport)
	}
}

// TestBF16 reads weights that another program stored as bfloat16.
func TestBF16(t *testing.T) {
	dir := save(t)
	params := []*nn.Param{nn.NewParam("w", 2)}
	head := `{"base_model.model.w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`
	raw := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	raw = append(raw, head...)
	want := []float32{1.5, -0.25}
	for _, v := range want {
		raw = binary.LittleEndian.AppendUint16(raw, uint16(math.Float32bits(v)>>16))
	}
	if err := os.WriteFile(filepath.Join(dir, weightsFile), raw, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.Passport.DType = "BF16"
	if f.Passport.Digest, err = f.Digest(); !errors.Is(err, ErrChanged) {
		t.Errorf("another type: got %v, want %v", err, ErrChanged)
	}
	for range 2 { // the digest, too, is part of what is sealed
		if err := f.Passport.Seal(f.Config); err != nil {
			t.Fatal(err)
		}
		if f.Passport.Digest, err = f.Digest(); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Passport.Seal(f.Config); err != nil {
		t.Fatal(err)
	}
	if err := f.Fill(params); err != nil || !slices.Equal(params[0].Value, want) {
		t.Errorf("got %v, %v, want %v", params[0].Value, err, want)
	}
}
