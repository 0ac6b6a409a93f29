package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"strings"
	"testing"
)

// zipHead is the start of a zip archive whose first file is called name.
func zipHead(flags, name string) string {
	n := string(binary.LittleEndian.AppendUint16(nil, uint16(len(name))))
	return "PK\x03\x04\x00\x00" + flags + strings.Repeat("\x00", 18) + n + "\x00\x00" + name
}

// formats are the first bytes of files of other formats, as their own programs write them, and what the message must say. B37.
var formats = []struct{ about, head, want string }{
	{"torch.save", zipHead("\x08\x08", "pytorch_model/data.pkl"), "PyTorch file"},
	{"torch.jit.save", zipHead("\x08\x08", "jit/data/0"), "zip archive"},
	{"zip with a short length", zipHead("\x00\x00", "x"), "zip archive"},
	{"zip with a name past the start", zipHead("\x00\x00", strings.Repeat("x", 500)), "zip archive"},
	{"empty zip", "PK\x05\x06" + strings.Repeat("\x00", 18), "zip archive"},
	{"cut zip", "PK\x03\x04\x14\x00\x00\x00\x08\x00", "zip archive"},
	{"numpy.savez", "PK\x03\x04-\x00\x00\x00\x00\x00\x00\x00!\x00\xa9\xf6\x9b\x18\xff\xff\xff\xff\xff\xff\xff\xff\x05\x00\x14\x00a.npy\x01\x00\x10\x00", ".npz"},
	{"numpy.save", "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False", ".npy"},
	{"torch.save of old", "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.", "pickle"},
	{"pickle 2", "\x80\x02}q\x00X\x01\x00\x00\x00aq\x01cnumpy._core.multiarray\n_reconstruct\n", "pickle"},
	{"pickle 3", "\x80\x03}q\x00X\x01\x00\x00\x00aq\x01cnumpy._core.multiarray\n_reconstruct\n", "pickle"},
	{"pickle 4", "\x80\x04\x95\x9c\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94\x8c\x16numpy._core.multiarray\x94", "pickle"},
	{"pickle 5", "\x80\x05\x95\x87\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94\x8c\x13numpy._core.numeric\x94", "pickle"},
	{"pickle of None", "\x80\x04N.", "pickle"},
	{"pickle of 256 bytes", "\x80\x04\x95\x00\x01\x00\x00\x00\x00\x00\x00}\x94", "pickle"},
	{"joblib.dump", "\x80\x04\x95\xd7\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94\x8c\x13joblib.numpy_pickle\x94\x8c\x11NumpyArrayWrapper", "joblib"},
	{"joblib, zlib 1", "x\x01k`\x99z\x9d\x01\x02j\xa7\xf40&N\xe9\x11", "joblib"},
	{"joblib, zlib 3", "x^k`\x99z\x9d\x01\x02j\xa7\xf40&N\xe9\x11", "joblib"},
	{"joblib, zlib 6", "x\x9cM\x8e?\x8b\xc2@\x10\xc5\x13\xff\xa0\x08\xc2", "joblib"},
	{"joblib, zlib 9", "x\xdaM\x8e?\x8b\xc2@\x10\xc5\x13\xff\xa0\x08\xc2", "joblib"},
	{"joblib, gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03k`\x99z\x9d\x01", "joblib"},
	{"joblib, bzip2", "BZh31AY&SY\xefW\xb2)\x00\x00W\xff\xe2\xfe", "joblib"},
	{"joblib, xz", "\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F\x02\x00!\x01", "joblib"},
	{"joblib, lzma", "]\x00\x00@\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00@\x01", "joblib"},
	{"GGUF", "GGUF\x03\x00\x00\x00\x1f\x01\x00\x00\x00\x00\x00\x00", "GGUF"},
	{"GGUF with 123 tensors", "GGUF\x03\x00\x00\x00{\x00\x00\x00\x00\x00\x00\x00", "GGUF"},
	{"HDF5", "\x89HDF\r\n\x1a\n\x00\x00\x00\x00\x00\x08\x08\x00", "HDF5"},
	{"HTML", "<!DOCTYPE html><html></html>", "HTML"},
	{"HTML in small letters, after a byte order mark", "\xef\xbb\xbf\r\n <!doctype HTML>\n", "HTML"},
	{"HTML without a doctype", "<html lang=en>", "HTML"},
	{"git-lfs pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull"},
}

func TestFormats(t *testing.T) {
	for _, f := range formats {
		for _, more := range []int{0, 64, 5000} { // bytes that follow
			data := append([]byte(f.head), bytes.Repeat([]byte("\xb7"), more)...)
			for file, files := range map[string]map[string][]byte{
				singleFile: {singleFile: data},
				shard2:     with(twoShards(), shard2, data),
				indexFile:  {indexFile: data},
			} {
				err := openAll(t, newMemFS(files))
				if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), f.want) || len(err.Error()) > 300 {
					t.Errorf("%s and %d bytes as %s: got %v, want %v that says %q", f.about, more, file, err, ErrFormat, f.want)
				}
			}
		}
	}
}

// TestFormatsNotGuessed holds that a damaged safetensors file isn't taken for another format whose magic bytes its header length spells.
func TestFormatsNotGuessed(t *testing.T) {
	for _, length := range []uint64{0x0280, 0x0480, 0x5e78, 0x9c78, 0x8b1f} {
		header := "{" + f32("a", 0, 4) + "}"
		header += strings.Repeat(" ", int(length)-len(header))
		whole := rawFile(header, 16)
		if err := openAll(t, newMemFS(map[string][]byte{singleFile: whole})); err != nil {
			t.Errorf("header of %d bytes: %v", length, err)
		}
		if err := openAll(t, newMemFS(map[string][]byte{singleFile: whole[:100]})); !errors.Is(err, ErrInvalidHeaderLength) {
			t.Errorf("header of %d bytes, cut: got %v, want %v", length, err, ErrInvalidHeaderLength)
		}
	}
}

// TestForeignFolders: a folder whose weights are of another format says which file that is and what to do.
func TestForeignFolders(t *testing.T) {
	const pickles = "pickles are never read"
	tests := []struct {
		names []string
		found string // named in the message
		says  string
	}{
		{[]string{"pytorch_model.bin"}, "pytorch_model.bin", pickles},
		{[]string{"optimizer.pt", "pytorch_model.bin", "training_args.bin"}, "pytorch_model.bin", pickles},
		{[]string{"pytorch_model-00001-of-00002.bin", "pytorch_model.bin.index.json"}, "pytorch_model-00001-of-00002.bin", pickles},
		{[]string{"weights.pt"}, "weights.pt", pickles},
		{[]string{"a.pth"}, "a.pth", pickles},
		{[]string{"last.ckpt"}, "last.ckpt", pickles},
		{[]string{"model.pkl"}, "model.pkl", pickles},
		{[]string{"model.joblib"}, "model.joblib", pickles},
		{[]string{"tf_model.h5"}, "tf_model.h5", "HDF5"},
		{[]string{"flax_model.msgpack"}, "flax_model.msgpack", "Flax"},
		{[]string{"model.onnx"}, "model.onnx", "ONNX"},
		{[]string{"model.Q4_0.gguf"}, "model.Q4_0.gguf", "GGUF"},
		{[]string{"weights.npz"}, "weights.npz", "NumPy"},
	}
	for _, tt := range tests {
		files := map[string][]byte{"config.json": []byte("{}"), "README.md": nil}
		for _, name := range tt.names {
			files[name] = []byte("x")
		}
		err := openAll(t, newMemFS(files))
		if e := (*Error)(nil); !errors.As(err, &e) || !errors.Is(err, ErrFormat) || e.File != tt.found ||
			!strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "safetensors") || len(err.Error()) > 300 {
			t.Errorf("%q: got %v, want %v that names %s and says %q", tt.names, err, ErrFormat, tt.found, tt.says)
		}
	}
	for _, names := range [][]string{{"config.json"}, {"onnx/model.onnx"}, {"a\x1b[2J.bin"}, {"model.fp16.safetensors", "pytorch_model.bin"}} {
		files := map[string][]byte{}
		for _, name := range names {
			files[name] = []byte("x")
		}
		err := openAll(t, newMemFS(files))
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), singleFile) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: got %v, want %v that names %s", names, err, fs.ErrNotExist, singleFile)
		}
		if strings.HasSuffix(names[0], extension) && !strings.Contains(err.Error(), names[0]) {
			t.Errorf("%q: %v does not name what is there", names, err)
		}
	}
}
