package checkpoint

import (
	"bytes"
	"encoding/binary"
)

// convert says how to get a file that is read here.
const convert = "load the model where it was made and save it with transformers' save_pretrained(dir, safe_serialization=True)"

// neverPickle is said of everything that a pickle may be inside of: loading one runs the code that it holds.
const neverPickle = "pickles are never read, because they run code: " + convert

// magicLength is how many bytes formatOf wants to see.
const magicLength = 128

// formatOf names the well-known format that the file beginning with head is of, and what to do about it, "" if it is none.
func formatOf(head []byte) string {
	for _, f := range []struct{ magic, name string }{
		{"\x89HDF\r\n\x1a\n", "an HDF5 file: " + convert},
		{"GGUF", "a GGUF file: take the model's safetensors files instead"},
		{"version https://git-lfs", "a git-lfs pointer, not the file that it stands for: fetch that with git lfs pull"},
		{"\x93NUMPY", "a NumPy .npy array: " + convert},
		{"\x1f\x8b", "gzip data, such as a compressed joblib file: " + neverPickle},
		{"BZh", "bzip2 data, such as a compressed joblib file: " + neverPickle},
		{"\xfd7zXZ\x00", "xz data, such as a compressed joblib file: " + neverPickle},
		{"]\x00\x00", "lzma data, such as a compressed joblib file: " + neverPickle},
		{"x\x01", "zlib data, such as a compressed joblib file: " + neverPickle},
		{"x\x5e", "zlib data, such as a compressed joblib file: " + neverPickle},
		{"x\x9c", "zlib data, such as a compressed joblib file: " + neverPickle},
		{"x\xda", "zlib data, such as a compressed joblib file: " + neverPickle},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.name
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipOf(head)
	case len(head) >= 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5:
		if bytes.Contains(head, []byte("joblib")) {
			return "a joblib file: " + neverPickle
		}
		return "a Python pickle: " + neverPickle
	}
	page := bytes.ToLower(bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n"))
	if bytes.HasPrefix(page, []byte("<!doctype html")) || bytes.HasPrefix(page, []byte("<html")) {
		return "an HTML page, perhaps the message of a server: download the file again"
	}
	return ""
}

// zipOf tells zip archives apart by the name of their first file.
func zipOf(head []byte) string {
	if len(head) >= 30 {
		n := int(binary.LittleEndian.Uint16(head[26:]))
		switch first := head[30:min(len(head), 30+n)]; {
		case bytes.HasSuffix(first, []byte(".npy")):
			return "a NumPy .npz archive: " + convert
		case bytes.HasSuffix(first, []byte("/data.pkl")):
			return "a PyTorch file (.bin, .pt), a zip archive with a pickle: " + neverPickle
		}
	}
	return "a zip archive, such as a PyTorch file (.bin, .pt): " + neverPickle
}
