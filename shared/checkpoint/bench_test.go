package checkpoint

import (
	"bytes"
	"io"
	"testing"
)

// benchModel is 16 MB of weights.
func benchModel(d DType) []Tensor {
	values := make([]float32, 4<<20)
	for i := range values {
		values[i] = float32(i%2048) / 64
	}
	return []Tensor{{Name: "a", DType: d, Shape: []int{len(values)}, Data: values}}
}

func BenchmarkWrite(b *testing.B) {
	for _, d := range []DType{F32, F16} {
		b.Run(d.String(), func(b *testing.B) {
			model := benchModel(d)
			b.SetBytes(4 * int64(len(model[0].Data)))
			for b.Loop() {
				if err := Write(io.Discard, model, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, d := range []DType{F32, F16} {
		b.Run(d.String(), func(b *testing.B) {
			model := benchModel(d)
			file := fileOf(b, model...)
			dst := make([]float32, len(model[0].Data))
			b.SetBytes(4 * int64(len(dst)))
			for b.Loop() {
				f, err := Parse(bytes.NewReader(file), int64(len(file)))
				if err != nil {
					b.Fatal(err)
				}
				if err := f.Read("a", dst); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDigest(b *testing.B) {
	model := benchModel(F32)
	b.SetBytes(4 * int64(len(model[0].Data)))
	for b.Loop() {
		Digest(model)
	}
}
