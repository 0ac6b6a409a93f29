package checkpoint_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

func temporary() string {
	dir, err := os.MkdirTemp("", "checkpoint")
	if err != nil {
		panic(err)
	}
	return dir
}

func ExampleSave() {
	dir := temporary()
	defer os.RemoveAll(dir)
	weights := []checkpoint.Tensor{
		{Name: "head.weight", Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}},
		{Name: "head.bias", Shape: []int{2}, Data: []float32{0.5, -0.5}},
	}
	model := filepath.Join(dir, "model")
	err := checkpoint.Save(model, func(d *checkpoint.Dir) error {
		if err := d.WriteFile("config.json", []byte(`{"labels": 2}`)); err != nil {
			return err
		}
		return d.WriteTensors("model.safetensors", weights, nil)
	})
	fmt.Println(err)
	back, _, err := checkpoint.ReadFile(filepath.Join(model, "model.safetensors"))
	fmt.Println(checkpoint.Digest(back) == checkpoint.Digest(weights), err)
	// Output:
	// <nil>
	// true <nil>
}

func ExampleOpen() {
	dir := temporary()
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.safetensors")
	w, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	err = checkpoint.Write(w, []checkpoint.Tensor{
		{Name: "w", DType: checkpoint.F16, Shape: []int{2, 2}, Data: []float32{1, 0.5, 0.25, 0.1}},
	}, map[string]string{"format": "pt"})
	if err := errors.Join(err, w.Close()); err != nil {
		panic(err)
	}

	f, err := checkpoint.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	info, err := f.Info("w")
	fmt.Println(info.DType, info.Shape, err)
	values := make([]float32, info.Count)
	fmt.Println(f.Read("w", values), values)
	fmt.Println(f.Read("v", values))
	// Output:
	// F16 [2 2] <nil>
	// <nil> [1 0.5 0.25 0.099975586]
	// checkpoint: model.safetensors: tensor "v": missing tensor
}

func ExampleOpenWeights() {
	w, err := checkpoint.OpenWeights(os.DirFS("testdata/shards/BF16/shards"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	info, err := w.Info("embeddings.word_embeddings.weight")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.Name(), len(w.Names()), info.File, info.DType, info.Shape)
	values := make([]float32, info.Count)
	fmt.Println(w.Read(info.Name, values), values[0])
	// Output:
	// model.safetensors.index.json 23 model-00001-of-00002.safetensors BF16 [16 8]
	// <nil> 0.28515625
}

func ExampleWrite() {
	bad := []checkpoint.Tensor{{Name: "w", Shape: []int{3}, Data: []float32{1, 2}}}
	err := checkpoint.Write(os.Stdout, bad, nil)
	fmt.Println(errors.Is(err, checkpoint.ErrShape))
	fmt.Println(err)
	// Output:
	// true
	// checkpoint: tensor "w": invalid shape: [3] holds 3 values, got 2
}

func ExampleLockFile() {
	dir := temporary()
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "lock")
	lock, err := checkpoint.LockFile(path)
	fmt.Println(err)
	_, err = checkpoint.LockFile(path)
	fmt.Println(err)
	fmt.Println(lock.Unlock())
	// Output:
	// <nil>
	// checkpoint: lock lock: in use by another process
	// <nil>
}

func ExampleWriteFile() {
	dir := temporary()
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "new", "note.txt")
	fmt.Println(checkpoint.WriteFile(path, []byte("old")))
	fmt.Println(checkpoint.WriteFile(path, []byte("new")))
	data, err := os.ReadFile(path)
	fmt.Printf("%s %v\n", data, err)
	// Output:
	// <nil>
	// <nil>
	// new <nil>
}
