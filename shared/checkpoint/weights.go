package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
)

// Weights are the open weights of a model folder: one safetensors file, or the shards that an index names. The methods may be called concurrently.
type Weights struct {
	name    string // of the file that stands for all
	files   []*File
	shardOf map[string]int32 // tensor name to index of files; nil: there is one file
}

// OpenWeights opens the weights at the root of fsys: model.safetensors or, where there is none, model.safetensors.index.json and
// all shards that it names. The error is an *Error. The caller closes the result.
//
// A shard's name must be a plain one ending in .safetensors (ErrPath). Index and shards must agree (ErrIndex): every shard is there, every tensor
// lies in the shard that it is mapped to, and the shards hold no other. There may be 1,024 shards and, in
// all of them together, as many tensors (ErrTooManyTensors) and bytes of header (MaxHeader) as in one file.
//
// A folder that has only weights of another format, such as pytorch_model.bin, is ErrFormat; one that has none is fs.ErrNotExist. Links are followed wherever fsys
// follows them: os.Root.FS keeps them inside its folder.
func OpenWeights(fsys fs.FS, opts ...Option) (*Weights, error) {
	f, err := OpenFS(fsys, singleFile, opts...)
	if err == nil {
		return &Weights{name: singleFile, files: []*File{f}}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	limit := settings(opts).maxHeader
	raw, err := readIndex(fsys, limit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noWeights(fsys)
	}
	if err != nil {
		return nil, err
	}
	idx, err := parseIndex(raw)
	if err != nil {
		return nil, inFile(indexFile, err)
	}
	w := &Weights{name: indexFile, shardOf: idx.shardOf}
	for i, name := range idx.shards {
		f, err := OpenFS(fsys, name, append(slices.Clip(opts), MaxHeader(limit))...)
		if err == nil {
			w.files = append(w.files, f)
			limit -= int64(len(f.head.raw))
			err = idx.check(int32(i), f)
		}
		if err != nil {
			w.Close()
			return nil, missingShard(name, err)
		}
	}
	return w, nil
}

// readIndex reads the index file, which is not longer than limit.
func readIndex(fsys fs.FS, limit int64) ([]byte, error) {
	r, size, err := openRegularFS(fsys, indexFile)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if size > limit {
		return nil, &Error{File: indexFile, Err: ErrIndex, Detail: fmt.Sprintf("got %d bytes, want at most %d", size, limit)}
	}
	raw, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, fileError(indexFile, err)
	}
	if other := formatOf(raw[:min(len(raw), magicLength)]); other != "" {
		return nil, &Error{File: indexFile, Err: ErrFormat, Detail: "it is " + other}
	}
	return raw, nil
}

// check compares shard i with the index: it holds the tensors that are mapped to it and no other.
func (x *index) check(i int32, f *File) error {
	for j := range f.head.entries {
		name := f.head.name(&f.head.entries[j])
		switch at, ok := x.shardOf[string(name)]; {
		case !ok:
			return &Error{File: f.name, Tensor: string(name), Err: ErrIndex, Detail: "the index does not map it"}
		case at != i:
			return &Error{File: f.name, Tensor: string(name), Err: ErrIndex, Detail: "the index maps it to " + shorten(x.shards[at])}
		}
	}
	if len(f.head.entries) == x.tensors[i] {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(x.shardOf)) {
		if x.shardOf[name] == i && f.head.find(name) == nil {
			return &Error{File: f.name, Tensor: name, Err: ErrIndex, Detail: "the index maps it to this file, which has no such tensor"}
		}
	}
	return nil
}

// missingShard turns the error for a shard that is not there into one about the index.
func missingShard(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &Error{File: name, Err: ErrIndex, Detail: "the index names it, but there is no such file"}
	}
	return err
}

// Name returns the base name of the file that stands for all: model.safetensors or model.safetensors.index.json.
func (w *Weights) Name() string { return w.name }

// file returns the file that holds the tensor called name, nil if none does.
func (w *Weights) file(name string) *File {
	if w.shardOf == nil {
		return w.files[0]
	}
	i, ok := w.shardOf[name]
	if !ok {
		return nil
	}
	return w.files[i]
}

// Names returns the names of all tensors, file after file in the order in which the index names them, and in each in the order of the data.
func (w *Weights) Names() []string {
	var names []string
	for _, f := range w.files {
		names = append(names, f.Names()...)
	}
	return names
}

// Info describes the tensor called name, or returns ErrMissingTensor.
func (w *Weights) Info(name string) (Info, error) {
	f := w.file(name)
	if f == nil {
		return Info{}, &Error{File: w.name, Tensor: name, Err: ErrMissingTensor}
	}
	return f.Info(name)
}

// Read is File.Read of the file that holds the tensor called name.
func (w *Weights) Read(name string, dst []float32) error {
	f := w.file(name)
	if f == nil {
		return &Error{File: w.name, Tensor: name, Err: ErrMissingTensor}
	}
	return f.Read(name, dst)
}

// Close closes all files.
func (w *Weights) Close() error {
	var first error
	for _, f := range w.files {
		if err := f.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
