package hub_test

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/hub"
	"github.com/fmkit/fmkit/shared/hub/hubtest"
)

func temporary() string {
	dir, err := os.MkdirTemp("", "hub")
	if err != nil {
		panic(err)
	}
	return dir
}

// exampleHub is a hub on this machine with one model, and the environment that leads to it. A program gives os.Getenv to New.
func exampleHub(cache string) (h *hubtest.Hub, env func(string) string) {
	h = hubtest.New()
	h.Commit("org/model", "main", map[string][]byte{
		"config.json": []byte("{}"), "model.safetensors": []byte("weights"), "tokenizer.json": []byte("{}"), "pytorch_model.bin": []byte("a pickle"),
	})
	settings := map[string]string{"HF_ENDPOINT": h.URL, "HF_HOME": cache}
	return h, func(name string) string { return settings[name] }
}

func ExampleClient_Pull() {
	dir := temporary()
	defer os.RemoveAll(dir)
	h, env := exampleHub(dir)
	defer h.Close()

	c := hub.New(env)
	s, err := c.Pull(context.Background(), "org/model")
	if err != nil {
		panic(err)
	}
	for _, f := range s.Files {
		fmt.Println(f.Name, f.Size)
	}
	again, err := c.Pull(context.Background(), s.Name) // org/model@commit: the cache has it
	fmt.Println(again.Dir == s.Dir, err)
	_, err = c.Pull(context.Background(), "org/modell")
	fmt.Println(errors.Is(err, hub.ErrRepository))
	// Output:
	// tokenizer.json 2
	// model.safetensors 7
	// config.json 2
	// true <nil>
	// true
}

func ExampleClient_Resolve() {
	dir := temporary()
	defer os.RemoveAll(dir)
	h, env := exampleHub(dir)
	defer h.Close()

	c := hub.New(env)
	s, err := c.Resolve(context.Background(), dir) // a folder is itself
	fmt.Println(s.Dir == dir, err)
	s, err = c.Resolve(context.Background(), "org/model")
	fmt.Println(s.Name, err)
	_, err = c.Resolve(context.Background(), "my model")
	fmt.Println(err)
	// Output:
	// true <nil>
	// org/model@3f8314b2a71a183fd6a13e10a895ed0adc8ca6bf <nil>
	// hub: not the name of a model: "my model" is neither a folder nor org/name or org/name@revision
}

func ExampleSnapshot_CopyTo() {
	dir := temporary()
	defer os.RemoveAll(dir)
	h, env := exampleHub(dir)
	defer h.Close()

	s, err := hub.New(env).Pull(context.Background(), "org/model")
	if err != nil {
		panic(err)
	}
	model := filepath.Join(dir, "model")
	fmt.Println(s.CopyTo(context.Background(), model))
	raw, err := os.ReadFile(filepath.Join(model, "model.safetensors"))
	fmt.Println(string(raw), err)
	// Output:
	// <nil>
	// weights <nil>
}

func ExampleFromArchive() {
	dir := temporary()
	defer os.RemoveAll(dir)
	wheel := filepath.Join(dir, "package.whl")
	f, err := os.Create(wheel)
	if err != nil {
		panic(err)
	}
	w := zip.NewWriter(f)
	for _, name := range []string{"package/__init__.py", "package/model/config.json", "package/model/model.safetensors"} {
		if _, err := w.Create(name); err != nil {
			panic(err)
		}
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		panic(err)
	}

	s, err := hub.FromArchive(context.Background(), wheel, filepath.Join(dir, "model"), hub.ArchiveOptions{})
	fmt.Println(s.Files, err)
	// Output:
	// [{model.safetensors 0} {config.json 0}] <nil>
}
