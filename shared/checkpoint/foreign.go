package checkpoint

import (
	"fmt"
	"io/fs"
	"path"
)

// foreign are names of weight files of other formats, the likeliest first.
var foreign = []struct{ pattern, why string }{
	{"pytorch_model*.bin", neverPickle},
	{"*.pt", neverPickle},
	{"*.pth", neverPickle},
	{"*.ckpt", neverPickle},
	{"*.bin", neverPickle},
	{"*.pkl", neverPickle},
	{"*.joblib", neverPickle},
	{"*.h5", "HDF5 files are not read: " + convert},
	{"*.msgpack", "Flax files are not read: " + convert},
	{"*.onnx", "ONNX files are not read: take the model that it was exported from, or " + convert},
	{"*.gguf", "GGUF files are not read: take the model's safetensors files instead"},
	{"*.npz", "NumPy files are not read: " + convert},
}

// noWeights is the error for a folder without the files that OpenWeights wants. It names what is there instead.
func noWeights(fsys fs.FS) error {
	missing := &Error{File: singleFile, Err: fs.ErrNotExist, Detail: "there is no " + indexFile + " either"}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return missing
	}
	find := func(pattern string) string {
		for _, e := range entries {
			if ok, _ := path.Match(pattern, e.Name()); ok && plainName(e.Name()) && !e.IsDir() {
				return e.Name()
			}
		}
		return ""
	}
	if name := find("*" + extension); name != "" {
		missing.Detail = fmt.Sprintf("there is no %s either, only %s", indexFile, shorten(name))
		return missing
	}
	for _, f := range foreign {
		if name := find(f.pattern); name != "" {
			return &Error{File: shorten(name), Err: ErrFormat, Detail: fmt.Sprintf("the folder has no %s, and %s", singleFile, f.why)}
		}
	}
	return missing
}
